"""The folder that the processes of one server share; those of servers that were killed go when the next one starts."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tracker.journal import locks

_PREFIX, _LOCK = "tracker-serving-", "lock"
#: Within which a server has locked its new folder.
_NEW_SECONDS = 60


@contextmanager
def folder() -> Iterator[Path]:
    """A folder that is there as long as the server is."""
    _sweep()
    with tempfile.TemporaryDirectory(prefix=_PREFIX) as name:
        place = Path(name) / _LOCK
        place.touch()
        lock = locks.take(place)
        try:
            yield Path(name)
        finally:
            if lock is not None:
                os.close(lock)


def _sweep() -> None:
    """Remove the folders of this user that no process holds: the system gives a lock back, however its holder dies."""
    if os.name == "nt":
        # No locks there.
        return
    for left in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if _is_ours(left) and _is_let_go(left):
                shutil.rmtree(left, ignore_errors=True)


def _is_ours(left: Path) -> bool:
    return left.is_dir() and not left.is_symlink() and left.stat().st_uid == os.getuid()


def _is_let_go(left: Path) -> bool:
    if left.stat().st_mtime > time.time() - _NEW_SECONDS:
        return False
    place = left / _LOCK
    lock = locks.take(place) if place.exists() else -1
    if lock is None:
        return False
    if lock >= 0:
        os.close(lock)
    return True
