"""Reads a journal from any place in it, while it is written too."""

import json
import os
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

from tracker.errors import TrackerError
from tracker.journal.entries import VERSION, Entry, entry_of

CHUNK_BYTES = 1024**2


class NoJournal(TrackerError):
    """A folder without a journal that can be read."""


class Place(NamedTuple):
    """How far one has read: the number of the last entry, and the offset in bytes behind it."""

    number: int
    offset: int


class Read(NamedTuple):
    """An entry, None for a damaged line, and the place behind it."""

    entry: Entry | None
    end: Place


class JournalReader:
    """A journal's header, and its entries from any place. A torn line at the end is not there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            self._file = open(folder / "journal", "rb", buffering=0)  # noqa: SIM115 - open for long
        except OSError as error:
            raise NoJournal(f"{folder} holds no journal that can be read ({error.strerror}).") from None
        first = next(self._lines(0), (b"", 0))
        header = entry_of(first[0])
        if header is None or header.get("journal") != VERSION:
            self.close()
            version = (header or {}).get("journal")
            told = f"of format {version}, which this release can't read" if version else "damaged from its first line"
            raise NoJournal(f"The journal in {folder} is {told}.")
        self.header: Entry = header
        self.start = Place(0, first[1])
        #: Behind what was given back to the file system; the start where nothing was.
        self.first = _begin_of(folder) or self.start

    def close(self) -> None:
        """Give back the handle."""
        self._file.close()

    @property
    def size(self) -> int:
        """Its bytes, up to now.

        Errors: ValueError once it is closed.
        """
        return os.fstat(self._file.fileno()).st_size

    def entries(self, place: Place, holding: Collection[bytes] = (b"",)) -> Iterator[Read]:
        """What lies behind a place, in order, as far as whole lines go; lines that hold none of these come empty."""
        number = place.number
        for line, end in self._lines(place.offset):
            number += 1
            yield Read(entry_of(line) if any(word in line for word in holding) else {}, Place(number, end))

    def count(self, place: Place) -> int:
        """How many entries lie behind a place."""
        return sum(1 for _ in self._lines(place.offset))

    def begin_at(self, place: Place) -> None:
        """What lies before is not needed any more."""
        beside = self.folder / "begins.new"
        beside.write_text(json.dumps(place._asdict()))
        os.replace(beside, self.folder / "begins")
        self.first = place

    def place_of(self, number: int) -> Place:
        """The place behind an entry; behind the last one where there are fewer, before the first one that is left."""
        place = self.first
        for _, end in self._lines(self.first.offset):
            if place.number >= number:
                break
            place = Place(place.number + 1, end)
        return place

    def _lines(self, offset: int) -> Iterator[tuple[bytes, int]]:
        """Whole lines from an offset on, with the offset behind each."""
        rest = b""
        while True:
            chunk = os.pread(self._file.fileno(), CHUNK_BYTES, offset + len(rest))
            if not chunk:
                return
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                offset += len(line) + 1
                yield line, offset


def _begin_of(folder: Path) -> Place | None:
    try:
        fields = json.loads((folder / "begins").read_text())
        return Place(int(fields["number"]), int(fields["offset"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
