"""Appends to a journal: one `write` to the operating system an entry, made before the call returns."""

import errno
import json
import os
import shutil
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tracker.errors import JournalFull, RunEnded
from tracker.journal import locks
from tracker.journal.entries import VERSION, line_of
from tracker.notices import counted, warn

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class JournalWriter:
    """The journal of one run in one process. Any thread may append; none waits for another."""

    def __init__(self, folder: Path, header: dict[str, Any]) -> None:
        self.folder = folder
        self.is_closed = False
        #: Whether all journals together have reached their limit (tracker/journal/shelf.py looks now and then).
        self.is_full = False
        self.dropped = 0
        #: How many files were copied in.
        self.files_taken = 0
        self._is_torn = False
        self._repair = threading.RLock()
        (folder / "files").mkdir(parents=True, mode=0o700)
        # Whoever looks whether the writer lives holds the lock for an instant.
        (folder / "lock").touch(0o600)
        self._lock = locks.take(folder / "lock", wait=True)
        self._file = open(folder / "journal", "xb", buffering=0, opener=_appending)  # noqa: SIM115 - open for long
        self._write = self._file.write
        self.append(json.dumps({"journal": VERSION} | header))

    def append(self, text: str) -> None:
        """Add an entry, given as JSON in ASCII. What can't be written is counted, and said."""
        line = line_of(text)
        if self.is_full or self._is_torn:
            self._append_with_care(line)
            return
        # Several threads may be here at once, and a signal's handler within one: the system appends each line whole.
        try:
            written = self._write(line)
        except (OSError, ValueError) as error:
            self._fail(error)
            return
        if written < len(line):
            self._finish(line[written:])

    def take_file(self, source: Path) -> tuple[str, int]:
        """Copy a file into the journal: its name there, and its size in bytes.

        Errors: JournalFull; OSError for a file that can't be read.
        """
        if self.is_full:
            raise JournalFull(self._refusal())
        name, place = self._next_file()
        try:
            shutil.copyfile(source, place)
        except OSError as error:
            place.unlink(missing_ok=True)
            if error.errno in _FULL:
                raise JournalFull(f"The disk of the journal {self.folder} is full: {source} was not logged.") from None
            raise
        return name, place.stat().st_size

    def take_content(self, content: bytes) -> tuple[str, int]:
        """Keep bytes as a file of the journal: its name there, and its size.

        Errors: JournalFull.
        """
        if self.is_full:
            raise JournalFull(self._refusal())
        name, place = self._next_file()
        try:
            place.write_bytes(content)
        except OSError as error:
            place.unlink(missing_ok=True)
            if error.errno in _FULL:
                raise JournalFull(f"The disk of the journal {self.folder} is full: the file was not logged.") from None
            raise
        return name, len(content)

    def move_files(self, sources: Iterable[Path]) -> list[tuple[str, int]]:
        """Move files that lie below the journal's folder into the journal: their names there, and sizes in bytes.

        Errors: JournalFull; then none is kept.
        """
        if self.is_full:
            raise JournalFull(self._refusal())
        moved = []
        for source in sources:
            name, place = self._next_file()
            moved.append((name, source.stat().st_size))
            os.replace(source, place)
        return moved

    def close(self) -> None:
        """Nothing more will be said here; the lock is kept until `release`."""
        self.is_closed = True

    def release(self) -> None:
        """Give back what the system holds for it."""
        self.is_closed = True
        self._file.close()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _next_file(self) -> tuple[str, Path]:
        with self._repair:
            self.files_taken += 1
            name = f"{self.files_taken:06}"
        return name, self.folder / "files" / name

    def _append_with_care(self, line: bytes) -> None:
        """After something went wrong: end a torn line first, so that it spoils no other."""
        if self.is_full:
            self._drop(self._refusal())
            return
        with self._repair:
            torn = self._is_torn
            self._is_torn = False
            self._finish(b"\n" + line if torn else line)

    def _finish(self, rest: bytes) -> None:
        """Write all of it, in as many pieces as it takes."""
        while rest:
            try:
                rest = rest[self._write(rest) :]
            except (OSError, ValueError) as error:
                self._is_torn = True
                self._fail(error)
                return

    def _fail(self, error: Exception) -> None:
        if self.is_closed:
            raise RunEnded("The run has ended in this process; nothing more can be logged to it.") from None
        self._drop(f"The journal {self.folder} can't be written ({error}).")

    def _drop(self, reason: str) -> None:
        self.dropped += 1
        if self.dropped in {1, 10, 100} or self.dropped % 1000 == 0:
            warn(f"{reason} {counted(self.dropped, 'call')} so far not kept.")

    def _refusal(self) -> str:
        return (
            f"The journals in {self.folder.parent} have reached TRACKER_JOURNAL_LIMIT: deliver them (tracker sync), or "
            "allow more."
        )


def _appending(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_APPEND | getattr(os, "O_CLOEXEC", 0), 0o600)


class Nowhere:
    """The journal of a process that does not log, such as rank 3 of a training in eight processes."""

    folder = Path(os.devnull)
    is_closed = False
    dropped = files_taken = 0

    def append(self, text: str) -> None:
        """Nothing."""

    def take_file(self, source: Path) -> tuple[str, int]:
        """Nothing."""
        return "", 0

    def take_content(self, content: bytes) -> tuple[str, int]:
        """Nothing."""
        return "", 0

    def move_files(self, sources: Iterable[Path]) -> list[tuple[str, int]]:
        """Nothing."""
        return []

    def close(self) -> None:
        """Nothing."""

    def release(self) -> None:
        """Nothing."""
