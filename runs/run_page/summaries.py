"""Series of one run as its pages write them."""

from collections.abc import Sequence
from dataclasses import dataclass

from experiments.models import Direction
from runs.direction import DIRECTION_WORDS
from runs.figures import Figures
from runs.models import Metric
from runs.points import number_of
from runs.samples import Sample
from runs.sections import LAST, prefix_of
from trackerweb.formatting import MOST_DECIMALS, decimals_for, duration, whole


@dataclass(frozen=True)
class TwinRow:
    """One line of the table beside a chart. `place` is a step, or milliseconds since the first point."""

    label: str
    place: int
    value: float


@dataclass(frozen=True)
class MetricSummary(Figures):
    """A series as the page writes it."""

    metric: Metric
    direction: Direction | None
    samples: Sequence[Sample] = ()

    @property
    def key(self) -> str:
        """Its name."""
        return self.metric.key

    @property
    def is_system(self) -> bool:
        """Measured by the machine about itself."""
        return prefix_of(self.key) == LAST

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
