"""JSON, some rows at a time: a list of records, or a record on each line. Forms of requests are read as a whole."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from tracker.batch import kinds
from tracker.batch.chunks import Chunk
from tracker.errors import InvalidValue
from tracker.models.signature.schema import ModelSignature, Schema
from tracker.serving import frames, protocol
from tracker.serving.answers import Refusal
from tracker.serving.protocol import Question

#: Of a form as requests have it; larger files are to be a list of records or lines.
MOST_BYTES = 256 * 1024**2
#: Of one record, and of what is read at a time, in characters.
_MOST_RECORD, _PIECE = 64 * 1024**2, 1024**2
_BLANK = " \t\r\n"


class JsonRows:
    """A file of records: `[{"a": 1}, …]`, or with `is_lines` one on each line."""

    def __init__(self, file: Path, schema: Schema | None, name: str, *, is_lines: bool) -> None:
        self.name, self._file, self._schema, self._is_lines = name, file, schema, is_lines
        self._size = max(1, file.stat().st_size)
        self._handle: BinaryIO | None = None

    def chunks(self, size: int) -> Iterator[Chunk]:
        """All rows, in the types of the signature; without one in the types that their columns have in all rows."""
        settled = None
        if self._schema is None:
            settled = kinds.of_frames((self._frame(rows, None) for rows in self._lists(size)), is_text=False)
        first = 1
        for rows in self._lists(size):
            yield Chunk(rows, first, lambda some: self._frame(some, settled))
            first += len(rows)

    def share(self) -> float:
        """How much of the file was read."""
        return self._handle.tell() / self._size if self._handle and not self._handle.closed else 0.0

    def _frame(self, rows: list[Any], settled: dict[Any, Any] | None) -> Any:
        try:
            frame = frames.from_records(rows, self._schema)
        except Refusal as refusal:
            raise InvalidValue(str(refusal)) from None
        return frame if settled is None else kinds.cast(frame, settled)

    def _lists(self, size: int) -> Iterator[list[Any]]:
        with self._file.open("rb") as handle:
            self._handle = handle
            text = io.TextIOWrapper(handle, encoding="utf-8-sig", newline="")
            records = self._checked(_on_lines(text) if self._is_lines else _Items(text))
            while rows := list(islice(records, size)):
                yield rows

    def _checked(self, records: Any) -> Iterator[dict[str, Any]]:
        number, found = 0, iter(records)
        while True:
            number += 1
            try:
                record = next(found)
            except StopIteration:
                return
            except (ValueError, RecursionError) as error:
                raise InvalidValue(f"{self.name}, row {number:,}: it can't be read as JSON: {error}") from None
            if not isinstance(record, dict):
                raise InvalidValue(f'{self.name}, row {number:,}: it is no record such as {{"a": 1}}.')
            yield record


class _Items:
    """The items of one JSON list, read piece by piece.

    Errors: ValueError.
    """

    def __init__(self, text: TextIO) -> None:
        self._source, self._text, self._at = text, "", 0
        self._decoder = json.JSONDecoder()

    def __iter__(self) -> Iterator[Any]:
        self._take("[")
        if self._next() == "]":
            return self._end()
        while True:
            self._next()
            yield self._item()
            if self._take(",]") == "]":
                return self._end()

    def _item(self) -> Any:
        while True:
            try:
                item, self._at = self._decoder.raw_decode(self._text, self._at)
            except ValueError:
                if len(self._text) - self._at > _MOST_RECORD or not self._more():
                    raise
            else:
                return item

    def _take(self, wanted: str) -> str:
        found = self._next()
        if not found or found not in wanted:
            told = repr(found) if found else "the end of the file"
            raise ValueError(f"{' or '.join(map(repr, wanted))} has to be where {told} is")
        self._at += 1
        return found

    def _next(self) -> str:
        """The next character that is no blank; none at the end."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in _BLANK:
                    return self._text[self._at]
                self._at += 1
            if not self._more():
                return ""

    def _more(self) -> bool:
        """Read on, twice as much as there is, so that a long item is not begun again too often."""
        piece = self._source.read(max(_PIECE, len(self._text) - self._at))
        self._text, self._at = self._text[self._at :] + piece, 0
        return bool(piece)

    def _end(self) -> None:
        self._at += 1
        if found := self._next():
            raise ValueError(f"{found!r} follows the end of the list")


def _on_lines(text: TextIO) -> Iterator[Any]:
    for line in text:
        if not line.isspace():
            yield json.loads(line)


def is_lines(file: Path) -> bool:
    """Whether a file that is no list has a record on each line, rather than one form on one or more lines."""
    with file.open("rb") as content:
        head = content.readline(MOST_BYTES)
        try:
            told = json.loads(head)
        except (ValueError, RecursionError):
            return False
        return isinstance(told, dict) and any(not line.isspace() for line in content)


def is_list(file: Path) -> bool:
    """Whether a file holds one JSON list."""
    with file.open(encoding="utf-8-sig", errors="replace") as content:
        while piece := content.read(4096):
            if found := piece.lstrip(_BLANK):
                return found.startswith("[")
    return False


def form(file: Path, signature: ModelSignature | None, name: str, *, is_hinted: bool) -> Question:
    """What a file asks that is worded as the body of a request to a scoring server.

    Errors: InvalidValue, also for one above MOST_BYTES.
    """
    if file.stat().st_size > MOST_BYTES:
        raise InvalidValue(
            f"{name} is one form of {file.stat().st_size:,} bytes, which can't be read in pieces. Give a list of "
            "records, or records on lines (.jsonl)."
        )
    try:
        told = protocol.object_of(file.read_bytes())
        return protocol.of_json(told, signature, is_hinted=is_hinted)
    except Refusal as refusal:
        raise InvalidValue(f"{name}: {refusal}") from None
