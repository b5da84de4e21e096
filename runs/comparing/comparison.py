"""A comparison: the runs that were chosen, and what its page shows of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from experiments.models import Direction, Experiment
from runs import direction
from runs.comparing import charts, contenders, metrics, params
from runs.comparing.charts import Chart
from runs.comparing.chosen import MAX_IN_ADDRESS, Chosen
from runs.comparing.code import CodeComparison
from runs.comparing.contenders import Contender
from runs.comparing.media import MediaComparison
from runs.comparing.metrics import MetricCell, MetricRow, MetricTable
from runs.comparing.params import ParamSection, ParamTable, Value
from runs.comparing.plots.frame import Frame
from runs.comparing.plots.plots import Plots
from runs.comparing.reproduction import Reproduction, reproductions
from runs.comparing.state import PAGE_COLUMNS, State
from runs.comparing.verdicts import Verdict, verdicts
from runs.configurations import is_seed
from runs.models import Metric, Run, RunStatus
from runs.sections import Section

#: Lines that charts draw at first: more than this is fog.
FIRST_DRAWN = 50


@dataclass(frozen=True)
class Column:
    """A contender as a column of the tables. `differs` counts the params in which it differs from the base."""

    contender: Contender
    differs: int


@dataclass(frozen=True)
class RailRow:
    """A contender in the list beside the charts, with its value of the headline metric, if there is one."""

    contender: Contender
    cell: MetricCell | None
    is_drawn: bool


class Comparison:
    """Runs side by side. Four queries, however many runs there are.

    Errors: those of Chosen.
    """

    def __init__(self, state: State) -> None:
        self.state = state
        self.chosen = Chosen(state)

    def __len__(self) -> int:
        return len(self.chosen.runs)

    @cached_property
    def contenders(self) -> list[Contender]:
        """The base first, then the others in their order."""
        runs = self.chosen.runs
        if not self.state.seeds:
            return contenders.single(runs, self.state.base)
        texts = {
            key: {run: value.text for run, value in values.items()}
            for key, values in self.param_values.items()
            if not is_seed(key)
        }
        return contenders.grouped(runs, self.state.base, texts)

    @property
    def base(self) -> Run | None:
        """What the others are held against."""
        return self.contenders[0].lead if self.contenders else None

    @cached_property
    def places(self) -> list[int]:
        """Which contenders the tables have as columns: the base, and a page of the others."""
        first = min(self.state.first, max(0, len(self.contenders) - 2))
        return [0, *range(1 + first, min(len(self.contenders), first + PAGE_COLUMNS))] if self.contenders else []

    @property
    def columns(self) -> list[Column]:
        """The contenders that are columns."""
        return [Column(self.contenders[place], self.params.differences(place)) for place in self.places]

    @property
    def next_first(self) -> int | None:
        """Where the next page of columns begins, from 1; None on the last page."""
        end = self.places[-1] if self.places else 0
        return end + 1 if end + 1 < len(self.contenders) else None

    @property
    def previous_first(self) -> int | None:
        """Where the page of columns before begins, from 1; None on the first page."""
        return max(1, self.state.first + 2 - PAGE_COLUMNS) if self.state.first else None

    @cached_property
    def neighbour(self) -> Run | None:
        """What the base could be compared with: the run of its experiment that began before it."""
        return Run.objects.before(self.base) if self.base is not None else None

    @cached_property
    def running(self) -> int:
        """How many may still grow."""
        return sum(run.status == RunStatus.RUNNING and not run.is_stale for run in self.chosen.runs)

    @property
    def experiment(self) -> Experiment | None:
        """The experiment that all runs belong to, if it is one."""
        return self.chosen.experiment

    @cached_property
    def has_seeds(self) -> bool:
        """Whether some runs differ in nothing but their seeds."""
        configurations = [run.configuration for run in self.chosen.runs]
        return len(set(configurations)) < len(configurations)

    # What was logged

    @cached_property
    def param_values(self) -> Mapping[str, Mapping[int, Value]]:
        """Params by key and run."""
        return params.values_of(self.chosen.runs)

    @cached_property
    def series(self) -> Mapping[str, Mapping[int, Metric]]:
        """Summaries of series by key and run."""
        return metrics.series_of(self.chosen.runs)

    @cached_property
    def directions(self) -> dict[str, Direction | None]:
        """The good end of each metric: what was said in the experiment, else a guess."""
        return {key: direction.of(key, self.experiment) for key in self.series}

    # What the page shows of it

    @cached_property
    def params(self) -> ParamTable:
        """Params side by side."""
        return ParamTable(self.contenders, self.param_values)

    @property
    def param_sections(self) -> list[ParamSection]:
        """The rows of the table of params."""
        return self.params.sections(self.state.equal, self.places)

    @cached_property
    def metrics(self) -> MetricTable:
        """Metrics side by side."""
        return MetricTable(self.contenders, self.series, self.directions, self.state)

    @property
    def metric_sections(self) -> list[Section[MetricRow]]:
        """The rows of the table of metrics."""
        return self.metrics.sections(self.places)

    @property
    def statistic_words(self) -> str:
        """What the table of metrics shows."""
        return metrics.statistic_words(self.state.statistic, self.state.step)

    @cached_property
    def charts(self) -> list[Chart]:
        """A chart a key."""
        return charts.charts_of(self.contenders, self.series, self.directions)

    @property
    def chart_sections(self) -> list[Section[Chart]]:
        """Charts by prefix."""
        return charts.chart_sections(self.charts)

    @property
    def curve_keys(self) -> list[str]:
        """Metrics that can be the axis of others."""
        return [chart.key for chart in self.charts if chart.has_curve]

    @property
    def editable(self) -> list[Run]:
        """The runs that an address can name one by one."""
        return self.chosen.runs[:MAX_IN_ADDRESS]

    @property
    def table_address(self) -> str:
        """The run table with the filter of a live comparison."""
        path = "/search/" if self.experiment is None else self.experiment.get_absolute_url()
        order = {"sort": self.state.sort, "desc": "1" if self.state.descending else ""}
        asked = {"q": self.state.query or ""} | order
        return f"{path}?{urlencode({name: value for name, value in asked.items() if value})}"

    @cached_property
    def headline_key(self) -> str | None:
        """The metric that matters most: the primary one, else the first with a known good end."""
        primary = self.experiment.primary_metric if self.experiment is not None else ""
        ranked = sorted(self.series, key=lambda key: (key != primary, self.directions[key] is None))
        return ranked[0] if ranked else None

    @cached_property
    def headline(self) -> MetricRow | None:
        """The metric that the list of runs shows."""
        return None if self.headline_key is None else self.metrics.row(self.headline_key)

    @property
    def rail(self) -> list[RailRow]:
        """The contenders with their headline values."""
        cells: Sequence[MetricCell | None] = self.headline.cells if self.headline else [None] * len(self.contenders)
        return [
            RailRow(contender, cell, is_drawn=place < FIRST_DRAWN)
            for place, (contender, cell) in enumerate(zip(self.contenders, cells, strict=True))
        ]

    @cached_property
    def code(self) -> CodeComparison:
        """The code of two of them."""
        return CodeComparison(self.contenders, self.state.one, self.state.other)

    @cached_property
    def media(self) -> MediaComparison:
        """Pictures, sound, film and tables."""
        return MediaComparison(self.contenders, self.state.at, self.state.first)

    @cached_property
    def plots(self) -> Plots:
        """What params do to metrics."""
        frame = Frame(self.contenders, self.param_values, self.metrics)
        return Plots(frame, self.state.plots, self.headline_key)

    @cached_property
    def reproductions(self) -> list[Reproduction]:
        """Reruns among the runs, against the runs before them."""
        return reproductions(self.chosen.runs, self.param_values, self.series, self.state.tolerance)

    @property
    def noted(self) -> list[Run]:
        """Runs with a note, the base first."""
        return [run for contender in self.contenders for run in contender.runs if run.note]

    @property
    def verdicts(self) -> list[Verdict]:
        """Groups of repetitions against the base's, by the headline metric."""
        if not self.state.seeds or self.headline_key is None:
            return []
        values = self.metrics.finite(self.headline_key)
        return verdicts(self.contenders, values, self.param_values, self.directions[self.headline_key])
