"""How the source of two runs of one commit differs: what each had changed, applied.

The repository is not here, but what differs lies in the two diffs, with the lines around it: of a line that neither
shows, both runs had what the commit has. Like patches.py it runs in the process of runs/artifacts/previews/limits.py.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from typing import IO, Any

from runs.provenance.patches import MOST_LINES, coloured_lines, parsed

CONTEXT = 3
#: Stands between lines that are not neighbours in the file.
GAP = "\0"

Lines = list[str]


def read(file: IO[bytes]) -> dict[str, Any]:
    """What `patches.read` tells of a diff, of `{"one": DIFF, "other": DIFF}`."""
    given = json.load(file)
    sides = [{patched.path: patched for patched in parsed(given[name])} for name in ("one", "other")]
    files: list[dict[str, Any]] = []
    left = MOST_LINES
    for path in sorted({*sides[0], *sides[1]}):
        coloured = [coloured_lines(hunk[: max(0, left)], path) for hunk in _hunks(path, *sides)]
        hunks = [{"head": "", "lines": lines} for lines in coloured]
        shown = [line for lines in coloured for line in lines]
        left -= len(shown)
        counts = {
            name: sum(line["sign"] == sign for line in shown) for name, sign in (("added", "+"), ("removed", "-"))
        }
        if hunks:
            files.append({"path": path, "old_path": "", "kind": "changed", "hunks": hunks} | counts)
    return {"files": files, "is_cut": left <= 0}


def _hunks(path: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[list[Any]]:
    known = _known(one.get(path)) | _known(other.get(path))
    before, after = _applied(one.get(path), known), _applied(other.get(path), known)
    for group in SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(CONTEXT):
        lines = [line for opcode in group for line in _lines(opcode, before, after)]
        yield from _without_gaps(lines)


def _known(patched: Any) -> dict[int, str]:
    """The lines of the commit that a diff shows, by number."""
    if patched is None:
        return {}
    return {line.source_line_no: line.value for hunk in patched for line in hunk if line.source_line_no is not None}


def _applied(patched: Any, known: Mapping[int, str]) -> Lines:
    """What a side had in the places that are known."""
    removed: set[int] = set()
    inserted: dict[int, Lines] = defaultdict(list)
    for hunk in patched or ():
        place = hunk.source_start
        for line in hunk:
            if line.is_added:
                inserted[place].append(line.value)
            elif line.source_line_no is not None:
                place = line.source_line_no + 1
                if line.is_removed:
                    removed.add(line.source_line_no)
    found: Lines = []
    last: int | None = None
    for number in sorted({*known, *inserted}):
        if last is not None and number > last + 1:
            found.append(GAP)
        found += inserted.get(number, [])
        found += [known[number]] if number in known and number not in removed else []
        last = number
    return found


def _lines(
    opcode: tuple[str, int, int, int, int], before: Lines, after: Lines
) -> Iterator[tuple[str, str, None, None]]:
    tag, start, end, first, last = opcode
    if tag == "equal":
        yield from ((" ", text.rstrip("\n"), None, None) for text in before[start:end])
        return
    yield from (("-", text.rstrip("\n"), None, None) for text in before[start:end])
    yield from (("+", text.rstrip("\n"), None, None) for text in after[first:last])


def _without_gaps(lines: list[Any]) -> Iterator[list[Any]]:
    """Parts between gaps, those that hold a change."""
    part: list[Any] = []
    for line in [*lines, (" ", GAP, None, None)]:
        if line[1] != GAP:
            part.append(line)
            continue
        if any(sign != " " for sign, *_ in part):
            yield part
        part = []
