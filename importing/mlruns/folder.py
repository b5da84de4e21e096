"""A folder that somebody else wrote: its links lead nowhere, and what is no file is not opened."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO

from importing.found import Stamp, Unreadable
from importing.reporting import Report

_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
MAX_DEPTH = 100


@dataclass(frozen=True)
class PlainFile:
    """A file in a folder. `name` is its path below the folder that was asked, joined by `/`."""

    name: str
    path: Path
    place: str
    size: int
    mtime_ns: int

    @property
    def stamp(self) -> Stamp:
        """How it stands."""
        return [self.size, self.mtime_ns]

    def open(self) -> IO[bytes]:
        """Its content, if it is a file still.

        Errors: Unreadable.
        """
        try:
            handle = os.open(self.path, _FLAGS)
        except OSError as error:
            raise Unreadable(f"It can't be opened: {error.strerror}.") from None
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise Unreadable("It is no file.")
        return os.fdopen(handle, "rb")

    def read(self, limit: int) -> bytes:
        """All of it.

        Errors: Unreadable when it is longer than `limit` bytes.
        """
        if self.size > limit:
            raise Unreadable(f"It has {self.size:,} bytes; {limit:,} are read at most.")
        with self.open() as file:
            content = file.read(limit + 1)
        if len(content) > limit:
            raise Unreadable(f"It grew beyond {limit:,} bytes while it was read.")
        return content


class Folder:
    """A folder. `place` is its path from the root of the import, for the report."""

    def __init__(self, path: Path, place: str, report: Report) -> None:
        self.path, self.place, self._report = path, place, report

    @property
    def name(self) -> str:
        """Its own name."""
        return self.path.name

    def place_of(self, name: str) -> str:
        """Where something in it lies, for the report."""
        return f"{self.place}/{name}" if self.place else name

    def folder(self, name: str) -> "Folder | None":
        """A folder in it; None when there is none."""
        return self._folders.get(name)

    def folders(self) -> list["Folder"]:
        """The folders in it, by name."""
        return list(self._folders.values())

    @cached_property
    def _folders(self) -> dict[str, "Folder"]:
        return {
            entry.name: Folder(Path(entry.path), self.place_of(entry.name), self._report)
            for entry in self._entries()
            if entry.is_dir(follow_symlinks=False)
        }

    def file(self, name: str) -> PlainFile | None:
        """A file right in it; None when there is none."""
        path = self.path / name
        try:
            told = path.lstat()
        except OSError:
            return None
        if not stat.S_ISREG(told.st_mode):
            self._report.refuse(self.place_of(name), "It is a link, or no file: left out.")
            return None
        return PlainFile(name, path, self.place_of(name), told.st_size, told.st_mtime_ns)

    def files(self) -> Iterator[PlainFile]:
        """All files below it, however deep, by name. Links and what is no file are reported, and left out."""
        waiting: list[tuple[str, Folder, int]] = [("", self, 0)]
        while waiting:
            prefix, folder, depth = waiting.pop()
            if depth > MAX_DEPTH:
                self._report.refuse(folder.place, f"It is nested deeper than {MAX_DEPTH} folders: left out.")
                continue
            for entry in folder._entries():
                if entry.is_dir(follow_symlinks=False):
                    below = Folder(Path(entry.path), folder.place_of(entry.name), self._report)
                    waiting.append((f"{prefix}{entry.name}/", below, depth + 1))
                elif entry.is_file(follow_symlinks=False):
                    told = entry.stat(follow_symlinks=False)
                    place = folder.place_of(entry.name)
                    path = Path(entry.path)
                    yield PlainFile(f"{prefix}{entry.name}", path, place, told.st_size, told.st_mtime_ns)

    def _entries(self) -> list["os.DirEntry[str]"]:
        """What lies in it, sorted, without what is left out."""
        try:
            with os.scandir(self.path) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError as error:
            self._report.refuse(self.place, f"It can't be read: {error.strerror}.")
            return []
        return [entry for entry in entries if self._is_plain(entry)]

    def _is_plain(self, entry: "os.DirEntry[str]") -> bool:
        place = self.place_of(entry.name)
        if not _is_text(entry.name):
            self._report.refuse(ascii(place), "Its name is no UTF-8: left out. Rename it, and import again.")
            return False
        if entry.is_symlink():
            self._report.refuse(place, "It is a link: left out. Import what it leads to by itself.")
            return False
        if not (entry.is_dir(follow_symlinks=False) or entry.is_file(follow_symlinks=False)):
            self._report.refuse(place, "It is neither file nor folder: left out.")
            return False
        return True


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
