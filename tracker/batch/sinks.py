"""What is written: predictions as CSV, JSON, JSON on lines, or Parquet, chunk by chunk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol

from tracker.batch import parquet_rows, tables
from tracker.batch.formats import CSV, JSON, LINES
from tracker.errors import InvalidValue
from tracker.serving import answers


@dataclass(frozen=True)
class Scored:
    """What a model gave for some rows. `inputs` is the data frame to keep beside it, or None. `first` counts from 1.

    `is_bare` is for the forms of chats, whose answers MLflow does not wrap.
    """

    made: Any
    count: int
    first: int = 1
    inputs: Any = None
    is_bare: bool = False

    def table(self) -> Any:
        """One data frame.

        Errors: InvalidValue for what is not one prediction a row.
        """
        predictions = tables.of_predictions(self.made, self.count)
        return predictions if self.inputs is None else tables.beside(self.inputs, predictions)


class Sink(Protocol):
    """Takes predictions, in the order of the rows."""

    def add(self, scored: Scored) -> None:
        """Write some.

        Errors: InvalidValue for what the format can't hold.
        """

    def end(self) -> None:
        """Write what has to be at the end."""


def to(file: BinaryIO, kind: str) -> Sink:
    """What writes a format to a file."""
    if kind == CSV:
        return _Csv(file)
    if kind == LINES:
        return _Lines(file)
    return _Json(file) if kind == JSON else _Parquet(file)


class _Csv:
    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._names: list[str] | None = None

    def add(self, scored: Scored) -> None:
        table = scored.table()
        names = list(table.columns)
        if self._names is not None and self._names != names:
            raise _other_columns(scored, self._names, names)
        for name in names:
            if table[name].dtype == object:
                table[name] = table[name].map(_cell)
        table.to_csv(self._file, index=False, header=self._names is None, lineterminator="\n")
        self._names = names

    def end(self) -> None:
        pass


def _cell(value: Any) -> Any:
    """Lists and objects as JSON, which a cell of CSV can hold."""
    return _json(value).decode() if isinstance(value, (list, dict, tuple)) or hasattr(value, "tolist") else value


def _json(value: Any, *, is_bare: bool = True) -> bytes:
    """JSON as the scoring server words it.

    Errors: InvalidValue.
    """
    try:
        return answers.predictions(value, 1, is_bare=is_bare).content
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidValue(f"What the model gave can't be said in JSON: {error}") from None


class _Lines:
    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def add(self, scored: Scored) -> None:
        for row in scored.table().to_dict(orient="records"):
            self._file.write(_json(row) + b"\n")

    def end(self) -> None:
        pass


class _Json:
    """`{"predictions": […]}` as MLflow writes it; a list of records where inputs are kept.

    The first chunk is held back: when no other follows, it may be of any shape.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._held: Scored | None = None
        self._closing = b""

    def add(self, scored: Scored) -> None:
        if scored.inputs is None and self._held is None and not self._closing:
            self._held = scored
            return
        self._write_held()
        self._write(scored)

    def end(self) -> None:
        if self._closing:
            self._file.write(self._closing)
        elif self._held is not None:
            self._file.write(_json(self._held.made, is_bare=self._held.is_bare))
        else:
            self._file.write(b'{"predictions": []}')

    def _write_held(self) -> None:
        if self._held is not None:
            held, self._held = self._held, None
            self._write(held)

    def _write(self, scored: Scored) -> None:
        is_plain = scored.inputs is None
        made = scored.made if is_plain else scored.table()
        if isinstance(made, (dict, str)) or not hasattr(made, "__len__") or len(made) != scored.count:
            raise tables.not_by_row(made, scored.count)
        opening = b'{"predictions": [' if is_plain else b"["
        self._file.write(b", " if self._closing else opening)
        self._file.write(_json(made)[1:-1])
        self._closing = b"]}" if is_plain else b"]"


class _Parquet:
    def __init__(self, file: BinaryIO) -> None:
        self._arrow, self._file = parquet_rows.library(), file
        self._writer: Any = None

    def add(self, scored: Scored) -> None:
        table = scored.table()
        arrow, writer = self._arrow, self._writer
        try:
            rows = arrow.Table.from_pandas(table, schema=writer.schema if writer else None, preserve_index=False)
        except (arrow.ArrowException, KeyError) as error:
            raise InvalidValue(
                f"From row {scored.first:,} on columns are of other types than Parquet can hold, or than before: "
                f"{error} Write .csv or .jsonl."
            ) from None
        if writer is None:
            writer = self._writer = arrow.parquet.ParquetWriter(self._file, rows.schema)
        writer.write_table(rows)

    def end(self) -> None:
        if self._writer is None:
            self._arrow.parquet.write_table(self._arrow.table({}), self._file)
        else:
            self._writer.close()


def _other_columns(scored: Scored, before: list[str], names: list[str]) -> InvalidValue:
    return InvalidValue(f"From row {scored.first:,} on the columns are {names}, and before {before}. Write .jsonl.")
