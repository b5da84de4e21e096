"""What the page of one run shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from experiments.history import History
from experiments.models import Direction
from runs import history, samples
from runs.colours import RunColour, colours_of
from runs.direction import DIRECTION_WORDS, guess, words_of
from runs.models import Artifact, Metric, Param, Run, RunStatus, Tag
from runs.points import number_of
from runs.samples import Sample
from runs.sections import LAST, Section, of_charts, prefix_of
from trackerweb.formatting import MOST_DECIMALS, decimals_for, duration, whole

KEY_METRICS = 4
SPARKLINE_POINTS = 40
TWIN_SAMPLES = 8
CHILDREN = 50
FIRST_ARTIFACTS = 5
HISTORY = 5
OUTPUT_LINES = 30
#: Tags that MLflow's clients write for their own ends.
SYSTEM_TAG = "mlflow."

_HELD_OUT = {"val", "valid", "validation", "test", "eval", "dev", "holdout"}


@dataclass(frozen=True)
class TwinRow:
    """One line of the table beside a chart. `place` is a step, or milliseconds since the first point."""

    label: str
    place: int
    value: float


@dataclass(frozen=True)
class MetricSummary:
    """A series as the page writes it. NaN stands for "nothing but NaN"."""

    metric: Metric
    direction: Direction | None
    samples: Sequence[Sample] = ()

    @property
    def key(self) -> str:
        """Its name."""
        return self.metric.key

    @property
    def last(self) -> float:
        """The last value."""
        return number_of(self.metric.last)

    @property
    def min(self) -> float:
        """The lowest value that is a number."""
        return number_of(self.metric.min)

    @property
    def max(self) -> float:
        """The highest value that is a number."""
        return number_of(self.metric.max)

    @property
    def mean(self) -> float:
        """The mean of the values that are numbers."""
        return number_of(self.metric.mean)

    @property
    def decimals(self) -> int:
        """As many as bring its values on one line: where a loss began high, the low end still shows four digits."""
        whole_range = decimals_for([self.metric.last, self.metric.min, self.metric.max])
        return max(whole_range, min(MOST_DECIMALS, decimals_for([self.metric.last])))

    @property
    def best(self) -> tuple[float, int | None] | None:
        """The best value and its step, where the good end is known."""
        if self.direction is None or self.metric.count < 2 or self.metric.min is None:
            return None
        if self.direction == Direction.MIN:
            return self.min, self.metric.min_step
        return self.max, self.metric.max_step

    @property
    def by_time(self) -> bool:
        """All its steps are equal, so that it is told over time."""
        return bool(self.samples) and self.metric.count > 1 and self.samples[0].step == self.metric.last_step

    @property
    def first_step(self) -> int | None:
        """Where it begins."""
        return self.samples[0].step if self.samples else None

    @property
    def length_ms(self) -> int:
        """From its first point to its last."""
        return (self.metric.last_time or 0) - self.samples[0].timestamp if self.samples else 0

    @property
    def direction_words(self) -> str:
        """The good end in words, where it is known."""
        return DIRECTION_WORDS[self.direction]

    @property
    def axis_words(self) -> str:
        """What its chart runs over."""
        return "over time" if self.by_time else "over steps"

    @property
    def extent(self) -> str:
        """From where to where its chart goes: `step 0–1,860`, `over 12 min`."""
        if self.by_time:
            return f"over {duration(self.length_ms)}"
        first, last = self.first_step or 0, self.metric.last_step or 0
        if first == last:
            return f"step {whole(first)}"
        return f"step {whole(first)}{' to ' if first < 0 else '–'}{whole(last)}"

    @property
    def twin(self) -> list[TwinRow]:
        """Lines of the table beside its chart: first, some between and last; then, over steps, lowest and highest."""
        if not self.samples:
            return []
        first = self.samples[0]
        rows = [
            TwinRow("", sample.timestamp - first.timestamp if self.by_time else sample.step, sample.value)
            for sample in self.samples
        ]
        rows[0] = TwinRow("first", rows[0].place, rows[0].value)
        if self.metric.count > 1:
            end = self.length_ms if self.by_time else self.metric.last_step or 0
            rows = [*(row for row in rows if row.label or row.place != end), TwinRow("last", end, self.last)]
        return rows


@dataclass(frozen=True)
class KeyMetric:
    """A metric written large, with its curve in small."""

    summary: MetricSummary
    values: list[float]


class RunOverview:
    """One run with everything that its page tells. Its queries are counted in tests/runs/test_run_page.py."""

    def __init__(self, run: Run) -> None:
        self.run = run

    @property
    def colour(self) -> RunColour:
        """Its colour in charts."""
        return colours_of([self.run.run_id])[self.run.run_id]

    @cached_property
    def params(self) -> list[Param]:
        """By key."""
        return list(self.run.params.order_by("key"))

    @cached_property
    def tags(self) -> list[Tag]:
        """By key, without those that MLflow's clients write for their own ends."""
        return list(self.run.tags.exclude(key__startswith=SYSTEM_TAG).order_by("key"))

    @cached_property
    def metrics(self) -> list[MetricSummary]:
        """Every series by key, system metrics last."""
        found = [
            MetricSummary(metric, self._direction(metric.key))
            for metric in self.run.metrics.defer("exact_sum").order_by("key")
            if metric.count
        ]
        return sorted(found, key=lambda summary: prefix_of(summary.key) == LAST)

    @cached_property
    def key_metrics(self) -> list[KeyMetric]:
        """The few that matter most: the experiment's primary metric, then held-out ones with a known good end."""
        chosen = sorted(self.metrics, key=self._rank)[:KEY_METRICS]
        read = history.read_series([summary.metric for summary in chosen], SPARKLINE_POINTS)
        return [KeyMetric(summary, series.values) for summary, series in zip(chosen, read, strict=True)]

    @property
    def chart_sections(self) -> list[Section[MetricSummary]]:
        """Charts by prefix. Series of an ended run with one point are folded at the end: a dot tells little."""
        points = samples.spread([summary.metric for summary in self.metrics], TWIN_SAMPLES)
        charts = [MetricSummary(one.metric, one.direction, points[one.metric.pk]) for one in self.metrics]
        is_running = self.run.status == RunStatus.RUNNING
        curves = [chart for chart in charts if chart.metric.count > 1 or is_running]
        dots = [chart for chart in charts if not (chart.metric.count > 1 or is_running)]
        return of_charts(curves, dots, lambda chart: chart.key)

    @property
    def last_output(self) -> str:
        """The last lines that it printed, on either stream."""
        chunks = self.run.console.order_by("-pk").values_list("text", flat=True)[:OUTPUT_LINES]
        return "\n".join("".join(reversed(chunks)).splitlines()[-OUTPUT_LINES:])

    @cached_property
    def artifact_count(self) -> int:
        """How many files it has."""
        return self.run.artifacts.count()

    @cached_property
    def first_artifacts(self) -> list[Artifact]:
        """A few of its files, by path."""
        return list(self.run.artifacts.select_related("blob").order_by("path")[:FIRST_ARTIFACTS])

    @cached_property
    def parent(self) -> Run | None:
        """The run that started it, if it is here."""
        if self.run.parent_run_id is None:
            return None
        return Run.objects.kept().filter(run_id=self.run.parent_run_id).first()

    @cached_property
    def children(self) -> list[Run]:
        """The first of the runs that it started, and one more than are shown where there are more."""
        found = Run.objects.active().filter(parent_run_id=self.run.run_id).order_by("start_time", "run_id")
        return list(found[: CHILDREN + 1])

    @cached_property
    def history(self) -> History:
        """What people changed here last."""
        return History("run", self.run.run_id, size=HISTORY)

    @cached_property
    def previous(self) -> Run | None:
        """The run of the same experiment that began before this one."""
        return Run.objects.before(self.run)

    def _direction(self, key: str) -> Direction | None:
        experiment = self.run.experiment
        if experiment.primary_metric == key and experiment.primary_direction:
            return Direction(experiment.primary_direction)
        return guess(key)

    def _rank(self, summary: MetricSummary) -> tuple[bool, ...]:
        """False comes first."""
        return (
            summary.key != self.run.experiment.primary_metric,
            prefix_of(summary.key) == LAST,
            summary.direction is None,
            _HELD_OUT.isdisjoint(words_of(summary.key)),
        )
