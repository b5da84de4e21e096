"""How the captured source of two runs differs, file by file.

Runs in the process of runs/artifacts/previews/limits.py alone, like patches.py.
"""

import json
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import IO, Any

from runs.provenance.patches import MOST_LINES, coloured_lines

CONTEXT = 3

Line = tuple[str, str, int | None, int | None]


def read(file: IO[bytes]) -> dict[str, Any]:
    """What `patches.read` tells of a diff, of `{"one": {PATH: TEXT}, "other": {PATH: TEXT}}`."""
    given = json.load(file)
    files: list[dict[str, Any]] = []
    left = MOST_LINES
    for path in sorted({*given["one"], *given["other"]}):
        before, after = given["one"].get(path), given["other"].get(path)
        hunks: list[dict[str, Any]] = []
        for lines in _hunks((before or "").splitlines(), (after or "").splitlines()):
            shown = lines[: max(0, left)]
            left -= len(shown)
            hunks.append({"head": "", "lines": coloured_lines(shown, path)})
        signs = [line["sign"] for hunk in hunks for line in hunk["lines"]]
        kind = "added" if before is None else "deleted" if after is None else "changed"
        counts = {"added": signs.count("+"), "removed": signs.count("-")}
        files.append({"path": path, "old_path": "", "kind": kind, "hunks": hunks} | counts)
    return {"files": files, "is_cut": left <= 0}


def _hunks(before: list[str], after: list[str]) -> Iterator[list[Line]]:
    for group in SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(CONTEXT):
        lines: list[Line] = []
        for tag, start, end, first, last in group:
            if tag == "equal":
                pairs = zip(range(start, end), range(first, last), strict=True)
                lines += [(" ", before[old], old + 1, new + 1) for old, new in pairs]
                continue
            lines += [("-", before[old], old + 1, None) for old in range(start, end)]
            lines += [("+", after[new], None, new + 1) for new in range(first, last)]
        yield lines
