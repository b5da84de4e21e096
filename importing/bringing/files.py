"""Stores files of runs and models."""

from collections.abc import Iterable
from functools import partial

from importing.found import FileFound, Unreadable
from importing.reporting import Report
from runs.artifacts import store
from runs.artifacts.paths import check_path
from runs.models import FileOwner
from trackerweb.errors import TrackerError

PIECE_BYTES = 1 << 20


def bring(owner: FileOwner, found: Iterable[FileFound], report: Report) -> int:
    """Store files, each by itself: one that can't be stored is reported. Returns how many are new, or changed."""
    changed = 0
    for file in found:
        try:
            changed += _put(owner, file)
        except Unreadable as error:
            report.refuse(file.place, str(error))
        except TrackerError as error:
            report.refuse(file.place, error.message)
        except OSError as error:
            report.refuse(file.place, f"It can't be read: {error.strerror or error}.")
        else:
            file.brought()
    return changed


def _put(owner: FileOwner, file: FileFound) -> bool:
    before = store.file_at(owner, check_path(file.path))
    with file.open() as content:
        stored, _ = store.put(owner, file.path, iter(partial(content.read, PIECE_BYTES), b""))
    return before is None or before.blob.pk != stored.blob.pk
