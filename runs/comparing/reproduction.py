"""Whether reruns came out as the runs before: params equal, last values of metrics within a tolerance."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from runs.comparing.params import Value, meaning
from runs.models import Metric, Run, Tag
from runs.points import number_of
from runs.sections import LAST, prefix_of

#: The tag by which a rerun names the run before it (`tracker rerun`).
RERUN_OF = "tracker.rerunOf"
#: Relative. What is summed in another order, by more threads say, differs by less.
TOLERANCE = 1e-9
#: Reruns that one page tells of.
MOST = 20


@dataclass(frozen=True)
class Difference:
    """A param or metric of both runs as texts, empty where one does not have it; of metrics the relative change too."""

    key: str
    before: str
    after: str
    change: str = ""


@dataclass(frozen=True)
class Reproduction:
    """A run, its rerun, what differs between them, and how much does not."""

    before: Run
    after: Run
    params: list[Difference]
    metrics: list[Difference]
    equal_params: int
    equal_metrics: int

    @property
    def is_reproduced(self) -> bool:
        """Nothing differs, and there was something that could have."""
        return not self.params and not self.metrics and self.equal_params + self.equal_metrics > 0

    @property
    def is_empty(self) -> bool:
        """Neither has anything that could differ."""
        return not (self.params or self.metrics or self.equal_params or self.equal_metrics)


Params = Mapping[str, Mapping[int, Value]]
Series = Mapping[str, Mapping[int, Metric]]


def reproductions(runs: Sequence[Run], params: Params, series: Series, tolerance: float) -> list[Reproduction]:
    """The first MOST reruns among runs whose run before is among them too. One query."""
    return [_reproduction(*pair, params, series, tolerance) for pair in islice(_pairs(runs), MOST)]


def _reproduction(before: Run, after: Run, params: Params, series: Series, tolerance: float) -> Reproduction:
    texts = {key: (by_run.get(before.pk), by_run.get(after.pk)) for key, by_run in params.items()}
    values = {
        key: (_last(by_run, before), _last(by_run, after)) for key, by_run in series.items() if prefix_of(key) != LAST
    }
    told = {key: pair for key, pair in texts.items() if pair != (None, None)}
    measured = {key: pair for key, pair in values.items() if pair != (None, None)}
    unlike = [_param(key, *pair) for key, pair in told.items() if not _is_same(*pair)]
    apart = [_metric(key, *pair) for key, pair in measured.items() if not _is_close(*pair, tolerance)]
    return Reproduction(before, after, unlike, apart, len(told) - len(unlike), len(measured) - len(apart))


def _pairs(runs: Sequence[Run]) -> Iterator[tuple[Run, Run]]:
    by_id = {run.run_id: run for run in runs}
    tags = Tag.objects.filter(run__in=[run.pk for run in runs], key=RERUN_OF).values_list("run_id", "value")
    named = dict(tags)
    for run in runs:
        before = by_id.get(named.get(run.pk, ""))
        if before is not None and before is not run:
            yield before, run


def _last(by_run: Mapping[int, Metric], run: Run) -> float | None:
    metric = by_run.get(run.pk)
    return None if metric is None else number_of(metric.last)


def _is_same(one: Value | None, other: Value | None) -> bool:
    return one is not None and other is not None and meaning(*one) == meaning(*other)


def _is_close(one: float | None, other: float | None, tolerance: float) -> bool:
    if one is None or other is None:
        return False
    if math.isnan(one) or math.isnan(other):
        return math.isnan(one) and math.isnan(other)
    return math.isclose(one, other, rel_tol=tolerance, abs_tol=0.0)


def _param(key: str, one: Value | None, other: Value | None) -> Difference:
    return Difference(key, one.text if one else "", other.text if other else "")


def _metric(key: str, one: float | None, other: float | None) -> Difference:
    before, after = ("" if value is None else repr(value) for value in (one, other))
    return Difference(key, before, after, _change(one, other))


def _change(one: float | None, other: float | None) -> str:
    """How far the second is from the first, as a part of it."""
    if one is None or other is None or not one:
        return ""
    change = (other - one) / abs(one)
    return f"{change:+.2g}" if math.isfinite(change) else ""
