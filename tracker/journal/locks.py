"""A lock that the operating system gives back when its holder dies, however it dies."""

import os
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows: an open file can't be deleted there, which tells the living from the dead well enough
    fcntl = None  # type: ignore[assignment]


def take(place: Path, wait: bool = False) -> int | None:
    """Hold a lock file until the answer is closed; None when another process holds it, unless told to wait for it.

    Errors: OSError where there is no such file that may be written.
    """
    handle = os.open(place, os.O_RDWR | getattr(os, "O_CLOEXEC", 0))
    if fcntl is not None:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            return None
    return handle
