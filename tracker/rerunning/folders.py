"""Where a rerun happens, and what is left of it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tracker import scratch
from tracker.notices import say


@dataclass(frozen=True)
class Done:
    """A rerun that ended: its run, its exit status (negative: ended by that signal), and what was not as before."""

    run_id: str
    exit_status: int
    missing: tuple[str, ...]


@contextmanager
def new_folder(keep: bool) -> Iterator[Path]:
    """An empty folder, deleted at the end unless it is to be kept."""
    if not keep:
        with scratch.folder("tracker-rerunning-") as root:
            yield root
        return
    # Another name: what is kept must not be taken for what a killed process left.
    root = Path(tempfile.mkdtemp(prefix="tracker-rerun-")).resolve()
    try:
        yield root
    finally:
        say(f"the rerun's folder is kept: {root}")
