"""Temporary folders for as long as somebody works in them: what a killed process left is deleted by the next one."""

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows: what is left there stays
    fcntl = None  # type: ignore[assignment]

#: A folder is there for a moment before its process holds it.
_SETTLED_SECONDS = 60.0
#: Handles that are open as long as this process works in a folder.
_held: dict[Path, int] = {}


def new(prefix: str) -> Path:
    """An empty folder whose name begins so, with a real path. Folders with such names that dead processes of this user
    left are deleted.
    """
    _delete_left(prefix)
    made = Path(os.path.realpath(tempfile.mkdtemp(prefix=prefix)))
    handle = _hold(made)
    if handle is not None:
        _held[made] = handle
    return made


@contextlib.contextmanager
def folder(prefix: str) -> Iterator[Path]:
    """A new folder that is there as long as one is inside."""
    held = new(prefix)
    try:
        yield held
    finally:
        delete(held)


def delete(folder: Path) -> None:
    """Delete a folder of this process; one that is gone is no error."""
    shutil.rmtree(folder, ignore_errors=True)
    if (handle := _held.pop(folder, None)) is not None:
        os.close(handle)


def _delete_left(prefix: str) -> None:
    if fcntl is None:
        return
    for left in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        with contextlib.suppress(OSError):
            _delete_if_left(left)


def _delete_if_left(left: Path) -> None:
    told = left.lstat()
    if told.st_uid != os.getuid() or time.time() - told.st_mtime < _SETTLED_SECONDS:
        return
    if (handle := _hold(left)) is not None:
        shutil.rmtree(left, ignore_errors=True)
        os.close(handle)


def _hold(folder: Path) -> int | None:
    """A handle that no other process has until it is closed, or until this process is gone.

    Errors: OSError for what is no folder, or a link.
    """
    if fcntl is None:
        return None
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle
