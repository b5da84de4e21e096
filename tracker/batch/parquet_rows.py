"""Parquet, some rows at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tracker.batch.chunks import Chunk
from tracker.errors import InvalidValue, MissingLibrary

_BUFFER_BYTES = 1024**2


def library() -> Any:
    """pyarrow.

    Errors: MissingLibrary.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise MissingLibrary("Parquet needs pyarrow: pip install 'trackerweb[parquet]', or use CSV.") from None
    return pyarrow


class ParquetRows:
    """A file of Parquet."""

    def __init__(self, file: Path, name: str) -> None:
        arrow = library()
        self.name, self._done = name, 0
        try:
            # Without a buffer a whole group of rows is read at once.
            self._file = arrow.parquet.ParquetFile(file, buffer_size=_BUFFER_BYTES, pre_buffer=False)
        except (arrow.ArrowException, OSError) as error:
            raise InvalidValue(f"{name} can't be read as Parquet: {error}") from None
        self._total = max(1, self._file.metadata.num_rows)

    def chunks(self, size: int) -> Iterator[Chunk]:
        """All rows. Numbers and truths of which some are missing have one type from the first row to the last."""
        arrow = library()
        gaps = self._gaps()
        try:
            for batch in self._file.iter_batches(batch_size=size):
                frame = batch.to_pandas()
                yield Chunk(frame.astype({name: kind for name, kind in gaps.items() if name in frame}), self._done + 1)
                self._done += len(frame)
        except (arrow.ArrowException, OSError) as error:
            raise InvalidValue(f"{self.name}, from row {self._done + 1:,} on: {error}") from None

    def share(self) -> float:
        """How much of the file was read."""
        return self._done / self._total

    def _gaps(self) -> dict[str, str]:
        """The types, in pandas, of columns that pandas would type by whether a value is missing in these rows."""
        arrow = library()
        found = {}
        for field in self._file.schema_arrow:
            is_truth = arrow.types.is_boolean(field.type)
            if (is_truth or arrow.types.is_integer(field.type)) and self._misses_some(field.name):
                found[field.name] = "object" if is_truth else "float64"
        return found

    def _misses_some(self, name: str) -> bool:
        told = self._file.metadata
        for number in range(told.num_row_groups):
            statistics = self._column(number, name)
            if statistics is None or not statistics.has_null_count:
                return any(
                    batch.column(0).null_count for batch in self._file.iter_batches(batch_size=65_536, columns=[name])
                )
            if statistics.null_count:
                return True
        return False

    def _column(self, group: int, name: str) -> Any:
        told = self._file.metadata.row_group(group)
        for place in range(told.num_columns):
            if told.column(place).path_in_schema == name:
                return told.column(place).statistics
        return None
