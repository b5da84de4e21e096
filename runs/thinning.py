"""Thins series: keeps of a stretch of points those that a drawing of it shows.

A long series carries a tree of buckets beside its points, kept on write. A bucket is a range of steps whose width is a
power of four; one that outgrows LEAF_POINTS is split into four narrower ones, so that leaves are small wherever the
points lie: at 0, 1, 2 …, among tokens or timestamps, or far from all others. Adding is commutative: points may come in
any order and split. Series whose points all have one step are ranged by time instead, until another step appears.
"""

import struct
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import isfinite
from operator import itemgetter

from django.db import connection

from runs import points
from runs.points import Row

#: Series up to this long are thinned when they are read.
TREE_POINTS = 4096
#: A leaf that outgrows this is split, down to one step or one millisecond.
LEAF_POINTS = 256
#: Each level is four times as wide as the one below.
LEVEL_BITS = 2
MAX_TOP_BUCKETS = 16

STEP, TIME = itemgetter(0), itemgetter(1)
_value = itemgetter(2)
_PACKED = struct.Struct("<qqd?")


def keep(rows: Sequence[Row]) -> list[Row]:
    """Of rows in order: the first, last, lowest and highest, the first NaN, +inf and -inf; in order, each once."""
    if len(rows) <= 2:
        return list(rows)
    kept = {rows[0], rows[-1]}
    finite = [row for row in rows if not row[3] and isfinite(row[2])]
    if finite:
        kept |= {min(finite, key=_value), max(finite, key=_value)}
    if len(finite) < len(rows):
        odd = [row for row in reversed(rows) if row[3] or not isfinite(row[2])]
        kept |= set({(row[3], row[2]): row for row in odd}.values())
    return sorted(kept)


def thin(rows: Sequence[Row], limit: int, axis: itemgetter) -> list[Row]:
    """About `limit` of `rows` (in order): what `keep` keeps of limit / 4 equal stretches of `axis`. All, if few."""
    if len(rows) <= limit:
        return list(rows)
    start = axis(rows[0])
    stretches = max(1, limit // 4)
    width = (axis(rows[-1]) - start) // stretches + 1
    by_stretch: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        by_stretch[(axis(row) - start) // width].append(row)
    return [row for stretch in by_stretch.values() for row in keep(stretch)]


@dataclass
class Bucket:
    """A node of the tree: range [number << level, (number + 1) << level) of steps, or of ms in a tree by time."""

    level: int
    number: int
    count: int
    is_split: bool
    kept: list[Row]

    @property
    def start(self) -> int:
        """The first step (or ms) of its range."""
        return self.number << self.level

    @property
    def end(self) -> int:
        """The last step (or ms) of its range."""
        return self.start + (1 << self.level) - 1

    def take(self, kept: Sequence[Row], count: int) -> None:
        """Take in `count` more rows, of which these were kept."""
        self.count += count
        self.kept = keep(sorted({*self.kept, *kept}))

    @property
    def should_split(self) -> bool:
        """More points than a leaf may hold, and room below."""
        return not self.is_split and self.count > LEAF_POINTS and self.level > 0


class Tree:
    """The buckets of one series. `top` is the level without parents; it holds at most MAX_TOP_BUCKETS."""

    def __init__(self, series_id: int, by_time: bool, top: int, step: int) -> None:
        self.series_id, self.by_time, self.top = series_id, by_time, top
        self.axis = TIME if by_time else STEP
        self.step = step

    @classmethod
    def of(cls, series_id: int) -> "Tree | None":
        """The series' tree, or None for a short series."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT by_time, level, points FROM runs_metricbucket WHERE series_id = %s "
                "ORDER BY by_time DESC, level DESC LIMIT 1",
                [series_id],
            )
            found = cursor.fetchone()
        if found is None:
            return None
        by_time, level, packed = found
        return cls(series_id, bool(by_time), level, _unpack(packed)[0][0])

    def read_points(self, start: int | None, end: int | None) -> list[Row]:
        """The stored points of a range of the axis, in order."""
        if self.by_time:
            return points.read_by_time(self.series_id, self.step, start, end)
        return points.read(self.series_id, start, end)

    def buckets(self, level: int, first: int, last: int) -> list[Bucket]:
        """The buckets of one level whose numbers lie between `first` and `last`, both included, in order."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT level, bucket, count, is_split, points FROM runs_metricbucket "
                "WHERE series_id = %s AND by_time = %s AND level = %s AND bucket BETWEEN %s AND %s ORDER BY bucket",
                [self.series_id, self.by_time, level, first, last],
            )
            return [_bucket(*row) for row in cursor.fetchall()]

    def write(self, changed: Iterable[Bucket]) -> None:
        """Store new and changed buckets."""
        rows = [
            (self.series_id, self.by_time, item.level, item.number, item.count, item.is_split, _pack(item.kept))
            for item in changed
        ]
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO runs_metricbucket (series_id, by_time, level, bucket, count, is_split, points) "
                "VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (series_id, by_time, level, bucket) DO UPDATE SET "
                "count = excluded.count, is_split = excluded.is_split, points = excluded.points",
                rows,
            )

    def drop(self, level: int, first: int = -(2**63)) -> None:
        """Remove the buckets of one level from number `first` on."""
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM runs_metricbucket WHERE series_id = %s AND by_time = %s AND level = %s AND bucket >= %s",
                [self.series_id, self.by_time, level, first],
            )


