"""Whether the tree of a series holds what its points come to. A tree that grew in another order is as right."""

import struct
from collections.abc import Sequence

from django.db import connection

from runs import points, thinning
from runs.points import Row
from runs.thinning import LEVEL_BITS, Bucket, Tree, keep

_LEVELS = range(0, 65, LEVEL_BITS)
_FIRST, _LAST = -(2**63), 2**63 - 1


class _Fault(Exception):
    """What is wrong with a tree."""


def fault_of(series_id: int) -> str | None:
    """What is wrong with the tree of a series first, in words; None when nothing is.

    It reads every point once, a leaf at a time. Call it where all reads see one state.
    """
    try:
        _check(series_id, points.count(series_id))
    except _Fault as fault:
        return str(fault)
    except (struct.error, IndexError):
        return "a bucket of its tree can't be read"
    return None


def _check(series_id: int, count: int) -> None:
    held = _number_of_buckets(series_id)
    if count <= thinning.TREE_POINTS:
        _insist(not held, f"it has a tree, and {count} points are too few for one")
        return
    tree = Tree.of(series_id)
    if tree is None:
        raise _Fault(f"it has {count} points and no tree")
    _insist(tree.top in _LEVELS, f"its tree begins on level {tree.top}, which is none")
    tops = tree.buckets(tree.top, _FIRST, _LAST)
    seen = sum(_Walk(tree).visit(bucket) for bucket in tops)
    _check_axis(tree, tops)
    in_all = sum(bucket.count for bucket in tops)
    _insist(in_all == count, f"its tree holds {in_all} points, and the series {count}")
    _insist(seen == held, f"{held - seen} of its {held} buckets lie outside of its tree")


def _check_axis(tree: Tree, tops: Sequence[Bucket]) -> None:
    kept = sorted(row for bucket in tops for row in bucket.kept)
    one_step = kept[0][0] == kept[-1][0]
    _insist(tree.by_time or not one_step, "its tree ranges over steps, and all points have one")


def _insist(is_right: bool, fault: str) -> None:
    if not is_right:
        raise _Fault(fault)


def _number_of_buckets(series_id: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM runs_metricbucket WHERE series_id = %s", [series_id])
        return int(cursor.fetchone()[0])


class _Walk:
    """Goes down a tree and compares on the way up."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree

    def visit(self, bucket: Bucket) -> int:
        """Compare a bucket and all below it with the points; returns how many buckets that were.

        Errors: _Fault.
        """
        name = self._name(bucket)
        _insist(not bucket.should_split, f"{name} holds too many points for a leaf")
        below = self._below(bucket) if bucket.is_split else []
        _insist(bool(below) == bucket.is_split, f"{name} is split, and nothing lies below it")
        seen = 1 + sum(self.visit(child) for child in below)
        count, kept = _joined(below) if below else self._of_points(bucket)
        _insist(bucket.count == count, f"{name} counts {bucket.count} points, and {count} lie there")
        _insist(bucket.kept == kept, f"{name} keeps other points than first, last, lowest and highest")
        return seen

    def _name(self, bucket: Bucket) -> str:
        return f"the bucket of {'times' if self._tree.by_time else 'steps'} {bucket.start} to {bucket.end}"

    def _below(self, bucket: Bucket) -> list[Bucket]:
        first = bucket.number << LEVEL_BITS
        return self._tree.buckets(bucket.level - LEVEL_BITS, first, first + (1 << LEVEL_BITS) - 1)

    def _of_points(self, bucket: Bucket) -> tuple[int, list[Row]]:
        """How many points lie in its range, and which are kept. A leaf of one step may hold a million."""
        tree = self._tree
        start, end = max(bucket.start, _FIRST), min(bucket.end, _LAST)
        axis, step = ("timestamp", tree.step) if tree.by_time else ("step", None)
        count = 0
        kept: list[Row] = []
        for rows in points.pieces(tree.series_id, axis, start, end, step):
            count += len(rows)
            kept = keep(sorted({*kept, *keep(rows)}))
        return count, kept


def _joined(below: Sequence[Bucket]) -> tuple[int, list[Row]]:
    return sum(bucket.count for bucket in below), keep(sorted(row for bucket in below for row in bucket.kept))
