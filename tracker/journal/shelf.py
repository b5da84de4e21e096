"""The folder of all journals of a user: which there are, whether their writers live, how much disk they take."""

import contextlib
import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tracker.journal import locks

_REFUSED = ("refused", "refused-files")


@dataclass(frozen=True)
class Shelved:
    """A journal that is there. `is_open` says that the process that writes it lives."""

    folder: Path
    is_open: bool


def folder_for(root: Path, run_id: str, writer: str) -> Path:
    """Where the journal of one run in one process lies."""
    return root / f"{run_id[:100]}.{writer}"


def journals(root: Path) -> list[Shelved]:
    """The journals in a folder, oldest first; the folder may be a journal itself."""
    if (root / "journal").is_file():
        return [Shelved(root, _is_open(root))]
    if not root.is_dir():
        return []
    folders = sorted(
        (entry for entry in root.iterdir() if (entry / "journal").is_file()),
        key=lambda folder: (folder.stat().st_mtime, folder.name),
    )
    return [Shelved(folder, _is_open(folder)) for folder in folders]


def of_runs(root: Path, run_ids: Iterable[str]) -> list[Shelved]:
    """The journals of some runs."""
    names = {run_id[:100] for run_id in run_ids}
    return [shelved for shelved in journals(root) if shelved.folder.name.rpartition(".")[0] in names]


@contextlib.contextmanager
def held(folder: Path) -> Iterator[bool]:
    """Take a journal's lock while inside; False when the process that writes it lives."""
    handle = _take(folder)
    try:
        yield handle is not None
    finally:
        if handle is not None:
            os.close(handle)


def remove(folder: Path) -> None:
    """Delete a journal that was delivered; what the server refused stays. One that is gone is no error."""
    # The journal itself first: without it the rest means nothing, whenever this is cut short.
    (folder / "journal").unlink(missing_ok=True)
    shutil.rmtree(folder / "files", ignore_errors=True)
    for name in ("sent.entries", "sent.files", "begins", "lock"):
        (folder / name).unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        folder.rmdir()


def refused(root: Path) -> list[Path]:
    """The folders that hold what the server would not take."""
    if not root.is_dir():
        return []
    return sorted(folder for folder in root.iterdir() if any((folder / name).exists() for name in _REFUSED))


def usage_bytes(root: Path) -> int:
    """What the journals take on the disk, holes not counted."""
    total = 0
    for folder, _, names in os.walk(root):
        for name in names:
            with contextlib.suppress(OSError):
                status = os.lstat(os.path.join(folder, name))
                total += min(status.st_size, getattr(status, "st_blocks", status.st_size) * 512)
    return total


def _is_open(folder: Path) -> bool:
    handle = _take(folder)
    if handle is None:
        return True
    os.close(handle)
    return False


def _take(folder: Path) -> int | None:
    try:
        return locks.take(folder / "lock")
    except OSError:  # a copy that may only be read: nobody writes it
        return os.open(os.devnull, os.O_RDONLY)
