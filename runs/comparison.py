"""What the compare page shows: chosen runs side by side."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any, Literal

from experiments.models import Direction, Experiment
from runs.colours import RunColour, colours_of
from runs.direction import DIRECTION_WORDS, guess
from runs.models import Metric, Param, Run, RunStatus
from runs.points import number_of
from runs.sections import Section, by_prefix, of_charts, without_prefix
from trackerweb.errors import InvalidValue
from trackerweb.formatting import MOST_DECIMALS, decimals_for, whole

MAX_RUNS = 100
#: A text twin beside a chart stays short; the Metrics tab has every run.
TWIN_ROWS = 10

Statistic = Literal["last", "min", "max"]
STATISTICS: tuple[Statistic, ...] = ("last", "min", "max")

CellState = Literal["base", "same", "changed", "missing", "absent"]

#: `optimizer/lr` and `optimizer.lr`.
PARAM_SEPARATORS = "/."

_SPREAD_START, _SPREAD_WIDTH = 4.0, 80.0
_LOG_RATIO = 50


@dataclass(frozen=True)
class ComparedRun:
    """A run of the selection. `differs` counts the params in which it differs from the base."""

    run: Run
    colour: RunColour
    is_base: bool
    differs: int = 0


@dataclass(frozen=True)
class ParamCell:
    """One run's value of a param against the base's."""

    state: CellState
    text: str = ""
    is_set: bool = True
    is_number: bool = False

    @property
    def is_long(self) -> bool:
        """Does not fit its column."""
        return len(self.text) > 24


@dataclass(frozen=True)
class Dot:
    """A value's place on the spread bar, in the bar's own units, and its run's colour."""

    x: float
    token: str


@dataclass(frozen=True)
class ParamRow:
    """A key, its cells in the order of the runs, and where its numbers lie between the lowest and the highest."""

    key: str
    cells: list[ParamCell]
    differs: bool
    spread: list[Dot] = field(default_factory=list)

    @property
    def label(self) -> str:
        """The key below its section's heading."""
        return without_prefix(self.key, PARAM_SEPARATORS)

    @property
    def is_numeric(self) -> bool:
        """All values that are there are numbers."""
        return all(cell.is_number for cell in self.cells if cell.is_set)


@dataclass(frozen=True)
class ParamSection:
    """Rows to show under one heading, and how many of its keys differ."""

    name: str
    rows: list[ParamRow]
    differing: int
    total: int


@dataclass(frozen=True)
class MetricCell:
    """One run's value: `value` is None where the run has no such metric, NaN where it has nothing but NaN."""

    value: float | None
    step: int | None = None
    is_best: bool = False


@dataclass(frozen=True)
class MetricRow:
    """A key and its cells in the order of the runs."""

    key: str
    direction: Direction | None
    cells: list[MetricCell]

    @property
    def label(self) -> str:
        """The key below its section's heading."""
        return without_prefix(self.key)

    @property
    def decimals(self) -> int:
        """As many as bring its values on one line."""
        return decimals_for(cell.value for cell in self.cells)

    @property
    def direction_words(self) -> str:
        """The good end in words."""
        return DIRECTION_WORDS[self.direction]


@dataclass(frozen=True)
class Series:
    """One run's metric, for the text twin of a chart."""

    compared: ComparedRun
    metric: Metric

    @property
    def last(self) -> float:
        """The last value; NaN where it is none."""
        return number_of(self.metric.last)

    @property
    def min(self) -> float:
        """The lowest value; NaN where none is a number."""
        return number_of(self.metric.min)

    @property
    def max(self) -> float:
        """The highest value; NaN where none is a number."""
        return number_of(self.metric.max)


@dataclass(frozen=True)
class RailRow:
    """A run in the list beside the charts, with its value of the headline metric, if there is one."""

    compared: ComparedRun
    cell: MetricCell | None


@dataclass(frozen=True)
class Chart:
    """One key with the runs that have it."""

    key: str
    direction: Direction | None
    series: list[Series]

    @property
    def shown(self) -> list[Series]:
        """The rows of the text twin."""
        return self.series[:TWIN_ROWS]

    @property
    def more(self) -> int:
        """How many runs the text twin leaves out."""
        return max(0, len(self.series) - TWIN_ROWS)

    @property
    def decimals(self) -> int:
        """As many as bring the twin's values on one line: where losses began high, low ends still show four digits."""
        whole_range = decimals_for(value for item in self.shown for value in (item.last, item.min, item.max))
        return max(whole_range, min(MOST_DECIMALS, decimals_for(item.last for item in self.shown)))

    @property
    def direction_words(self) -> str:
        """The good end in words, where it is known."""
        return DIRECTION_WORDS[self.direction]

    @property
    def extent(self) -> str:
        """How many runs it shows, and how far they go."""
        runs = f"{len(self.series)} run{'s' if len(self.series) > 1 else ''}"
        last_step = max(item.metric.last_step or 0 for item in self.series)
        return f"{runs}, to step {whole(last_step)}" if last_step else runs

    @property
    def axis_words(self) -> str:
        """What it shows, for those who do not see it."""
        return f"of {len(self.series)} runs"

    @property
    def has_curve(self) -> bool:
        """Some run has more than one point."""
        return any(item.metric.count > 1 for item in self.series)


