"""The points of series as rows of their table, and the only SQL that touches them.

A row is (step, timestamp, value, is_nan): NaN is 0 with the flag, so that rows sort and compare. Rows in order are in
MLflow's order of points: by step, then timestamp, then value.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, repeat
from operator import lt
from typing import Any

from django.db import connection

from runs.batches import Series
from trackerweb.transactions import write_transaction

Row = tuple[int, int, float, bool]

_INSERT = "INSERT INTO runs_metricpoint (series_id, step, timestamp, value, is_nan) VALUES (%s, %s, %s, %s, %s)"
_COLUMNS = "SELECT step, timestamp, value, is_nan FROM runs_metricpoint WHERE series_id = %s"
_ORDER = " ORDER BY step, timestamp, value, is_nan"
#: What lies before the point at a place; nothing when the series ends before it.
_DELETE_FIRST = f"""
    DELETE FROM runs_metricpoint WHERE series_id = %s AND (step, timestamp, value, is_nan) < (
        {_COLUMNS}{_ORDER} LIMIT 1 OFFSET %s
    )
"""
_LOOKUP_CHUNK = 500
_PIECE_ROWS = 10_000
#: Points that one transaction of `delete_in_pieces` deletes: some 10 ms.
DELETE_PIECE = 20_000
#: A limit that is none.
ALL = 2**62


def rows_of(series: Series) -> list[Row]:
    """A client's columns as rows in order, each once."""
    values = series.values
    flags: Iterable[bool] = repeat(False)
    if any(map(math.isnan, values)):
        flags = [math.isnan(value) for value in values]
        values = [0.0 if flag else value for value, flag in zip(values, flags, strict=True)]
    rows = list(zip(series.steps, series.timestamps, values, flags, strict=False))
    in_order = all(map(lt, series.steps, islice(series.steps, 1, None)))
    return rows if in_order else sorted(set(rows))


def value_of(row: Row) -> float:
    """The value as it was logged."""
    return math.nan if row[3] else row[2]


def number_of(column: float | None) -> float:
    """What a column of a summary stands for: NULL is NaN."""
    return math.nan if column is None else column


def insert(series_id: int, rows: Sequence[Row]) -> None:
    """Store rows that are not there yet."""
    with connection.cursor() as cursor:
        cursor.executemany(_INSERT, [(series_id, *row) for row in rows])


def insert_many(rows: Sequence[tuple[int, int, int, float, bool]]) -> None:
    """Store rows of many series, each with its series first."""
    with connection.cursor() as cursor:
        cursor.executemany(_INSERT, rows)


def without_stored(series_id: int, rows: Sequence[Row]) -> list[Row]:
    """Those of `rows` that are not stored. One look-up by key a row, however long the series is."""
    stored: set[Row] = set()
    for chunk in _chunks(rows):
        stored.update(_stored(series_id, chunk))
    return [row for row in rows if row not in stored]


def _stored(series_id: int, rows: Sequence[Row]) -> Iterator[Row]:
    given = ", ".join(["(%s, %s, %s, %s)"] * len(rows))
    sql = (
        f"WITH given (step, timestamp, value, is_nan) AS (VALUES {given}) "
        "SELECT p.step, p.timestamp, p.value, p.is_nan FROM given CROSS JOIN runs_metricpoint AS p "
        "WHERE p.series_id = %s AND p.step = given.step AND p.timestamp = given.timestamp "
        "AND p.value = given.value AND p.is_nan = given.is_nan"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*(field for row in rows for field in row), series_id])
        return _as_rows(cursor.fetchall())


def delete_some(series: Sequence[int], limit: int) -> int:
    """Delete points of these series, about `limit` at most, from their first steps on. Returns how many."""
    deleted = 0
    with connection.cursor() as cursor:
        for series_id in series:
            cursor.execute(_DELETE_FIRST, [series_id, series_id, limit])
            if not cursor.rowcount:
                cursor.execute("DELETE FROM runs_metricpoint WHERE series_id = %s", [series_id])
            deleted += cursor.rowcount
            if deleted >= limit:
                break
    return deleted


def delete_buckets(series: Sequence[int]) -> None:
    """Delete the trees of these series."""
    with connection.cursor() as cursor:
        cursor.executemany("DELETE FROM runs_metricbucket WHERE series_id = %s", [(item,) for item in series])


def read(series_id: int, start: int | None = None, end: int | None = None) -> list[Row]:
    """Rows with start ≤ step ≤ end, in order; None leaves an end open."""
    return _select(series_id, "step", start, end)


def read_by_time(series_id: int, step: int, start: int | None = None, end: int | None = None) -> list[Row]:
    """Rows of one step with start ≤ timestamp ≤ end (ms), in order."""
    return _select(series_id, "timestamp", start, end, step=step)


