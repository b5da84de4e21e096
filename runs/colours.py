"""Colours of runs in charts: one of ten tokens, and a dash pattern beyond ten runs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from zlib import crc32

TOKENS = 10
#: Lengths of strokes and gaps in pixels; the first round of ten is drawn whole.
DASHES = ("", "8 4", "2 3", "10 3 2 3", "14 4", "5 2", "1 4", "12 3 2 3 2 3", "4 4", "16 2")


@dataclass(frozen=True)
class RunColour:
    """`token` is a name of static/css/tokens.css, `dash` an SVG dash array, empty for a whole line."""

    token: str
    dash: str = ""


def colours_of(run_ids: Iterable[str]) -> dict[str, RunColour]:
    """A colour a run, distinct within the selection.

    A run prefers the colour that its id points at, so that it mostly keeps it when others join or leave.
    """
    colours: dict[str, RunColour] = {}
    for start, round_ids in enumerate(_rounds(run_ids)):
        free = list(range(TOKENS))
        for run_id in round_ids:
            preferred = crc32(run_id.encode()) % TOKENS
            number = min(free, key=lambda place: (place - preferred) % TOKENS)
            free.remove(number)
            colours[run_id] = RunColour(f"run-{number + 1}", DASHES[start % len(DASHES)])
    return colours


def _rounds(run_ids: Iterable[str]) -> Iterator[list[str]]:
    """The ids, each once, ten at a time."""
    ids = list(dict.fromkeys(run_ids))
    for start in range(0, len(ids), TOKENS):
        yield ids[start : start + TOKENS]
