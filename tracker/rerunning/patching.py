"""Applies a captured diff to a checkout: what of it can be applied, file by file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tracker.rerunning import git

_HEAD = re.compile(r"^(?=diff --git )", re.MULTILINE)
_NAMES = re.compile(r"^(?:\+\+\+ b/|--- a/)(.+?)\t?$", re.MULTILINE)
#: Of a file that keeps its name: the head is whole where what follows was cut.
_SAME = re.compile(r"diff --git a/(.+) b/\1$", re.MULTILINE)


def apply(diff: str, folder: Path, *, is_cut: bool = False) -> dict[str, str]:
    """Change a checkout as a diff says. Returns the files that could not be, with the reason; of a diff that was cut
    the last file is one of them."""
    pieces = list(_pieces(diff))
    lost: dict[str, str] = {}
    if is_cut and pieces:
        lost[_name_of(pieces.pop())] = "the diff was cut there"
    good = []
    for piece in pieces:
        reason = _unfit(piece)
        if reason:
            lost[_name_of(piece)] = reason
        else:
            good.append(piece)
    if not good or _applied("".join(good), folder):
        return lost
    return lost | {_name_of(piece): "the diff does not fit" for piece in good if not _applied(piece, folder)}


def _pieces(diff: str) -> Iterator[str]:
    """The parts of a diff, a file each."""
    for piece in _HEAD.split(diff):
        if piece.startswith("diff --git "):
            yield piece if piece.endswith("\n") else piece + "\n"


def _unfit(piece: str) -> str:
    """Why a part of a diff can't be applied; empty where nothing speaks against it."""
    if "\nBinary files " in piece:
        return "its content is binary and was not captured"
    if "\n+Subproject commit " in piece or "\n-Subproject commit " in piece:
        return "it is a submodule"
    return "it holds bytes that are no UTF-8, which were not captured" if "\ufffd" in piece else ""


def _name_of(piece: str) -> str:
    same = _SAME.match(piece)
    found = _NAMES.findall(piece)
    return same[1] if same else str(found[-1]) if found else piece.partition("\n")[0][:200]


def _applied(diff: str, folder: Path) -> bool:
    """Whether git took all of it; of what it refuses it takes nothing."""
    return git.does(folder, "apply", "--whitespace=nowarn", "-", content=diff.encode("utf-8", "surrogatepass"))
