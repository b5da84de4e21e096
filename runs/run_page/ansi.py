"""Text with the colours that a terminal would show (ECMA-48, SGR); static/css/components/console.css has the names."""

import re
from collections.abc import Sequence

Piece = tuple[str, str]

_SEQUENCE = re.compile(r"\x1b\[([0-9;]*)m")
#: Everything else that terminals act upon and that a page should not show.
_OTHER = re.compile(r"\x1b(?:\[[0-9;?]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])|[\x00-\x08\x0b-\x1f\x7f]")
_STYLES = {1: "bold", 2: "dim", 3: "italic", 4: "underline"}
_ENDS = {22: ("bold", "dim"), 23: ("italic",), 24: ("underline",)}
_COLOURS = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")


def pieces(line: str) -> list[Piece]:
    """A line as (CSS classes, text)."""
    if "\x1b" not in line:
        return [("", _OTHER.sub("", line))]
    styles: dict[str, str] = {}
    found, end = [], 0
    for match in _SEQUENCE.finditer(line):
        found.append((_classes(styles), _OTHER.sub("", line[end : match.start()])))
        _apply([int(code or 0) for code in match[1].split(";") if len(code) < 4], styles)
        end = match.end()
    found.append((_classes(styles), _OTHER.sub("", line[end:])))
    return [(classes, text) for classes, text in found if text]


def plain(line: str) -> str:
    """The text alone."""
    return _OTHER.sub("", _SEQUENCE.sub("", line))


def _classes(styles: dict[str, str]) -> str:
    return " ".join(styles.values())


def _apply(codes: Sequence[int], styles: dict[str, str]) -> None:
    place = 0
    while place < len(codes):
        code = codes[place]
        if code in (38, 48):
            # A colour of 256 or of 16 million: those beyond the palette of eight have no name here.
            length = 3 if codes[place + 1 : place + 2] == [5] else 5
            if code == 38:
                styles.pop("colour", None)
            if code == 38 and length == 3 and place + 2 < len(codes) and codes[place + 2] < 16:
                styles["colour"] = f"ansi-{_COLOURS[codes[place + 2] % 8]}"
            place += length
            continue
        if code == 0:
            styles.clear()
        elif code in _STYLES:
            styles[_STYLES[code]] = f"ansi-{_STYLES[code]}"
        elif code in _ENDS:
            for name in _ENDS[code]:
                styles.pop(name, None)
        elif 30 <= code <= 37 or 90 <= code <= 97:
            styles["colour"] = f"ansi-{_COLOURS[code % 10]}"
        elif code == 39:
            styles.pop("colour", None)
        place += 1
