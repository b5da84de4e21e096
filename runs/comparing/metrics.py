"""Metrics side by side: one statistic of each series, the best marked, how far each is from the base."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from experiments.models import Direction
from runs import samples
from runs.comparing.contenders import Contender
from runs.comparing.state import State, Statistic
from runs.deltas import Delta, delta
from runs.direction import DIRECTION_WORDS
from runs.models import Metric, Run
from runs.points import number_of
from runs.sections import LAST, Section, by_prefix, prefix_of, without_prefix
from runs.table.statistics import summarise
from trackerweb.formatting import decimals_for


@dataclass(frozen=True)
class MetricCell:
    """One contender's value: None where it has no such metric, NaN where it has nothing but NaN. Of repetitions it is
    their mean, and `values` are theirs.
    """

    value: float | None
    step: int | None = None
    values: tuple[float, ...] = ()
    spread: float | None = None
    is_best: bool = False
    delta: Delta | None = None


@dataclass(frozen=True)
class MetricRow:
    """A key and its cells in the order of the contenders."""

    key: str
    direction: Direction | None
    cells: list[MetricCell]

    @property
    def label(self) -> str:
        """The key below its section's heading."""
        return without_prefix(self.key)

    @property
    def is_system(self) -> bool:
        """Measured by machines about themselves."""
        return prefix_of(self.key) == LAST

    @property
    def decimals(self) -> int:
        """As many as bring its values on one line."""
        return decimals_for(cell.value for cell in self.cells)

    def at(self, places: Sequence[int]) -> "MetricRow":
        """The row with some of its cells."""
        return replace(self, cells=[self.cells[place] for place in places])

    @property
    def direction_words(self) -> str:
        """The good end in words."""
        return DIRECTION_WORDS[self.direction]


def series_of(runs: Sequence[Run]) -> dict[str, dict[int, Metric]]:
    """The series of runs by key and then by run, keys in order. One query."""
    found: dict[str, dict[int, Metric]] = {}
    metrics = Metric.objects.filter(run__in=[run.pk for run in runs], count__gt=0)
    for metric in metrics.defer("exact_sum").order_by("key"):
        found.setdefault(metric.key, {})[metric.run_id] = metric
    return found


class MetricTable:
    """All metrics of the contenders, in the statistic that was asked for."""

    def __init__(
        self,
        contenders: Sequence[Contender],
        series: Mapping[str, Mapping[int, Metric]],
        directions: Mapping[str, Direction | None],
        state: State,
    ) -> None:
        self._contenders, self._series, self._directions, self._state = contenders, series, directions, state

    @cached_property
    def rows(self) -> list[MetricRow]:
        """Every key, in order."""
        return [self.row(key) for key in self._series]

    def sections(self, places: Sequence[int]) -> list[Section[MetricRow]]:
        """Rows by prefix, with the cells at `places`."""
        return by_prefix([row.at(places) for row in self.rows], lambda row: row.key)

    def row(self, key: str) -> MetricRow:
        """One key. Errors: KeyError where no run has it."""
        direction = self._directions[key]
        cells = [self._cell(contender, self._series[key]) for contender in self._contenders]
        decimals = decimals_for(cell.value for cell in cells)
        best, base = _best([cell.value for cell in cells], direction), cells[0].value
        return MetricRow(
            key,
            direction,
            [
                replace(
                    cell,
                    is_best=best is not None and cell.value == best,
                    delta=self._delta(cell.value, base, decimals, direction) if place else None,
                )
                for place, cell in enumerate(cells)
            ],
        )

    def finite(self, key: str) -> list[dict[int, float]]:
        """The numbers of one key, by the run's key, for each contender: those that can be reckoned with."""
        by_run = self._series[key]
        places = [{run.pk: self._place(by_run.get(run.pk)) for run in item.runs} for item in self._contenders]
        return [
            {pk: place[0] for pk, place in found.items() if place is not None and math.isfinite(place[0])}
            for found in places
        ]

    def _delta(
        self, value: float | None, base: float | None, decimals: int, direction: Direction | None
    ) -> Delta | None:
        if value is None or base is None:
            return None
        return delta(value, base, decimals, direction, self._state.percent)

    def _cell(self, contender: Contender, by_run: Mapping[int, Metric]) -> MetricCell:
        found = [place for run in contender.runs if (place := self._place(by_run.get(run.pk))) is not None]
        if not found:
            return MetricCell(None)
        if len(contender.runs) == 1:
            value, step = found[0]
            return MetricCell(value, step, (value,))
        numbers = [value for value, _ in found if not math.isnan(value)]
        summary = summarise(list(numbers), "sd")
        if summary is None:
            return MetricCell(math.nan, values=tuple(value for value, _ in found))
        return MetricCell(summary.middle, values=tuple(numbers), spread=summary.spread)

    def _place(self, metric: Metric | None) -> tuple[float, int | None] | None:
        """The value of a series and its step."""
        if metric is None:
            return None
        if self._state.statistic == "step":
            return self._at_step.get(metric.pk)
        value = number_of(getattr(metric, self._state.statistic))
        return value, getattr(metric, f"{self._state.statistic}_step", None)

    @cached_property
    def _at_step(self) -> dict[int, tuple[float, int]]:
        """The value of each series at the step that was asked for, or at the nearest step before it."""
        metrics = [metric for by_run in self._series.values() for metric in by_run.values()]
        found = samples.at_or_before(metrics, self._state.step)
        return {key: (sample.value, sample.step) for key, sample in found.items()}


def statistic_words(statistic: Statistic, step: int) -> str:
    """What a table shows of each series."""
    return {
        "last": "the value logged last",
        "min": "the lowest value",
        "max": "the highest value",
        "mean": "the mean of all values",
        "step": f"the value at step {step:,}, or at the nearest step before",
    }[statistic]


def _best(values: Iterable[float | None], direction: Direction | None) -> float | None:
    """The best of what can be compared; None where nobody knows, or all are alike."""
    finite = {value for value in values if value is not None and math.isfinite(value)}
    if direction is None or len(finite) < 2:
        return None
    return max(finite) if direction == Direction.MAX else min(finite)
