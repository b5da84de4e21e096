"""What can't be shown: what it seems to be, and its first bytes."""

from collections.abc import Sequence
from dataclasses import dataclass

import puremagic

from runs.artifacts.previews.source import Preview, Source

DUMP_BYTES = 256
_ROW_BYTES = 16
#: Below it, what puremagic says is a guess from a byte.
_LEAST_CONFIDENCE = 0.2


@dataclass(frozen=True)
class DumpRow:
    """16 bytes: where they begin, in hexadecimal, and as letters."""

    offset: str
    hexadecimal: str
    letters: str


@dataclass(frozen=True, kw_only=True)
class OtherPreview(Preview):
    """A hex dump, and the kind of file that the content looks like ("" when nobody knows)."""

    kind = "other"

    looks_like: str
    rows: Sequence[DumpRow]
    is_whole: bool


def preview(source: Source) -> Preview:
    """Its first bytes."""
    head = source.head[:DUMP_BYTES]
    return OtherPreview(looks_like=_looks_like(source.head), rows=dump(head), is_whole=source.size <= DUMP_BYTES)


def dump(content: bytes) -> list[DumpRow]:
    """Rows of 16 bytes."""
    pieces = [(place, content[place : place + _ROW_BYTES]) for place in range(0, len(content), _ROW_BYTES)]
    return [DumpRow(f"{place:08x}", piece.hex(" "), _letters(piece)) for place, piece in pieces]


def _letters(piece: bytes) -> str:
    return "".join(chr(code) if 32 <= code < 127 else "·" for code in piece)


def _looks_like(head: bytes) -> str:
    try:
        found = puremagic.magic_string(head[:4096])
    except (puremagic.PureError, ValueError):
        return ""
    best = max(found, key=lambda match: match.confidence, default=None)
    return best.name if best is not None and best.confidence >= _LEAST_CONFIDENCE else ""
