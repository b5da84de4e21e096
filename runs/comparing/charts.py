"""The chart cards of a comparison: which keys there are, and the numbers beside each drawing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from experiments.models import Direction
from runs.comparing.contenders import Contender
from runs.direction import DIRECTION_WORDS
from runs.figures import Figures
from runs.models import Metric
from runs.sections import Section, of_charts
from trackerweb.formatting import MOST_DECIMALS, decimals_for, whole

#: A text twin beside a chart stays short; the Metrics tab has every run.
TWIN_ROWS = 10


@dataclass(frozen=True)
class Series(Figures):
    """One run's metric, for the text twin of a chart."""

    name: str
    metric: Metric


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


def charts_of(
    contenders: Sequence[Contender],
    series: Mapping[str, Mapping[int, Metric]],
    directions: Mapping[str, Direction | None],
) -> list[Chart]:
    """A chart a key."""
    runs = [run for contender in contenders for run in contender.runs]
    return [
        Chart(key, directions[key], [Series(run.name, by_run[run.pk]) for run in runs if run.pk in by_run])
        for key, by_run in series.items()
    ]


def chart_sections(charts: Sequence[Chart]) -> list[Section[Chart]]:
    """Charts by prefix; those with one value a run are folded at the end, for the table says it better."""
    curves = [chart for chart in charts if chart.has_curve]
    dots = [chart for chart in charts if not chart.has_curve]
    return of_charts(curves, dots, lambda chart: chart.key)
