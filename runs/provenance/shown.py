"""Diffs for pages, read and coloured in a process of their own."""

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from runs.artifacts.previews.limits import run_limited
from runs.artifacts.previews.source import Mismatch
from runs.provenance.snapshot import Snapshot


@dataclass(frozen=True)
class Diff:
    """The files of a diff as patches.py tells them; `raw` is the text of one that can't be read as such."""

    files: Sequence[dict[str, Any]] = ()
    is_cut: bool = False
    raw: str = ""

    @property
    def is_there(self) -> bool:
        """Something was changed."""
        return bool(self.files or self.raw)

    @property
    def added(self) -> int:
        """Lines that came."""
        return sum(file["added"] for file in self.files)

    @property
    def removed(self) -> int:
        """Lines that went."""
        return sum(file["removed"] for file in self.files)


def uncommitted(snapshot: Snapshot) -> Diff:
    """What a run's checkout had changed since its commit."""
    if not snapshot.patch.strip():
        return Diff()
    try:
        return _read("patches", snapshot.patch.encode(), snapshot.is_cut)
    except Mismatch:
        return Diff(raw=snapshot.patch, is_cut=snapshot.is_cut)


def between(one: Snapshot, other: Snapshot) -> Diff | None:
    """How the source of two runs differs: that which was captured, otherwise what they had changed of one commit.

    None where that can't be known.
    """
    if one.source and other.source:
        return _of_sources(one, other)
    if not one.commit or one.commit != other.commit:
        return None
    if one.patch == other.patch:
        return Diff()
    try:
        text = json.dumps({"one": one.patch, "other": other.patch}).encode()
        return _read("effective", text, one.is_cut or other.is_cut)
    except Mismatch:
        return None


def _of_sources(one: Snapshot, other: Snapshot) -> Diff:
    paths = [path for path in {*one.source, *other.source} if one.source.get(path) != other.source.get(path)]
    if not paths:
        return Diff()
    sides = [{path: side.source[path] for path in paths if path in side.source} for side in (one, other)]
    text = json.dumps({"one": sides[0], "other": sides[1]}).encode()
    try:
        return _read("sources", text, False)
    except Mismatch as mismatch:
        return Diff(raw=f"{', '.join(sorted(paths)[:20])}: {mismatch}")


def _read(task: str, content: bytes, is_cut: bool) -> Diff:
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.seek(0)
        found = run_limited(task, file)
    return Diff(found["files"], found["is_cut"] or is_cut)
