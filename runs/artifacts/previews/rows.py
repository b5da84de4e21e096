"""CSV and its kin. Rows have no index, so that a page is found by reading from the start, 32 MB at the most."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import IO

from runs.artifacts.previews.decoding import encoding_of
from runs.artifacts.previews.judging import is_text
from runs.artifacts.previews.source import Mismatch, Preview, Source
from runs.artifacts.previews.table import MAX_COLUMNS, PAGE_ROWS, Column, TablePreview, type_of
from trackerweb.formatting import file_size

REACH_BYTES = 32 * 1024 * 1024
_DELIMITERS = ",;\t|"
_TRIAL_ROWS = 20

# A field longer than this is a quote that never closes. It is the module's one setting, shared by all readers.
csv.field_size_limit(1_000_000)


class Reach(io.RawIOBase):
    """The first bytes of a file, as if it ended there."""

    def __init__(self, file: IO[bytes], length: int) -> None:
        file.seek(0)
        self._file, self._left = file, length

    def readable(self) -> bool:
        """To be read."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill the buffer with what comes next."""
        piece = self._file.read(min(len(buffer), self._left))
        buffer[: len(piece)] = piece
        self._left -= len(piece)
        return len(piece)


def preview(source: Source) -> Preview:
    """A page of rows; the first row names the columns unless it holds numbers alone."""
    if not is_text(source.head):
        raise Mismatch("Its content is no table in text.")
    encoding = encoding_of(source.head)
    start = source.head.removeprefix(encoding.mark).decode(encoding.codec, "replace")
    delimiter = "\t" if source.suffix == ".tsv" else likely_delimiter(start)
    names, skipped = _header(start, delimiter)
    first = skipped + (source.page - 1) * PAGE_ROWS
    found, trouble = _take(_reader(source, encoding.codec, delimiter), first, PAGE_ROWS + 1)
    if not found and source.page > 1:
        raise Mismatch(f"There is no page {source.page} within the first {file_size(REACH_BYTES)} of this table.")
    rows = found[:PAGE_ROWS]
    return TablePreview.of(
        _columns(names, rows),
        rows,
        page=source.page,
        has_more=len(found) > PAGE_ROWS,
        note=" ".join(filter(None, [encoding.note, trouble, _reach_note(source, found)])),
    )


def likely_delimiter(text: str) -> str:
    """The sign that cuts most of the first lines into equally many cells, and into more than one."""
    lines = text.splitlines()[:_TRIAL_ROWS]
    return max(_DELIMITERS, key=lambda sign: _evenness(lines, sign))


def _evenness(lines: Sequence[str], sign: str) -> tuple[int, int]:
    try:
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=sign))
    except csv.Error:
        return 0, 0
    width, lines_of_it = max(widths.items(), key=lambda item: item[1] * (item[0] > 1), default=(0, 0))
    return (lines_of_it, width) if width > 1 else (0, 0)


def _reader(source: Source, codec: str, delimiter: str) -> Iterator[list[str]]:
    reach = io.BufferedReader(Reach(source.file, REACH_BYTES), 1 << 16)
    lines = io.TextIOWrapper(reach, codec, errors="replace", newline="")
    return _without_mark(csv.reader(lines, delimiter=delimiter))


def _without_mark(rows: Iterable[list[str]]) -> Iterator[list[str]]:
    for place, row in enumerate(rows):
        yield [row[0].removeprefix("\ufeff"), *row[1:]] if place == 0 and row else row


def _take(rows: Iterator[list[str]], first: int, count: int) -> tuple[list[list[str]], str]:
    """Rows from `first` on, and what stopped the reading before `count` were found."""
    found: list[list[str]] = []
    try:
        # Beyond this, a row of a million cells would be kept only to be cut.
        found.extend(row[: MAX_COLUMNS + 1] for row in islice(filter(None, rows), first, first + count))
    except csv.Error as error:
        return found, f"The table can't be read on: {error}."
    return found, ""


def _header(start: str, delimiter: str) -> tuple[list[str], int]:
    """Names of the columns, and how many rows they take."""
    try:
        first = next(filter(None, csv.reader(io.StringIO(start, newline=""), delimiter=delimiter)), [])
    except csv.Error:
        return [], 0
    is_data = type_of(first) in ("whole number", "number")
    return ([], 0) if is_data else (first, 1)


def _columns(names: Sequence[str], rows: Sequence[Sequence[str]]) -> list[Column]:
    width = max([len(names), *(len(row) for row in rows)])
    padded = [*names, *(str(place) for place in range(len(names) + 1, width + 1))]
    return [
        Column(name[:200], type_of(row[place] for row in rows if place < len(row))) for place, name in enumerate(padded)
    ]


def _reach_note(source: Source, found: Sequence[Sequence[str]]) -> str:
    if len(found) > PAGE_ROWS or source.size <= REACH_BYTES:
        return ""
    return f"Only the first {file_size(REACH_BYTES)} of a table are shown here. Download it for the rest."
