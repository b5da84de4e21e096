"""CSV with a head, some rows at a time, its columns in the types of the model's signature."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from tracker.batch import cells, kinds
from tracker.batch.chunks import Chunk
from tracker.errors import InvalidValue
from tracker.models.signature.schema import ColSpec, Schema
from tracker.models.signature.types import DataType

_AS_TEXT = {DataType.string, DataType.binary, DataType.datetime}


class CsvRows:
    """A file of CSV in UTF-8, commas between, with a line of names at its head."""

    def __init__(self, file: Path, schema: Schema | None, name: str) -> None:
        self.name, self._file = name, file
        self._known = _known_types(schema)
        self._size = max(1, file.stat().st_size)
        self._handle: BinaryIO | None = None

    def chunks(self, size: int) -> Iterator[Chunk]:
        """All rows. Columns that the signature does not know are texts; without a signature all are as they look."""
        first = 1
        for frame in self._typed(size):
            yield Chunk(frame, first)
            first += len(frame)

    def share(self) -> float:
        """How much of the file was read."""
        return self._handle.tell() / self._size if self._handle and not self._handle.closed else 0.0

    def _typed(self, size: int) -> Iterator[Any]:
        if self._known is None:
            found = kinds.of_frames(self._frames(size, None), is_text=True)
            # Truths with gaps are read as they look: told to be objects they would become texts.
            told = {
                name: kind
                for name, kind in found.items()
                if kind is not kinds.NOTHING and getattr(kind, "kind", "") != "O"
            }
            for frame in self._frames(size, told):
                yield kinds.cast(frame, found)
            return
        types: Any = defaultdict(lambda: object, {name: _dtype_of(kind) for name, kind in self._known.items()})
        try:
            for frame in self._frames(size, types):
                yield _with_times(frame, self._known)
        except InvalidValue:
            raise
        except (ValueError, OverflowError, TypeError) as error:
            found_cell = cells.first_bad(self._frames(size, defaultdict(lambda: object)), self._known)
            raise InvalidValue(f"{self.name}{found_cell or f': {error}'}") from None

    def _frames(self, size: int, types: Any) -> Iterator[Any]:
        """Data frames of `size` rows.

        Errors: InvalidValue for what is no CSV; ValueError for a value that is not of its column's type.
        """
        import pandas as pd

        with self._file.open("rb") as handle:
            self._handle = handle
            try:
                with pd.read_csv(handle, dtype=types, chunksize=size) as reader:
                    for frame in reader:
                        self._check_index(frame)
                        yield frame
            except pd.errors.EmptyDataError:
                raise InvalidValue(f"{self.name} is empty: CSV begins with a line of names.") from None
            except pd.errors.ParserError as error:
                raise InvalidValue(f"{self.name}{_parser_words(error)}") from None
            except UnicodeDecodeError as error:
                raise InvalidValue(f"{self.name} is not in UTF-8: {error}. Convert it.") from None

    def _check_index(self, frame: Any) -> None:
        """pandas takes the first of too many fields for names of rows, which would shift all others."""
        import pandas as pd

        if not isinstance(frame.index, pd.RangeIndex):
            raise InvalidValue(
                f"{self.name}: rows have more fields than the {len(frame.columns)} names of the head. Name each."
            )


def _known_types(schema: Schema | None) -> dict[Any, DataType] | None:
    """The types by column, or by place; None where the signature has none for columns of CSV."""
    if schema is None or not all(isinstance(spec, ColSpec) and isinstance(spec.type, DataType) for spec in schema):
        return None
    return {name: spec.type for name, spec in zip(schema.names, schema, strict=True)}  # type: ignore[misc]


def _with_times(frame: Any, types: dict[Any, DataType]) -> Any:
    import pandas as pd

    for place, name in enumerate(frame.columns):
        if types.get(name, types.get(place)) is DataType.datetime:
            frame[name] = pd.to_datetime(frame[name], format="mixed")
    return frame


def _dtype_of(kind: DataType) -> Any:
    return object if kind in _AS_TEXT else kind.numpy_name


def _parser_words(error: Exception) -> str:
    found = re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", str(error))
    if found is None:
        return f" can't be read as CSV: {error}"
    wanted, line, saw = (int(number) for number in found.groups())
    return f", row {line - 1:,} (line {line:,}): it has {saw} fields, and the head {wanted}."
