"""What a series comes to, kept while it grows: last, min, max, mean and count.

Adding points in any order and in any split gives the same summary, to the last bit where no sum overflows.
"""

import math
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter

from runs.points import Row

_value = itemgetter(2)


@dataclass
class Summary:
    """The summary of a series; an empty one to begin with.

    `last` is a whole row. `low` and `high` are (value, step) of the earliest extreme; NaN is passed over.
    `partials` add up to the exact sum of the values that are not NaN (Shewchuk 1997, nonoverlapping expansions).
    """

    count: int = 0
    nan_count: int = 0
    last: Row | None = None
    low: tuple[float, int] | None = None
    high: tuple[float, int] | None = None
    partials: tuple[float, ...] = ()

    def add(self, rows: Sequence[Row]) -> None:
        """Take in new rows, which are in order and hold at least one."""
        self.last = rows[-1] if self.last is None else max(self.last, rows[-1])
        self.count += len(rows)
        numbers = [row for row in rows if not row[3]] if any(map(itemgetter(3), rows)) else rows
        self.nan_count += len(rows) - len(numbers)
        if not numbers:
            return
        lowest, highest = min(numbers, key=_value), max(numbers, key=_value)
        self.low = _lower(self.low, (lowest[2], lowest[0]))
        self.high = _higher(self.high, (highest[2], highest[0]))
        self.partials = exact_sum(chain(self.partials, map(_value, numbers)))

    @property
    def mean(self) -> float | None:
        """The mean of what is not NaN; None for none."""
        if self.count == self.nan_count:
            return None
        return math.fsum(self.partials) / (self.count - self.nan_count)


def _lower(one: tuple[float, int] | None, other: tuple[float, int]) -> tuple[float, int]:
    return other if one is None else min(one, other)


def _higher(one: tuple[float, int] | None, other: tuple[float, int]) -> tuple[float, int]:
    if one is None or other[0] > one[0]:
        return other
    return (one[0], min(one[1], other[1])) if one[0] == other[0] else one


def exact_sum(values: Iterable[float]) -> tuple[float, ...]:
    """Floats, the largest first, whose sum is exactly that of `values`; one infinity or NaN where there is no such sum.

    Each round adds what is left after the rounds before, exactly rounded; two or three rounds leave nothing.
    """
    terms = list(values)
    partials: list[float] = []
    try:
        while rest := math.fsum(terms):
            partials.append(rest)
            if not math.isfinite(rest):
                return (rest,)
            terms.append(-rest)
    except (OverflowError, ValueError):
        return (sum(terms),)
    return tuple(partials)


def pack(partials: Sequence[float]) -> bytes:
    """Partials as they are stored."""
    return struct.pack(f"<{len(partials)}d", *partials)


def unpack(packed: bytes) -> tuple[float, ...]:
    """Partials from their stored form."""
    return struct.unpack(f"<{len(packed) // 8}d", packed)