class Comparison:
    """Runs side by side. Three queries, however many runs there are.

    Errors: InvalidValue for more than MAX_RUNS ids.
    """

    def __init__(self, run_ids: Sequence[str], base: str = "", statistic: Statistic = "last") -> None:
        ids = list(dict.fromkeys(run_ids))
        if len(ids) > MAX_RUNS:
            raise InvalidValue(
                f"This address names {len(ids)} runs and {MAX_RUNS} can be compared at once. "
                "Narrow the run table with a filter and select fewer.",
                field="run",
            )
        self.statistic = statistic
        found = {run.run_id: run for run in Run.objects.filter(run_id__in=ids).select_related("experiment")}
        self.unknown_ids = [run_id for run_id in ids if run_id not in found]
        self.trashed = [found[run_id] for run_id in ids if run_id in found and not found[run_id].is_active]
        chosen = [found[run_id] for run_id in ids if run_id in found and found[run_id].is_active]
        self._runs = sorted(chosen, key=lambda run: run.run_id != base)
        self._colours = colours_of(run.run_id for run in chosen)

    def __len__(self) -> int:
        return len(self._runs)

    @cached_property
    def runs(self) -> list[ComparedRun]:
        """The base first, then the others in the order of the address."""
        return [
            ComparedRun(run, self._colours[run.run_id], is_base=place == 0, differs=self._differences(place))
            for place, run in enumerate(self._runs)
        ]

    @property
    def base(self) -> Run | None:
        """What the others are held against."""
        return self._runs[0] if self._runs else None

    @cached_property
    def neighbour(self) -> Run | None:
        """What the base could be compared with: the run of its experiment that began before it."""
        return Run.objects.before(self.base) if self.base is not None else None

    @cached_property
    def running(self) -> int:
        """How many may still grow."""
        return sum(run.status == RunStatus.RUNNING and not run.is_stale for run in self._runs)

    @cached_property
    def experiment(self) -> Experiment | None:
        """The experiment that all runs belong to, if it is one."""
        experiments = {run.experiment_id: run.experiment for run in self._runs}
        return next(iter(experiments.values())) if len(experiments) == 1 else None

    # Params

    @cached_property
    def param_rows(self) -> list[ParamRow]:
        """Every key, in order."""
        values: dict[str, dict[int, Param]] = {}
        params = Param.objects.filter(run__in=self._runs).only("run_id", "key", "value", "number").order_by("key")
        for param in params:
            values.setdefault(param.key, {})[param.run_id] = param
        return [self._param_row(key, by_run) for key, by_run in values.items()]

    @property
    def differing(self) -> int:
        """How many params differ."""
        return sum(row.differs for row in self.param_rows)

    def param_sections(self, equal: bool) -> list[ParamSection]:
        """Rows by prefix, differing ones first; equal ones are left out unless asked for."""
        sections = by_prefix(self.param_rows, lambda row: row.key, PARAM_SEPARATORS)
        made = [_param_section(section, equal) for section in sections]
        return [section for section in made if section.rows]

    def _param_row(self, key: str, by_run: dict[int, Param]) -> ParamRow:
        params = [by_run.get(run.pk) for run in self._runs]
        meanings = [None if param is None else meaning(param.value, param.number) for param in params]
        cells = [
            ParamCell(
                state=_state(place, value, meanings[0]),
                text="" if param is None else param.value,
                is_set=param is not None,
                is_number=param is not None and param.number is not None,
            )
            for place, (param, value) in enumerate(zip(params, meanings, strict=True))
        ]
        return ParamRow(key, cells, differs=len(set(meanings)) > 1, spread=self._spread(params))

    def _spread(self, params: Sequence[Param | None]) -> list[Dot]:
        """Later runs are drawn first, so that the base lies on top; of several in one place one is drawn."""
        tokens = [self._colours[run.run_id].token for run in self._runs]
        given = [
            (param.number, token)
            for param, token in zip(params, tokens, strict=True)
            if param is not None and param.number is not None and math.isfinite(param.number)
        ]
        place = _scale([number for number, _ in given])
        if place is None:
            return []
        dots = {round(place(number), 1): token for number, token in reversed(given)}
        return [Dot(x, token) for x, token in dots.items()]

    def _differences(self, place: int) -> int:
        return sum(row.cells[place].state in ("changed", "missing") for row in self.param_rows)

    # Metrics

    @cached_property
    def _series(self) -> dict[str, dict[int, Metric]]:
        """Summaries by key, then by run."""
        found: dict[str, dict[int, Metric]] = {}
        for metric in Metric.objects.filter(run__in=self._runs).defer("exact_sum").order_by("key"):
            found.setdefault(metric.key, {})[metric.run_id] = metric
        return found

    @cached_property
    def metric_rows(self) -> list[MetricRow]:
        """Every key, in order, with the chosen statistic and the best of each row."""
        return [self._metric_row(key, by_run) for key, by_run in self._series.items()]

    @property
    def metric_sections(self) -> list[Section[MetricRow]]:
        """Rows by prefix."""
        return by_prefix(self.metric_rows, lambda row: row.key)

    @cached_property
    def charts(self) -> list[Chart]:
        """A chart a key."""
        return [
            Chart(
                key,
                self.direction(key),
                [Series(compared, by_run[compared.run.pk]) for compared in self.runs if compared.run.pk in by_run],
            )
            for key, by_run in self._series.items()
        ]

    @property
    def points(self) -> dict[str, int]:
        """How many points each key has, over all runs."""
        return {key: sum(metric.count for metric in by_run.values()) for key, by_run in self._series.items()}

    @property
    def chart_sections(self) -> list[Section[Chart]]:
        """Charts by prefix; those with one value a run are folded at the end, for the table says it better."""
        curves = [chart for chart in self.charts if chart.has_curve]
        dots = [chart for chart in self.charts if not chart.has_curve]
        return of_charts(curves, dots, lambda chart: chart.key)

    def direction(self, key: str) -> Direction | None:
        """The good end of a metric: the experiment's word for its primary metric, else a guess."""
        experiment = self.experiment
        if experiment is not None and experiment.primary_metric == key and experiment.primary_direction:
            return Direction(experiment.primary_direction)
        return guess(key)

    @cached_property
    def headline(self) -> MetricRow | None:
        """The metric that the list of runs shows: the primary one, else the first with a known good end."""
        primary = self.experiment.primary_metric if self.experiment is not None else ""
        ranked = sorted(self.metric_rows, key=lambda row: (row.key != primary, row.direction is None))
        return ranked[0] if ranked else None

    @property
    def rail(self) -> list[RailRow]:
        """The runs with their headline values."""
        cells: Sequence[MetricCell | None] = self.headline.cells if self.headline else [None] * len(self)
        return [RailRow(compared, cell) for compared, cell in zip(self.runs, cells, strict=True)]

    def _metric_row(self, key: str, by_run: dict[int, Metric]) -> MetricRow:
        direction = self.direction(key)
        cells = [_metric_cell(by_run.get(run.pk), self.statistic) for run in self._runs]
        best = _best([cell.value for cell in cells], direction)
        return MetricRow(
            key, direction, [MetricCell(c.value, c.step, is_best=best is not None and c.value == best) for c in cells]
        )


