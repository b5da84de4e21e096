"""What plots draw: fronts, boxes, grids."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from experiments.models import Direction
from runs.comparing.plots.frame import Column

GRID = 40
#: Of a param with more different numbers than this a box each would be a comb.
MOST_BOXES = 16
_NEIGHBOURS_POWER = 3


@dataclass(frozen=True)
class Box:
    """A value of a param and what the metric did there: five numbers, and which rows."""

    label: str
    five: tuple[float, float, float, float, float]
    rows: tuple[int, ...]


@dataclass(frozen=True)
class Grid:
    """A metric over two params, between the runs. Values stand by row of y, then x, both from low to high."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    values: tuple[tuple[float, ...], ...]


def pareto_front(x: Column, y: Column) -> list[int]:
    """The rows that no other one beats in both, by x. Where no good end is known, less is better."""
    signs = [-1.0 if column.direction is Direction.MAX else 1.0 for column in (x, y)]
    points = [
        (signs[0] * a, signs[1] * b, row)
        for row, (a, b) in enumerate(zip(x.numbers, y.numbers, strict=True))
        if a is not None and b is not None
    ]
    front, best = [], math.inf
    for _, b, row in sorted(points):
        if b < best:
            front.append(row)
            best = b
    return front if signs[0] > 0 else front[::-1]


def boxes(param: Column, target: Column) -> list[Box]:
    """A box for each value of a param; none where there are too many."""
    rows: dict[float | str, list[int]] = {}
    for row, value in enumerate(param.values):
        if value is not None and target.numbers[row] is not None:
            rows.setdefault(value, []).append(row)
    if len(rows) > MOST_BOXES:
        return []
    order: list[Any] = sorted(rows) if param.is_number else [text for text in param.categories if text in rows]
    return [Box(_label(value), _five(target, rows[value]), tuple(rows[value])) for value in order]


def can_be_boxed(param: Column) -> bool:
    """It has few enough values, each of some runs."""
    return 1 < param.distinct <= MOST_BOXES


def grid(x: Column, y: Column, target: Column) -> Grid | None:
    """The metric on a grid of 40 by 40 (Shepard 1968: each run counts by its distance, the nearest most).

    None where fewer than five runs have all three.
    """
    points = [
        (a, b, c)
        for a, b, c in zip(_scaled(x), _scaled(y), target.numbers, strict=True)
        if a is not None and b is not None and c is not None
    ]
    if len(points) < 5:
        return None
    # It takes a tenth of a second to load: not before somebody looks at a plot.
    import numpy

    known = numpy.array(points)
    places = (numpy.arange(GRID) + 0.5) / GRID
    apart = (places[None, :, None] - known[:, 0]) ** 2 + (places[:, None, None] - known[:, 1]) ** 2
    weights = 1 / (apart + 1e-6) ** (_NEIGHBOURS_POWER / 2)
    # Of numbers between −1 and 1: sums of huge ones are none.
    largest = numpy.abs(known[:, 2]).max() or 1.0
    values = (weights * (known[:, 2] / largest)).sum(-1) / weights.sum(-1) * largest
    return Grid(_unscaled(x, places), _unscaled(y, places), tuple(map(tuple, values.tolist())))


def _five(target: Column, rows: Sequence[int]) -> tuple[float, float, float, float, float]:
    values = sorted(number for row in rows if (number := target.numbers[row]) is not None)
    if len(values) == 1:
        return (values[0],) * 5
    largest = max(map(abs, values)) or 1.0
    scaled = statistics.quantiles([value / largest for value in values], n=4, method="inclusive")
    low, middle, high = (quarter * largest for quarter in scaled)
    return values[0], low, middle, high, values[-1]


def _label(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _ends(column: Column) -> tuple[float, float]:
    """Where it begins and ends, by its own scale; never one point."""
    numbers = [_on_scale(column, number) for number in column.numbers if number is not None]
    low, high = min(numbers), max(numbers)
    return (low, high) if low < high else (low - 0.5, high + 0.5)


def _on_scale(column: Column, number: float) -> float:
    return math.log10(number) if column.kind == "log" else number


def _scaled(column: Column) -> list[float | None]:
    """Its numbers between 0 and 1."""
    low, high = _ends(column)
    # Halved first: the distance of two huge numbers is no number.
    return [
        None if number is None else (_on_scale(column, number) / 2 - low / 2) / (high / 2 - low / 2)
        for number in column.numbers
    ]


def _unscaled(column: Column, places: Any) -> tuple[float, ...]:
    low, high = _ends(column)
    numbers = (low * (1 - float(place)) + high * float(place) for place in places)
    return tuple(10**number if column.kind == "log" else number for number in numbers)
