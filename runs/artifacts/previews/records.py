"""Lines of JSON, a record each: a table whose columns are the keys."""

import io
import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from runs.artifacts.previews.decoding import encoding_of
from runs.artifacts.previews.json_tree import written
from runs.artifacts.previews.judging import is_text
from runs.artifacts.previews.rows import REACH_BYTES, Reach
from runs.artifacts.previews.source import Mismatch, Preview, Source
from runs.artifacts.previews.table import PAGE_ROWS, Column, TablePreview, type_of

MAX_LINE_LENGTH = 1_000_000


def preview(source: Source) -> Preview:
    """A page of records."""
    if not is_text(source.head):
        raise Mismatch("Its content is no JSON.")
    first = (source.page - 1) * PAGE_ROWS
    found = [_record(line) for line in islice(_lines(source), first, first + PAGE_ROWS + 1)]
    if not found:
        raise Mismatch(f"There is no page {source.page} of this file.")
    records = found[:PAGE_ROWS]
    names = list(dict.fromkeys(key for record in records for key in record))
    rows = [[written(record.get(name)) for name in names] for record in records]
    columns = [Column(name[:200], type_of(row[place] for row in rows)) for place, name in enumerate(names)]
    return TablePreview.of(columns, rows, page=source.page, has_more=len(found) > PAGE_ROWS)


def _lines(source: Source) -> Iterator[str]:
    encoding = encoding_of(source.head)
    reach = io.BufferedReader(Reach(source.file, REACH_BYTES), 1 << 16)
    text = io.TextIOWrapper(reach, encoding.codec, errors="replace")
    while line := text.readline(MAX_LINE_LENGTH):
        if line.strip("\ufeff \r\n\t"):
            yield line.strip("\ufeff \r\n\t")


def _record(line: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        raise Mismatch("Not every line of it is JSON.") from None
    return record if isinstance(record, dict) else {"value": record}
