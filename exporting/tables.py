"""Runs of a search as a table: CSV, JSON or Parquet. A row a run, written while it is read."""

import csv
import io
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from runs.models import Metric, Param, Run, Tag
from runs.points import number_of

CHUNK = 500
FIELDS = (
    "run_id", "name", "experiment_id", "experiment", "status", "start_time", "end_time", "user", "source_name",
    "source_type", "entry_point", "git_commit", "parent_run_id", "note",
)  # fmt: skip
TIMES = ("experiment_id", "start_time", "end_time")


@dataclass(frozen=True)
class Row:
    """A run: its fields, and what was logged to it; of a metric the last value."""

    fields: dict[str, Any]
    params: dict[str, str]
    metrics: dict[str, float]
    tags: dict[str, str]


class RunTable:
    """The runs of a query, in its order."""

    def __init__(self, runs: Any) -> None:
        self._runs = runs

    def rows(self) -> Iterator[Row]:
        """A row a run; some hundred of them are in memory at a time."""
        # The order first, and whole: a run that is logged meanwhile comes once, or not at all.
        keys = list(self._runs.values_list("pk", flat=True))
        for start in range(0, len(keys), CHUNK):
            yield from _chunk(keys[start : start + CHUNK])

    def columns(self) -> dict[str, list[str]]:
        """The keys that the runs have, by what they are keys of."""
        keys = self._runs.order_by().values("pk")
        return {
            name: list(model.objects.filter(run__in=keys).order_by("key").values_list("key", flat=True).distinct())
            for name, model in (("params", Param), ("metrics", Metric), ("tags", Tag))
        }


def _chunk(keys: list[int]) -> Iterator[Row]:
    found = {run.pk: run for run in Run.objects.filter(pk__in=keys).select_related("experiment")}
    logged: dict[str, dict[int, dict[str, Any]]] = {
        "params": _texts(Param, keys), "tags": _texts(Tag, keys), "metrics": {},
    }  # fmt: skip
    for run, key, last in Metric.objects.filter(run__in=keys, count__gt=0).values_list("run_id", "key", "last"):
        logged["metrics"].setdefault(run, {})[key] = number_of(last)
    for pk in keys:
        if pk in found:
            yield Row(_fields(found[pk]), **{part: values.get(pk, {}) for part, values in logged.items()})


def _texts(model: Any, keys: list[int]) -> dict[int, dict[str, str]]:
    texts: dict[int, dict[str, str]] = {}
    for run, key, value in model.objects.filter(run__in=keys).values_list("run_id", "key", "value"):
        texts.setdefault(run, {})[key] = value
    return texts


def _fields(run: Run) -> dict[str, Any]:
    told = {name: getattr(run, name) for name in FIELDS}
    return told | {"experiment": run.experiment.name}


def csv_pieces(table: RunTable) -> Iterator[bytes]:
    """A table with a column a key: `params.lr`, `metrics.loss`, `tags.team`. What a run has not is empty."""
    columns = table.columns()
    names = [(part, key) for part, keys in columns.items() for key in keys]
    yield _csv_line([*FIELDS, *(f"{part}.{key}" for part, key in names)])
    for row in table.rows():
        yield _csv_line([*row.fields.values(), *(_cell(getattr(row, part).get(key)) for part, key in names)])


def _csv_line(cells: list[Any]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue().encode()


def _cell(value: Any) -> Any:
    return spelled_out(value) if isinstance(value, float) else value


def spelled_out(value: float) -> Any:
    """What JSON can't hold is spelled out, as everywhere on the API."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def json_pieces(table: RunTable) -> Iterator[bytes]:
    """A list of objects with `params`, `metrics` and `tags` by key."""
    before = b"[\n"
    for row in table.rows():
        metrics = {key: spelled_out(value) for key, value in row.metrics.items()}
        told = row.fields | {"params": row.params, "metrics": metrics, "tags": row.tags}
        yield before + json.dumps(told, ensure_ascii=False).encode()
        before = b",\n"
    yield b"[]\n" if before == b"[\n" else b"\n]\n"


def parquet_pieces(table: RunTable) -> Iterator[bytes]:
    """The columns of the CSV, typed: metrics are numbers. A group of rows for each chunk of runs."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = [(part, key) for part, keys in table.columns().items() for key in keys]
    kinds = [(name, pa.int64() if name in TIMES else pa.string()) for name in FIELDS]
    kinds += [(f"{part}.{key}", pa.float64() if part == "metrics" else pa.string()) for part, key in names]
    schema, sink = pa.schema(kinds), _Pipe()
    with pq.ParquetWriter(sink, schema) as writer:
        for rows in _groups(table.rows()):
            records = [_record(row, names) for row in rows]
            writer.write_table(pa.Table.from_pylist(records, schema))
            yield sink.take()
    yield sink.take()


def _groups(rows: Iterator[Row]) -> Iterator[list[Row]]:
    group: list[Row] = []
    for row in rows:
        group.append(row)
        if len(group) == CHUNK:
            yield group
            group = []
    if group:
        yield group


def _record(row: Row, names: list[tuple[str, str]]) -> dict[str, Any]:
    return row.fields | {f"{part}.{key}": getattr(row, part).get(key) for part, key in names}


class _Pipe(io.RawIOBase):
    """Bytes on their way: written at one end, taken at the other. Its position only grows, for the file's own map."""

    def __init__(self) -> None:
        self._waiting: list[bytes] = []
        self._written = 0

    def writable(self) -> bool:
        """It is written to."""
        return True

    def tell(self) -> int:
        """How much was written in all."""
        return self._written

    def write(self, piece: Any) -> int:
        """Add some."""
        self._waiting.append(bytes(piece))
        self._written += len(self._waiting[-1])
        return len(self._waiting[-1])

    def take(self) -> bytes:
        """What was not taken yet."""
        taken, self._waiting = b"".join(self._waiting), []
        return taken


@dataclass(frozen=True)
class Format:
    """How a table is written, and what that is called."""

    pieces: Callable[[RunTable], Iterator[bytes]]
    media_type: str


FORMATS = {
    "csv": Format(csv_pieces, "text/csv; charset=utf-8"),
    "json": Format(json_pieces, "application/json"),
    "parquet": Format(parquet_pieces, "application/vnd.apache.parquet"),
}