def meaning(text: str, number: float | None) -> tuple[str, Any]:
    """What a param's text stands for, so that 0.1 equals 0.10 and 1e-1, and True equals true, and "1" is not True."""
    if number is not None:
        try:
            return "number", Decimal(text)
        except InvalidOperation:
            return "number", number
    if text.lower() in ("true", "false"):
        return "boolean", text.lower()
    return "text", text


def _state(place: int, value: Any, base: Any) -> CellState:
    if place == 0:
        return "base"
    if value == base:
        return "absent" if value is None else "same"
    return "missing" if value is None else "changed"


def _param_section(section: Section[ParamRow], equal: bool) -> ParamSection:
    differing = [row for row in section.items if row.differs]
    rows = differing + [row for row in section.items if not row.differs] if equal else differing
    return ParamSection(section.name, rows, len(differing), len(section.items))


def _scale(numbers: Sequence[float]) -> Any:
    """A function from a number to its place on the spread bar: by its logarithm where magnitudes differ.

    None where all are the same.
    """
    if not numbers or min(numbers) == max(numbers):
        return None
    low, high = min(numbers), max(numbers)
    if low > 0 and high / low >= _LOG_RATIO:
        low, width = math.log(low), math.log(high) - math.log(low)
        return lambda number: _SPREAD_START + _SPREAD_WIDTH * (math.log(number) - low) / width
    # Halved first: the difference of two huge numbers is no number.
    return lambda number: _SPREAD_START + _SPREAD_WIDTH * ((number / 2 - low / 2) / (high / 2 - low / 2))


def _metric_cell(metric: Metric | None, statistic: Statistic) -> MetricCell:
    if metric is None or not metric.count:
        return MetricCell(None)
    value = getattr(metric, statistic)
    return MetricCell(number_of(value), getattr(metric, f"{statistic}_step"))


def _best(values: Iterable[float | None], direction: Direction | None) -> float | None:
    """The best of what can be compared; None where nobody knows, or all are alike."""
    finite = {value for value in values if value is not None and math.isfinite(value)}
    if direction is None or len(finite) < 2:
        return None
    return max(finite) if direction == Direction.MAX else min(finite)
