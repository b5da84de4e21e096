"""A few points of many series in two queries, however many and however long they are: for tables beside charts."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.db import connection

from runs.models import Metric
from runs.points import value_of

#: The point nearest to each place on one side, found by the key of the table: a few microseconds each.
_NEAREST = """
    WITH place (series, step, time) AS (VALUES {places})
    SELECT place.series, point.step, point.timestamp, point.value, point.is_nan
    FROM place CROSS JOIN runs_metricpoint AS point
    WHERE point.series_id = place.series AND (point.step, point.timestamp, point.value, point.is_nan) = (
        SELECT step, timestamp, value, is_nan FROM runs_metricpoint
        WHERE series_id = place.series AND (step, timestamp) {side} (place.step, place.time)
        ORDER BY step {order}, timestamp {order}, value {order}, is_nan {order} LIMIT 1
    )
"""
_AT_OR_AFTER, _AT_OR_BEFORE = {"side": ">=", "order": "ASC"}, {"side": "<=", "order": "DESC"}
#: Places in one query: SQLite takes 32,766 values in one statement.
_CHUNK = 5000
_BEGINNING = (-(2**63), -(2**63))
_LATEST = 2**63 - 1


class Sample(NamedTuple):
    """One point as it was logged."""

    step: int
    timestamp: int
    value: float


def spread(metrics: Sequence[Metric], size: int) -> dict[int, list[Sample]]:
    """For each metric (by its key in the database) its first point, its last and about `size` - 2 between.

    They are spread over steps, or over time where all steps are equal. Repeated ones are left out.
    """
    filled = [metric for metric in metrics if metric.count]
    first = _points_at([(metric.pk, *_BEGINNING) for metric in filled], _AT_OR_AFTER)
    places = [place for metric in filled for place in _places(metric, first[metric.pk][0], size)]
    between = _points_at(places, _AT_OR_AFTER)
    return {metric.pk: sorted({*first[metric.pk], *between.get(metric.pk, [])}) for metric in filled}


def _places(metric: Metric, first: Sample, size: int) -> list[tuple[int, int, int]]:
    """Where to look: (series, step, time), evenly from the first point to the last."""
    last_step, last_time = metric.last_step or 0, metric.last_time or 0
    shares = range(1, size)
    if last_step == first.step:
        width = last_time - first.timestamp
        return [(metric.pk, last_step, first.timestamp + width * share // (size - 1)) for share in shares]
    width = last_step - first.step
    return [(metric.pk, first.step + width * share // (size - 1), _BEGINNING[1]) for share in shares]


def at_or_before(metrics: Sequence[Metric], step: int) -> dict[int, Sample]:
    """The last point of each metric (by its key in the database) up to a step; none for those that begin later."""
    found = _points_at([(metric.pk, step, _LATEST) for metric in metrics], _AT_OR_BEFORE)
    return {series: samples[0] for series, samples in found.items()}


def _points_at(places: Sequence[tuple[int, int, int]], side: Mapping[str, str]) -> dict[int, list[Sample]]:
    found: dict[int, list[Sample]] = {}
    for start in range(0, len(places), _CHUNK):
        for series, step, timestamp, value, is_nan in _look_up(places[start : start + _CHUNK], side):
            sample = Sample(step, timestamp, value_of((step, timestamp, value, is_nan)))
            found.setdefault(series, []).append(sample)
    return found


def _look_up(
    places: Sequence[tuple[int, int, int]], side: Mapping[str, str]
) -> list[tuple[int, int, int, float, bool]]:
    marks = ", ".join(["(%s, %s, %s)"] * len(places))
    with connection.cursor() as cursor:
        cursor.execute(_NEAREST.format(places=marks, **side), [value for place in places for value in place])
        return cursor.fetchall()
