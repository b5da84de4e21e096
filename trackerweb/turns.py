"""Turns of writers: one at a time, over all threads and all processes that work on one file."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from django.db import OperationalError

try:
    import fcntl
except ImportError:  # Windows: processes meet at SQLite's own lock there
    fcntl = None  # type: ignore[assignment]

#: How often a lock that another process holds is tried.
_POLL_SECONDS = 0.001


class Turns:
    """Turns at the database file `place`; of threads alone for None. Nested turns of one thread are one.

    Threads wait fairly. Of processes, the one that waits holds the door (`-next`), so that a busy one that just had its
    turn can't take the next before it: two locks, a few microseconds when nobody else is there.
    """

    def __init__(self, place: Path | None) -> None:
        self._place = place if fcntl is not None else None
        self._threads, self._depth = threading.RLock(), 0
        self._locks: tuple[IO[bytes], IO[bytes]] | None = None
        if hasattr(os, "register_at_fork"):
            # A lock belongs to the open file, which a forked process would share with its parent: both would have it.
            os.register_at_fork(after_in_child=self._forget)

    def _forget(self) -> None:
        self._locks = None

    @contextmanager
    def turn(self, patience_seconds: float) -> Iterator[None]:
        """Wait for a turn, and have it while inside.

        Errors: OperationalError when another process does not end its own in time.
        """
        with self._threads:
            if not self._depth:
                self._enter(time.monotonic() + patience_seconds)
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                if not self._depth:
                    self._leave()

    def _enter(self, deadline: float) -> None:
        if self._place is None:
            return
        if self._locks is None:
            self._locks = _open(self._place, "-next"), _open(self._place, "-turn")
        door, room = self._locks
        _lock(door, deadline)
        try:
            _lock(room, deadline)
        finally:
            fcntl.flock(door, fcntl.LOCK_UN)

    def _leave(self) -> None:
        if self._locks is not None:
            fcntl.flock(self._locks[1], fcntl.LOCK_UN)


def _open(place: Path, end: str) -> IO[bytes]:
    return place.with_name(place.name + end).open("ab")


def _lock(file: IO[bytes], deadline: float) -> None:
    while True:
        with suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        if time.monotonic() > deadline:
            raise OperationalError("database is locked")
        time.sleep(_POLL_SECONDS)
