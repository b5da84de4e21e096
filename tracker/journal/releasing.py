"""Gives the delivered beginning of a journal back to the file system, while the journal is still written."""

import ctypes
import os
import sys

from tracker.journal.reading import JournalReader, Place

#: Not worth a call for less.
LEAST_BYTES = 16 * 1024**2
_BLOCK = 4096
#: Of linux/falloc.h: make a hole, and let the size be.
_PUNCH_HOLE, _KEEP_SIZE = 0x02, 0x01


def release(journal: JournalReader, delivered: Place) -> None:
    """Make a hole of what lies before a place. Where the system can't (it is not Linux, say), all stays as it is."""
    start = _up(journal.start.offset)
    end = delivered.offset // _BLOCK * _BLOCK
    if not sys.platform.startswith("linux") or end - max(start, journal.first.offset) < LEAST_BYTES:
        return
    # First the place from which on there is something to read, then the hole.
    journal.begin_at(delivered)
    handle = os.open(journal.folder / "journal", os.O_WRONLY | os.O_CLOEXEC)
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        libc.fallocate(handle, _PUNCH_HOLE | _KEEP_SIZE, ctypes.c_longlong(start), ctypes.c_longlong(end - start))
    finally:
        os.close(handle)


def _up(offset: int) -> int:
    return -(-offset // _BLOCK) * _BLOCK