def forget(series_id: int) -> None:
    """Drop the tree of a series."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM runs_metricbucket WHERE series_id = %s", [series_id])


def grow(series_id: int, rows: Sequence[Row], count: int) -> None:
    """Take newly stored `rows` (in order) into the tree of a series that holds `count` points, these included."""
    if count <= TREE_POINTS:
        return
    tree = Tree.of(series_id)
    if tree is None:
        plant(series_id)
        return
    if tree.by_time and (rows[0][0] != tree.step or rows[-1][0] != tree.step):
        tree = _turn_to_steps(tree)
    _add(tree, rows)


def trim(series_id: int, step: int, count: int) -> None:
    """Bring the tree in line once the points from `step` on are deleted; `count` are left, at least one."""
    tree = Tree.of(series_id)
    if tree is None:
        return
    first, last = points.steps_of(series_id)
    if count > TREE_POINTS and first != last:
        _trim(tree, step)
        return
    forget(series_id)
    if count > TREE_POINTS:
        plant(series_id)


def plant(series_id: int) -> None:
    """Make the tree of a series from its points."""
    rows = points.read(series_id)
    by_time = rows[0][0] == rows[-1][0]
    axis = TIME if by_time else STEP
    top = _top_level(axis(rows[0]), axis(rows[-1]))
    tree = Tree(series_id, by_time, top, rows[0][0])
    tree.write(bucket for number, group in _grouped(rows, axis, top) for bucket in _built(axis, top, number, group))


def _turn_to_steps(tree: Tree) -> Tree:
    """All points so far have one step: one bucket of that step holds what the tree by time came to."""
    tops = tree.buckets(tree.top, -(2**63), 2**63 - 1)
    kept = keep(sorted(row for bucket in tops for row in bucket.kept))
    whole = Bucket(0, tree.step, sum(bucket.count for bucket in tops), is_split=False, kept=kept)
    forget(tree.series_id)
    turned = Tree(tree.series_id, by_time=False, top=0, step=tree.step)
    turned.write([whole])
    return turned


def _trim(tree: Tree, step: int) -> None:
    """Drop the buckets from `step` on. Those that it cuts through are counted again, the narrowest first."""
    for level in range(0, tree.top + 1, LEVEL_BITS):
        edge = (step - 1) >> level
        tree.drop(level, edge + 1)
        for bucket in tree.buckets(level, edge, edge):
            if bucket.end >= step:
                _count_again(tree, bucket)
    _lower_top(tree)


def _count_again(tree: Tree, bucket: Bucket) -> None:
    """Make a bucket hold what is left below it, or in its range; an empty one goes."""
    if bucket.is_split:
        first = bucket.number << LEVEL_BITS
        below = tree.buckets(bucket.level - LEVEL_BITS, first, first + (1 << LEVEL_BITS) - 1)
        bucket.count = sum(child.count for child in below)
        bucket.kept = keep(sorted(row for child in below for row in child.kept))
    else:
        rows = tree.read_points(bucket.start, bucket.end)
        bucket.count, bucket.kept = len(rows), keep(rows)
    if bucket.count:
        tree.write([bucket])
    else:
        tree.drop(bucket.level, bucket.number)


def _lower_top(tree: Tree) -> None:
    """Take parents off that hold few buckets: a far step that was cut off may have put them there."""
    while all(bucket.is_split for bucket in tree.buckets(tree.top, -(2**63), 2**63 - 1)):
        below = tree.buckets(tree.top - LEVEL_BITS, -(2**63), 2**63 - 1)
        if len(below) > MAX_TOP_BUCKETS:
            return
        tree.drop(tree.top)
        tree.top -= LEVEL_BITS


def _add(tree: Tree, rows: Sequence[Row]) -> None:
    changed: list[Bucket] = []
    groups = [_Group(number, group) for number, group in _grouped(rows, tree.axis, tree.top)]
    level = tree.top
    while groups:
        numbers = [group.number for group in groups]
        known = {bucket.number: bucket for bucket in tree.buckets(level, min(numbers), max(numbers))}
        below: list[_Group] = []
        for group in groups:
            bucket = known.get(group.number)
            if bucket is None:
                changed += _built(tree.axis, level, group.number, group.rows)
                continue
            bucket.take(group.kept, len(group.rows))
            if bucket.is_split:
                below += group.divided(tree.axis, level - LEVEL_BITS)
            elif bucket.should_split:
                changed += _split(tree, bucket)
            changed.append(bucket)
        groups, level = below, level - LEVEL_BITS
    tree.write(changed)
    _raise_top(tree)


class _Group:
    """New rows on their way down the tree, into the bucket of this number."""

    def __init__(self, number: int, rows: Sequence[Row], kept: list[Row] | None = None) -> None:
        self.number, self.rows = number, rows
        self.kept = keep(rows) if kept is None else kept

    def divided(self, axis: itemgetter, level: int) -> "list[_Group]":
        """Itself by the buckets of a level below. Rows that stay together are not looked at again."""
        parts = list(_grouped(self.rows, axis, level))
        return [_Group(number, rows, self.kept if len(parts) == 1 else None) for number, rows in parts]


def _split(tree: Tree, bucket: Bucket) -> Iterator[Bucket]:
    """The buckets below one that has outgrown a leaf, made from its stored points."""
    bucket.is_split = True
    return _built_below(tree.axis, bucket.level, tree.read_points(bucket.start, bucket.end))


def _raise_top(tree: Tree) -> None:
    """Put parents over the top level while it holds too many buckets."""
    tops = tree.buckets(tree.top, -(2**63), 2**63 - 1)
    while len(tops) > MAX_TOP_BUCKETS:
        parents: dict[int, Bucket] = {}
        for child in tops:
            number = child.number >> LEVEL_BITS
            parent = parents.setdefault(number, Bucket(tree.top + LEVEL_BITS, number, 0, is_split=True, kept=[]))
            parent.take(child.kept, child.count)
        tops = list(parents.values())
        tree.top += LEVEL_BITS
        tree.write(tops)


def _top_level(first: int, last: int) -> int:
    level = 0
    while (last >> level) - (first >> level) >= MAX_TOP_BUCKETS:
        level += LEVEL_BITS
    return level


def _grouped(rows: Sequence[Row], axis: itemgetter, level: int) -> Iterator[tuple[int, Sequence[Row]]]:
    """Rows by the number of their bucket on a level. Rows in order lie in order of any axis, so groups are slices."""
    start = 0
    while start < len(rows):
        number = axis(rows[start]) >> level
        end = bisect_left(rows, (number + 1) << level, lo=start, key=axis)
        yield number, rows[start:end]
        start = end


def _built(axis: itemgetter, level: int, number: int, rows: Sequence[Row]) -> Iterator[Bucket]:
    """A new bucket over `rows` and those below it."""
    bucket = Bucket(level, number, len(rows), is_split=False, kept=keep(rows))
    bucket.is_split = bucket.should_split
    yield bucket
    if bucket.is_split:
        yield from _built_below(axis, level, rows)


def _built_below(axis: itemgetter, level: int, rows: Sequence[Row]) -> Iterator[Bucket]:
    for number, group in _grouped(rows, axis, level - LEVEL_BITS):
        yield from _built(axis, level - LEVEL_BITS, number, group)


def _bucket(level: int, number: int, count: int, is_split: object, packed: bytes) -> Bucket:
    return Bucket(level, number, count, bool(is_split), _unpack(packed))


def _pack(rows: Iterable[Row]) -> bytes:
    return b"".join(_PACKED.pack(*row) for row in rows)


def _unpack(packed: bytes) -> list[Row]:
    return list(_PACKED.iter_unpack(packed))
