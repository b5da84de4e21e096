"""The rows of a table and their cells."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

from experiments.models import Direction
from runs.colours import RunColour, colours_of
from runs.deltas import Delta, delta
from runs.models import Metric, Run
from runs.system_tags import OF_CLIENTS
from runs.table.columns import Column, Columns
from runs.table.contents import Contents, curves
from runs.table.state import State

#: Lines that are drawn at first, and by the choices of the eye menu.
FIRST_DRAWN = {"5": 5, "10": 10, "page": 250, "none": 0}


@dataclass(frozen=True)
class MetricCell:
    """A metric of a run: the value shown, a few points of its curve, and its distance from the baseline."""

    value: float
    curve: list[float]
    is_best: bool
    delta: Delta | None = None


@dataclass
class Row:
    """One run with its cells, in the order of the columns of each kind."""

    run: Run
    fields: list[Column]
    params: list[tuple[Column, str | None]]
    metrics: list[tuple[Column, MetricCell | None]]
    tags: list[tuple[Column, str | None]]
    labels: list[str]
    digest: str
    colour: RunColour
    is_drawn: bool = False
    is_base: bool = False
    is_pinned: bool = False
    unpinned: str = ""
    children: int = 0
    children_address: str = ""

    @property
    def version(self) -> str:
        """Changes when what the row shows does: pages that refresh themselves leave other rows alone."""
        run = self.run
        shown = [run.name, run.heartbeat_time, run.status, run.is_stale, run.end_time, self.labels, self.children]
        values = [value for cells in (self.params, self.tags, self.metrics) for _, value in cells]
        return f"{crc32(repr([*shown, *values]).encode()):x}"


class Rows:
    """Makes rows of runs; `base` is the run that the others are held against."""

    def __init__(self, state: State, contents: Contents, columns: Columns, base: Run | None) -> None:
        self._state, self._contents, self._columns, self._base = state, contents, columns, base
        self._params = contents.params({column.key for column in columns.params})
        self._metrics = columns.series
        shown = [metric for metrics in self._metrics.values() for metric in metrics.values()]
        self._curves = curves(shown)
        self._drawn = self._drawn_runs()
        self._colours = colours_of([*self._drawn, *(run.run_id for run in contents.runs)])
        self._shared_tags = self._find_shared_tags()

    def of(self, runs: Sequence[Run]) -> list[Row]:
        """The rows of some of the runs."""
        return [self._row(run) for run in runs]

    def _row(self, run: Run) -> Row:
        params, tags = self._params.get(run.pk, {}), self._contents.tags.get(run.pk, {})
        shown = [column for column in self._columns.params if column.key in params]
        return Row(
            run,
            fields=self._columns.fields,
            params=[(column, params.get(column.key)) for column in self._columns.params],
            metrics=[(column, self._metric_cell(run, column)) for column in self._columns.metrics],
            tags=[(column, tags.get(column.key)) for column in self._columns.tags],
            labels=self._labels(tags) if self._columns.has_all_tags else [],
            digest=" · ".join(f"{column.key} {params[column.key]}" for column in shown),
            colour=self._colours[run.run_id],
            is_drawn=run.run_id in self._drawn,
            is_base=self._base is not None and run.pk == self._base.pk,
            is_pinned=run.run_id in self._state.pins,
            unpinned=self._state.address(pin=[pin for pin in self._state.pins if pin != run.run_id]),
        )

    def _metric_cell(self, run: Run, column: Column) -> MetricCell | None:
        metric = self._metrics.get(run.pk, {}).get(column.key)
        if metric is None:
            return None
        value = _value(metric, column)
        curve = self._curves.get(metric.pk, [])
        return MetricCell(
            value, curve, column.best is not None and value == column.best, self._delta(run, column, value)
        )

    def _delta(self, run: Run, column: Column, value: float) -> Delta | None:
        if self._base is None:
            return None
        base = self._metrics.get(self._base.pk, {}).get(column.key)
        if run.pk == self._base.pk:
            return Delta("base")
        if base is None:
            return None
        return delta(value, _value(base, column), column.decimals, column.better, self._state.percent)

    def _labels(self, tags: dict[str, str]) -> list[str]:
        """Tags that people wrote; those that all runs shown share tell nothing."""
        apart = {column.key for column in self._columns.tags}
        return [
            key if value in ("", "true", "True") else f"{key}: {value}"
            for key, value in sorted(tags.items())
            if not key.startswith(OF_CLIENTS) and (key, value) not in self._shared_tags and key not in apart
        ]

    def _find_shared_tags(self) -> set[tuple[str, str]]:
        sets = [set(self._contents.tags.get(run.pk, {}).items()) for run in self._contents.runs]
        return set.intersection(*sets) if len(sets) > 1 else set()

    def _drawn_runs(self) -> list[str]:
        """The runs that the charts draw, those of the page's order first."""
        if self._state.drawn:
            return list(self._state.drawn)
        runs = self._contents.runs
        if self._state.draw == "best":
            runs = self._best_first(runs)
        return [run.run_id for run in runs[: FIRST_DRAWN.get(self._state.draw, 10)]]

    def _best_first(self, runs: Sequence[Run]) -> Sequence[Run]:
        """By the first metric whose good end is known."""
        column = next((column for column in self._columns.metrics if column.better), None)
        if column is None:
            return runs
        sign = -1 if column.better is Direction.MAX else 1
        values = {run.pk: self._metrics.get(run.pk, {}).get(column.key) for run in runs}
        there = [(run, _value(metric, column)) for run in runs if (metric := values[run.pk]) is not None]
        return [run for run, value in sorted(there, key=lambda pair: (math.isnan(pair[1]), sign * pair[1]))]


def _value(metric: Metric, column: Column) -> float:
    value = getattr(metric, column.statistic)
    return float("nan") if value is None else value
