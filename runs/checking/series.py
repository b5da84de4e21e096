"""Series against their points: summaries, the trees that thin long ones, and points of no series."""

import math
import time
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from django.db import connection

from runs import ingest, points, thinning
from runs.checking import trees
from runs.checking.finding import ROWS_A_LOOK, Finding, Scope, note, note_run
from runs.models import Metric, Run
from runs.summary import Summary
from trackerweb import sqlite
from trackerweb.lifecycle import LifecycleStage
from trackerweb.transactions import write_transaction

#: About how many points are read in one state of the database.
POINTS_A_LOOK = 200_000
#: How long a look waits to see whether a deletion goes on.
PAUSE_SECONDS = 0.5
_FIELDS = (
    "count", "nan_count", "last", "last_step", "last_time", "min", "min_step", "max", "max_step", "mean", "exact_sum",
)  # fmt: skip
_SUMS = ("mean", "exact_sum")
#: Sums of values that come to less than this never overflow on the way, in whatever order they are added.
_SAFE_TOTAL = 8e307

# Hops from one series to the next by the table's key, however many points lie between.
_HOMELESS = """
    WITH RECURSIVE present (id) AS (
        SELECT MIN(series_id) FROM {table} WHERE series_id > %s
        UNION ALL
        SELECT (SELECT MIN(series_id) FROM {table} WHERE series_id > present.id) FROM present WHERE id IS NOT NULL
    )
    SELECT id FROM present
    WHERE id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM runs_metric WHERE runs_metric.id = present.id)
    LIMIT %s
"""


def points_without_series(scope: Scope) -> Iterator[Finding]:
    """Points that a deletion or a copy left when the server died. A deletion that goes on is none of ours.

    A copy that goes on can't be told from one that broke off; it copies again what is deleted under it.
    """
    for series_id in _left_over("runs_metricpoint"):
        yield Finding(
            f"series {series_id}",
            f"{points.count(series_id)} points belong to no metric",
            "--repair deletes them.",
            partial(_delete_all, "runs_metricpoint", series_id),
            is_harmless=True,
        )


def buckets_without_series(scope: Scope) -> Iterator[Finding]:
    """Trees that a deletion left."""
    for series_id in _left_over("runs_metricbucket"):
        yield Finding(
            f"series {series_id}",
            "a tree belongs to no metric",
            "--repair deletes it.",
            partial(_delete_all, "runs_metricbucket", series_id),
            is_harmless=True,
        )


def _left_over(table: str) -> Iterator[int]:
    last = -(2**63)
    while found := _homeless(table, last):
        before = [_first_row(table, series_id) for series_id in found]
        time.sleep(PAUSE_SECONDS)
        for series_id, row in zip(found, before, strict=True):
            if row is not None and row == _first_row(table, series_id):
                yield series_id
        last = found[-1]


def _homeless(table: str, after: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_HOMELESS.format(table=table), [after, ROWS_A_LOOK])
        return [series_id for (series_id,) in cursor.fetchall()]


def _first_row(table: str, series_id: int) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} WHERE series_id = %s ORDER BY 1, 2, 3, 4 LIMIT 1", [series_id])
        return cursor.fetchone()


def _delete_all(table: str, series_id: int) -> bool:
    with write_transaction(), connection.cursor() as cursor:
        if Metric.objects.filter(pk=series_id).exists():
            return True
        cursor.execute(f"DELETE FROM {table} WHERE series_id = %s", [series_id])
        note("metric", str(series_id), table, {"deleted rows of no metric": cursor.rowcount})
    return True


def summaries(scope: Scope) -> Iterator[Finding]:
    """Every metric's count, last, min, max and mean against its points."""
    last = 0
    while series := _next_series(last):
        with sqlite.one_state():
            stored = _stored(series)
            found = {row[0]: differences(row[3:], *_rebuilt(row[0])) for row in stored}
        for series_id, run_id, key, *_ in stored:
            if found[series_id]:
                yield _wrong_summary(series_id, run_id, key, found[series_id])
        scope.tick(len(series))
        last = series[-1]


def _kept() -> Any:
    """Series of runs that are not being deleted for good: those lose their points bit by bit."""
    return Metric.objects.exclude(run__lifecycle_stage=LifecycleStage.PURGING)


