"""Reads series back: exact where that is little, thinned where it is much."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from operator import lt
from typing import Any

from django.core.signing import BadSignature, Signer

from runs import points, thinning
from runs.models import Metric
from runs.points import Row, value_of
from runs.thinning import STEP, TIME, Bucket, Tree
from trackerweb.errors import InvalidValue

INT64_MIN, INT64_MAX = -(2**63), 2**63 - 1
#: A window of a long series is read point by point (a microsecond each) while it holds at most so many …
RAW_POINTS = 40_000
#: … and all series of an answer together at most so many; beyond, the leaves of their trees are fine enough.
RAW_POINTS_IN_ALL = 400_000


@dataclass
class History:
    """Points of one metric in columns of one length. `is_exact`: nothing was thinned. `by_time`: ranged by timestamp,
    because all its steps are equal."""

    metric: Metric
    steps: list[int]
    timestamps: list[int]
    values: list[float]
    is_exact: bool
    by_time: bool
    #: How many points lie in the window that was asked for; None where that would take a count.
    inside: int | None = None

    def columns(self, run_id: str) -> dict[str, Any]:
        """What scripts are told of it (docs/api.md, `metrics/`)."""
        return {
            "run_id": run_id,
            "key": self.metric.key,
            "count": self.metric.count,
            "inside": self.inside,
            "exact": self.is_exact,
            "by_time": self.by_time,
            "steps": self.steps,
            "timestamps": self.timestamps,
            "values": self.values,
        }

    def rows(self) -> list[Row]:
        """Its points as rows."""
        flags = [math.isnan(value) for value in self.values]
        values = [0.0 if flag else value for value, flag in zip(self.values, flags, strict=True)]
        return list(zip(self.steps, self.timestamps, values, flags, strict=True))


def read_series(
    metrics: Sequence[Metric], limit: int, start: int | None = None, end: int | None = None
) -> list[History]:
    """The history of each metric, thinned to about `limit` points, no peak lost.

    Units: `start` and `end` (both included) are steps, or milliseconds for a series whose steps are all equal.
    """
    return read_windows([(metric, start, end) for metric in metrics], limit)


def read_windows(windows: Sequence[tuple[Metric, int | None, int | None]], limit: int) -> list[History]:
    """The same of metrics that have a start and an end each."""
    raw_limit = max(limit, min(RAW_POINTS, RAW_POINTS_IN_ALL // max(1, len(windows))))
    return [_Reader(metric, limit, raw_limit, start, end).history() for metric, start, end in windows]


def values_along(metric: Metric, history: History) -> list[float | None]:
    """What another metric of the run was at each point of a history: its last value up to there, None before its first.

    They are matched by step, or by timestamp where steps tell nothing. Beyond RAW_POINTS the other metric is thinned.
    """
    rows = read_series([metric], RAW_POINTS)[0].rows()
    axis, places = (TIME, history.timestamps) if history.by_time else (STEP, history.steps)
    rows.sort(key=axis)
    marks = [axis(row) for row in rows]
    found = (bisect_right(marks, place) - 1 for place in places)
    return [value_of(rows[place]) if place >= 0 else None for place in found]


def in_time(metric: Metric | None, limit: int | None = None, token: str | None = None) -> tuple[list[Row], str | None]:
    """Every point of a series in the order of timestamps, then steps and values; or up to `limit` of them, and the
    token that leads to the next.

    Errors: InvalidValue for a token that is not ours.
    """
    offset = _read_token(token) if token else 0
    if metric is None:
        return [], None
    if limit is None and not offset:
        return _sorted_by_time(points.read(metric.pk)), None
    limit = points.ALL if limit is None else limit
    rows = points.read_in_time(metric.pk, limit + 1, offset)
    return rows[:limit], _signer().sign(str(offset + limit)) if len(rows) > limit else None


def _sorted_by_time(rows: list[Row]) -> list[Row]:
    """Rows come in the order of steps, which most often is that of time too."""
    times = [row[1] for row in rows]
    in_order = all(map(lt, times, islice(times, 1, None)))
    return rows if in_order else sorted(rows, key=lambda row: (row[1], row[0], row[2]))


def _signer() -> Signer:
    return Signer(sep="~", salt="runs.history")


def _read_token(token: str) -> int:
    try:
        return int(_signer().unsign(token))
    except BadSignature:
        raise InvalidValue(
            "page_token: this is no token of ours. Begin again without one.", field="page_token"
        ) from None


def sampled(metric: Metric, size: int, start: int | None = None, end: int | None = None) -> list[Row]:
    """Up to `size` points of a range of steps, both ends included, evenly chosen by rank as MLflow does: the first of
    each of `size` portions, and the last of all. Of a series too long for that, thinned ones with its peaks.
    """
    if metric.count > RAW_POINTS:
        return read_series([metric], size, start, end)[0].rows()
    rows = points.read(metric.pk, start, end)
    if len(rows) <= size:
        return rows
    width, wider = divmod(len(rows), size)
    chosen = [rows[place * width + min(place, wider)] for place in range(size)]
    chosen[-1] = rows[-1]
    return chosen


class _Reader:
    def __init__(self, metric: Metric, limit: int, raw_limit: int, start: int | None, end: int | None) -> None:
        self.metric, self.limit, self.raw_limit = metric, limit, raw_limit
        self.start = INT64_MIN if start is None else start
        self.end = INT64_MAX if end is None else end

    def history(self) -> History:
        tree = Tree.of(self.metric.pk) if self.metric.count > thinning.TREE_POINTS else None
        return self._from_points() if tree is None else self._from_tree(tree)

    def _from_points(self) -> History:
        rows = points.read(self.metric.pk)
        by_time = len(rows) > 1 and rows[0][0] == rows[-1][0]
        axis = TIME if by_time else STEP
        inside = [row for row in rows if self.start <= axis(row) <= self.end]
        return self._thinned(inside, by_time, whole=True)

    def _from_tree(self, tree: Tree) -> History:
        chosen = self._choose(tree)
        in_all = sum(bucket.count for bucket in chosen)
        if in_all <= self.raw_limit:
            return self._thinned(tree.read_points(self.start, self.end), tree.by_time, whole=True)
        rows = [row for bucket in chosen for row in self._rows_within(tree, bucket)]
        return self._thinned(rows, tree.by_time, whole=False)

    def _choose(self, tree: Tree) -> list[Bucket]:
        """The widest buckets that give enough points, and narrow ones at the edges of the window."""
        enough = max(1, self.limit // 4)
        leaves: list[Bucket] = []
        level = tree.top
        here = tree.buckets(level, self.start >> level, self.end >> level)
        while here:
            split = [bucket for bucket in here if bucket.is_split]
            if len(leaves) + len(here) >= enough:
                split = [bucket for bucket in split if not self._holds(bucket)]
            opened = {bucket.number for bucket in split}
            leaves += [bucket for bucket in here if bucket.number not in opened]
            level -= thinning.LEVEL_BITS
            here = self._children(tree, level, opened)
        return sorted(leaves, key=lambda bucket: bucket.start)

    def _children(self, tree: Tree, level: int, parents: set[int]) -> list[Bucket]:
        """The buckets below `parents` that touch the window: those between the outermost in one go, or few by few."""
        if len(parents) > 2:
            found = self._below(tree, level, min(parents), max(parents))
            return [bucket for bucket in found if bucket.number >> thinning.LEVEL_BITS in parents]
        return [bucket for parent in sorted(parents) for bucket in self._below(tree, level, parent, parent)]

    def _below(self, tree: Tree, level: int, first: int, last: int) -> list[Bucket]:
        """The buckets of a level that lie below parents from number `first` to `last` and touch the window."""
        begin = max(self.start >> level, first << thinning.LEVEL_BITS)
        end = min(self.end >> level, ((last + 1) << thinning.LEVEL_BITS) - 1)
        return tree.buckets(level, begin, end)

    def _rows_within(self, tree: Tree, bucket: Bucket) -> list[Row]:
        if self._holds(bucket):
            return bucket.kept
        return tree.read_points(max(self.start, bucket.start), min(self.end, bucket.end))

    def _holds(self, bucket: Bucket) -> bool:
        """Whether the window holds the whole bucket."""
        return self.start <= bucket.start and bucket.end <= self.end

    def _thinned(self, rows: list[Row], by_time: bool, whole: bool) -> History:
        kept = thinning.thin(rows, self.limit, TIME if by_time else STEP)
        return History(
            metric=self.metric,
            steps=[row[0] for row in kept],
            timestamps=[row[1] for row in kept],
            values=[value_of(row) for row in kept],
            is_exact=whole and len(kept) == len(rows),
            by_time=by_time,
            inside=len(rows) if whole else None,
        )
