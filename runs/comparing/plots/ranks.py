"""Rank correlation: Spearman's for numbers (1904), the correlation ratio of ranks for categories."""

import math
from collections.abc import Sequence

from runs.comparing.plots.frame import Column

#: Fewer pairs than this say nothing.
FEWEST = 3


def ranks(values: Sequence[float]) -> list[float]:
    """The place of each value from 1 on; equal ones share the mean of their places."""
    order = sorted(range(len(values)), key=values.__getitem__)
    found = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end + 1 < len(order) and values[order[end + 1]] == values[order[start]]:
            end += 1
        for place in order[start : end + 1]:
            found[place] = (start + end) / 2 + 1
        start = end + 1
    return found


def spearman(one: Sequence[float], other: Sequence[float]) -> float | None:
    """From −1 to 1; None where one of them does not vary, or there are too few."""
    if len(one) < FEWEST:
        return None
    first, second = ranks(one), ranks(other)
    mean = (len(one) + 1) / 2
    covariance = sum((a - mean) * (b - mean) for a, b in zip(first, second, strict=True))
    spread = math.sqrt(sum((a - mean) ** 2 for a in first) * sum((b - mean) ** 2 for b in second))
    return covariance / spread if spread else None


def correlation_ratio(groups: Sequence[str], values: Sequence[float]) -> float | None:
    """How much of the spread of ranks lies between groups, from 0 to 1 (η); None as above."""
    if len(values) < FEWEST:
        return None
    found = ranks(values)
    mean = (len(values) + 1) / 2
    total = sum((rank - mean) ** 2 for rank in found)
    by_group: dict[str, list[float]] = {}
    for group, rank in zip(groups, found, strict=True):
        by_group.setdefault(group, []).append(rank)
    between = sum(len(own) * (sum(own) / len(own) - mean) ** 2 for own in by_group.values())
    return math.sqrt(between / total) if total and len(by_group) < len(values) else None


def signed(one: Column, other: Column) -> float | None:
    """Spearman's correlation of two columns of numbers, over the rows that have both."""
    pairs = [(a, b) for a, b in zip(one.numbers, other.numbers, strict=True) if a is not None and b is not None]
    return spearman([a for a, _ in pairs], [b for _, b in pairs])


def strength(param: Column, target: Column) -> float | None:
    """How much a param says of a metric, from 0 to 1, whatever the kind of the param."""
    if param.is_number:
        found = signed(param, target)
        return None if found is None else abs(found)
    pairs = [
        (text, number)
        for text, number in zip(param.values, target.numbers, strict=True)
        if isinstance(text, str) and number is not None
    ]
    return correlation_ratio([text for text, _ in pairs], [number for _, number in pairs])