def _next_series(after: int) -> list[int]:
    """The next series: as many as one look can take, one at least."""
    chosen: list[int] = []
    in_all = 0
    for series_id, count in _kept().filter(pk__gt=after).order_by("pk").values_list("pk", "count")[:ROWS_A_LOOK]:
        in_all += count
        if chosen and in_all > POINTS_A_LOOK:
            break
        chosen.append(series_id)
    return chosen


def _stored(series: Sequence[int]) -> list[Any]:
    return list(_kept().filter(pk__in=series).order_by("pk").values_list("pk", "run__run_id", "key", *_FIELDS))


def _rebuilt(series_id: int) -> tuple[Summary, float]:
    """What the points come to, and the sum of their sizes: infinite where adding them may overflow."""
    summary, total = Summary(), 0.0
    for rows in points.pieces(series_id):
        summary.add(rows)
        total += sum(abs(row[2]) for row in rows)
    return summary, total


def differences(stored: Sequence[Any], summary: Summary, total: float) -> dict[str, tuple[Any, Any]]:
    """Fields of a stored summary that are not what the points come to: (stored, right) by name."""
    # SQLite keeps NaN as NULL.
    right = [None if value != value else value for value in ingest.columns_of(summary)]
    pairs = {name: (old, new) for name, old, new in zip(_FIELDS, stored, right, strict=True) if old != new}
    if total > _SAFE_TOTAL and (_overflowed(stored) or _overflowed(right)):
        # Where adding overflows, it matters in which order points came: it may overflow now and not then.
        return {name: pair for name, pair in pairs.items() if name not in _SUMS}
    return pairs


def _overflowed(stored: Sequence[Any]) -> bool:
    mean = stored[_FIELDS.index("mean")]
    return mean is None or math.isinf(mean)


def _wrong_summary(series_id: int, run_id: str, key: str, wrong: dict[str, tuple[Any, Any]]) -> Finding:
    said = [f"{name} is {old} and its points come to {new}" for name, (old, new) in wrong.items() if name != _SUMS[1]]
    return Finding(
        f"run {run_id}, metric {key!r}",
        "; ".join(said) or "the sum that its mean is made of is not that of its points",
        "--repair counts it again from its points.",
        partial(_count_again, series_id),
    )


def _count_again(series_id: int) -> bool:
    with write_transaction():
        stored = _stored([series_id])
        if not stored:
            return True
        summary, total = _rebuilt(series_id)
        _, run_id, key, *columns = stored[0]
        wrong = differences(columns, summary, total)
        if wrong:
            ingest.write_summaries([(series_id, summary)])
            before = {name: str(old) for name, (old, _) in wrong.items()}
            note_run(Run.objects.get(run_id=run_id), {f"metric {key}": before})
    return True


def long_series(scope: Scope) -> Iterator[Finding]:
    """The tree of every long series against its points, bucket by bucket."""
    last = 0
    while series := _with_trees(last):
        for series_id, run_id, key in series:
            with sqlite.one_state():
                fault = trees.fault_of(series_id)
            if fault is not None:
                yield Finding(
                    f"run {run_id}, metric {key!r}",
                    fault,
                    "--repair makes its tree again from its points.",
                    partial(_replant, series_id),
                )
            scope.tick(1)
        last = series[-1][0]


def _with_trees(after: int) -> list[tuple[int, str, str]]:
    """Series that have a tree, or are so long that they should: (id, run, key)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT m.id, r.run_id, m.key FROM runs_metric AS m JOIN runs_run AS r ON r.id = m.run_id "
            "WHERE m.id > %s AND r.lifecycle_stage != %s AND ("
            "EXISTS (SELECT 1 FROM runs_metricbucket AS b WHERE b.series_id = m.id) OR %s < (SELECT COUNT(*) FROM "
            "(SELECT 1 FROM runs_metricpoint AS p WHERE p.series_id = m.id LIMIT %s) AS some)) ORDER BY m.id LIMIT %s",
            [after, LifecycleStage.PURGING, thinning.TREE_POINTS, thinning.TREE_POINTS + 1, ROWS_A_LOOK],
        )
        return cursor.fetchall()


def _replant(series_id: int) -> bool:
    with write_transaction():
        metric = Metric.objects.filter(pk=series_id).select_related("run").first()
        fault = trees.fault_of(series_id) if metric is not None else None
        if metric is None or fault is None:
            return True
        thinning.forget(series_id)
        if points.count(series_id) > thinning.TREE_POINTS:
            thinning.plant(series_id)
        note_run(metric.run, {f"metric {metric.key}": fault})
    return True