def read_in_time(series_id: int, limit: int, offset: int) -> list[Row]:
    """Rows in the order of timestamps, then steps and values, from the `offset`th on."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_COLUMNS} ORDER BY timestamp, step, value LIMIT %s OFFSET %s", [series_id, limit, offset])
        return list(_as_rows(cursor.fetchall()))


def pieces(
    series_id: int, axis: str = "step", start: int | None = None, end: int | None = None, step: int | None = None
) -> Iterator[list[Row]]:
    """The same rows in pieces, however many there are. `axis` is "step", or "timestamp" for those of one step."""
    with connection.cursor() as cursor:
        cursor.execute(*_query(series_id, axis, start, end, step))
        while rows := cursor.fetchmany(_PIECE_ROWS):
            yield list(_as_rows(rows))


def _select(series_id: int, axis: str, start: int | None, end: int | None, step: int | None = None) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(*_query(series_id, axis, start, end, step))
        return list(_as_rows(cursor.fetchall()))


def _query(series_id: int, axis: str, start: int | None, end: int | None, step: int | None) -> tuple[str, list[int]]:
    sql, values = _COLUMNS, [series_id]
    for condition, bound in ((" AND step = %s", step), (f" AND {axis} >= %s", start), (f" AND {axis} <= %s", end)):
        if bound is not None:
            sql += condition
            values.append(bound)
    return sql + _ORDER, values


def steps_of(series_id: int) -> tuple[int | None, int | None]:
    """The first and the last step of a series, None without points. Two look-ups, however long it is."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT MIN(step) FROM runs_metricpoint WHERE series_id = %s", [series_id])
        (first,) = cursor.fetchone()
        cursor.execute("SELECT MAX(step) FROM runs_metricpoint WHERE series_id = %s", [series_id])
        (last,) = cursor.fetchone()
    return first, last


def delete_in_pieces(series: Sequence[int]) -> None:
    """Delete all points of series that nobody sees any more, in transactions that hold up no writer."""
    deleted = True
    while deleted:
        with write_transaction():
            deleted = delete_some(series, DELETE_PIECE) > 0


def count(series_id: int) -> int:
    """Points of a series."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM runs_metricpoint WHERE series_id = %s", [series_id])
        return cursor.fetchone()[0]


def copy_some(source: int, target: int, limit: int) -> int:
    """Copy up to `limit` points of a series that come after what the target holds. Returns how many."""
    last = Side(target, -(2**63), from_on=True).last()
    after = " AND (step, timestamp, value, is_nan) > (%s, %s, %s, %s)" if last else ""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO runs_metricpoint (series_id, step, timestamp, value, is_nan) SELECT %s, step, timestamp, "
            f"value, is_nan FROM runs_metricpoint WHERE series_id = %s{after}{_ORDER} LIMIT %s",
            [target, source, *(last or ()), limit],
        )
        return cursor.rowcount


def copy_buckets(pairs: Sequence[tuple[int, int]]) -> None:
    """Copy trees: (source, target) of each."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO runs_metricbucket (series_id, by_time, level, bucket, count, is_split, points) "
            "SELECT %s, by_time, level, bucket, count, is_split, points FROM runs_metricbucket WHERE series_id = %s",
            [(target, source) for source, target in pairs],
        )


@dataclass(frozen=True)
class Side:
    """The points of a series on one side of a step: from it on, or before it. Nothing here builds a row in Python."""

    series_id: int
    step: int
    from_on: bool

    def tally(self) -> tuple[int, int]:
        """(points, NaN among them)."""
        with self._query("SELECT COUNT(*), COUNT(CASE WHEN is_nan THEN 1 END)") as cursor:
            return cursor.fetchone()

    def last(self) -> Row | None:
        """The last row in MLflow's order of points."""
        descending = "ORDER BY step DESC, timestamp DESC, value DESC, is_nan DESC LIMIT 1"
        with self._query("SELECT step, timestamp, value, is_nan", descending) as cursor:
            found = cursor.fetchone()
        return found and (*found[:3], bool(found[3]))

    def first_step(self) -> int | None:
        """Where it begins."""
        with self._query("SELECT MIN(step)") as cursor:
            return cursor.fetchone()[0]

    def lowest(self) -> tuple[float, int] | None:
        """(value, step) of the earliest lowest number."""
        return self._extreme("value, step")

    def highest(self) -> tuple[float, int] | None:
        """(value, step) of the earliest highest number."""
        return self._extreme("value DESC, step")

    def numbers(self) -> list[float]:
        """The values that are not NaN."""
        with self._query("SELECT value", "AND NOT is_nan") as cursor:
            return [value for (value,) in cursor.fetchall()]

    def delete(self) -> None:
        """Delete these points."""
        self._query("DELETE").close()

    def _extreme(self, order: str) -> tuple[float, int] | None:
        with self._query("SELECT value, step", f"AND NOT is_nan ORDER BY {order} LIMIT 1") as cursor:
            return cursor.fetchone()

    def _query(self, head: str, tail: str = "") -> Any:
        cursor = connection.cursor()
        sign = ">=" if self.from_on else "<"
        cursor.execute(
            f"{head} FROM runs_metricpoint WHERE series_id = %s AND step {sign} %s {tail}", [self.series_id, self.step]
        )
        return cursor


def _as_rows(fetched: Iterable[tuple[int, int, float, object]]) -> Iterator[Row]:
    # SQLite answers 0 and 1, PostgreSQL booleans; both compare equal to Python's booleans, which is all we need.
    return fetched  # type: ignore[return-value]


def _chunks(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    for start in range(0, len(rows), _LOOKUP_CHUNK):
        yield rows[start : start + _LOOKUP_CHUNK]
