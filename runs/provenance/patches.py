"""Uncommitted diffs as data: files, hunks, lines with coloured stretches.

Parsers and regular expressions walk what others wrote here, so that this runs in the process of
runs/artifacts/previews/limits.py alone. It imports no Django.
"""

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import IO, Any

from pygments.util import ClassNotFound
from unidiff import PatchSet
from unidiff.errors import UnidiffParseError

from runs.artifacts.previews.highlighting import coloured
from runs.artifacts.previews.source import Mismatch
from runs.artifacts.previews.text import LANGUAGES

#: Lines that a page shows of one diff.
MOST_LINES = 5000
MOST_FILES = 300

Token = tuple[str, str]
Line = dict[str, Any]


def read(file: IO[bytes]) -> dict[str, Any]:
    """The files of a unified diff: `{"files": [...], "is_cut": more lines than are shown}`.

    A file has `path`, `old_path`, `kind` (added, deleted, renamed, binary or changed), `added`, `removed` and `hunks`
    of `head` and `lines`; a line has `sign`, its numbers `old` and `new`, and `tokens` of (class, text).
    """
    files, left = [], MOST_LINES
    found = parsed(file.read().decode("utf-8", "replace"))
    for patched in found[:MOST_FILES]:
        made = _file(patched, left)
        left -= sum(len(hunk["lines"]) for hunk in made["hunks"])
        files.append(made)
    return {"files": files, "is_cut": left <= 0 or len(found) > MOST_FILES}


def parsed(text: str) -> PatchSet:
    """A diff. Of one that was cut short, the hunk that is not whole is left out.

    Errors: Mismatch for what is none.
    """
    whole_hunks = text[: max(text.rfind("\n@@ "), 0) + 1]
    for readable in (text, whole_hunks):
        try:
            found = PatchSet(readable)
        except UnidiffParseError:
            continue
        if found or not text.strip():
            return found
    raise Mismatch("It is no unified diff.")


def _file(patched: Any, room: int) -> dict[str, Any]:
    hunks = []
    for hunk in patched:
        if room <= 0:
            break
        lines = [(line.line_type, line.value.rstrip("\n"), line.source_line_no, line.target_line_no) for line in hunk]
        shown = lines[:room]
        room -= len(shown)
        head = f"@@ -{hunk.source_start} +{hunk.target_start} @@ {hunk.section_header}".rstrip()
        hunks.append({"head": head, "lines": coloured_lines(shown, patched.path)})
    return {
        "path": patched.path,
        "old_path": patched.source_file.removeprefix("a/") if patched.is_rename else "",
        "kind": _kind(patched),
        "added": patched.added,
        "removed": patched.removed,
        "hunks": hunks,
    }


def _kind(patched: Any) -> str:
    if patched.is_binary_file:
        return "binary"
    if patched.is_added_file:
        return "added"
    if patched.is_removed_file:
        return "deleted"
    return "renamed" if patched.is_rename else "changed"


def coloured_lines(lines: Sequence[tuple[str, str, int | None, int | None]], path: str) -> list[Line]:
    """Lines (sign, text, old and new number) with their text in colour, as the language of the path has it."""
    before = _coloured([text for sign, text, *_ in lines if sign != "+"], path)
    after = _coloured([text for sign, text, *_ in lines if sign != "-"], path)
    found = []
    for sign, _, old, new in lines:
        tokens = next(before) if sign != "+" else []
        tokens = next(after) if sign != "-" else tokens
        found.append({"sign": sign.strip() or " ", "old": old, "new": new, "tokens": tokens})
    return found


def _coloured(lines: Sequence[str], path: str) -> Iterator[list[Token]]:
    """The tokens of each line. The lines are read as one text, for strings and comments span some."""
    pure = PurePosixPath(path.lower())
    language = LANGUAGES.get(pure.suffix or pure.name)
    if language is None:
        return iter([[("", line)] for line in lines])
    try:
        tokens = coloured("\n".join(lines), language)
    except ClassNotFound:
        return iter([[("", line)] for line in lines])
    return iter(_by_line(tokens))


def _by_line(tokens: Sequence[Token]) -> list[list[Token]]:
    found: list[list[Token]] = [[]]
    for css_class, text in tokens:
        first, *others = text.split("\n")
        found[-1].append((css_class, first))
        found += [[(css_class, other)] for other in others]
    return found
