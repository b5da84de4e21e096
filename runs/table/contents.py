"""What the runs of a page hold, in few queries: only the keys that are shown are read."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Count

from runs import samples
from runs.models import Metric, Param, Run, Tag
from runs.samples import Sample

SPARKLINE_POINTS = 20


@dataclass(frozen=True)
class Usage:
    """Of a param: how many of the runs have it, with how many values, and whether all of them are numbers."""

    runs: int
    values: int
    is_numeric: bool


class Contents:
    """Params, metrics and tags of some runs, by the runs' keys."""

    def __init__(self, runs: Sequence[Run]) -> None:
        self.runs = runs
        self._keys = [run.pk for run in runs]

    @cached_property
    def params_in_use(self) -> dict[str, Usage]:
        """The params that the runs have."""
        rows = Param.objects.filter(run__in=self._keys).values_list("key")
        counted = rows.annotate(Count("pk"), Count("value", distinct=True), Count("number")).order_by()
        return {key: Usage(runs, values, numbers == runs) for key, runs, values, numbers in counted}

    @cached_property
    def metrics_in_use(self) -> dict[str, int]:
        """How many of the runs have each metric."""
        rows = Metric.objects.filter(run__in=self._keys, count__gt=0).values_list("key")
        return dict(rows.annotate(Count("pk")).order_by())

    def params(self, keys: Collection[str]) -> dict[int, dict[str, str]]:
        """The values of these params."""
        rows = Param.objects.filter(run__in=self._keys, key__in=keys).values_list("run_id", "key", "value")
        return _by_run(rows)

    def metrics(self, keys: Collection[str]) -> dict[int, dict[str, Metric]]:
        """The series of these metrics."""
        found = Metric.objects.filter(run__in=self._keys, key__in=keys, count__gt=0).defer("exact_sum")
        return _by_run((metric.run_id, metric.key, metric) for metric in found)

    @cached_property
    def tags(self) -> dict[int, dict[str, str]]:
        """All tags."""
        return _by_run(Tag.objects.filter(run__in=self._keys).values_list("run_id", "key", "value"))


def curves(metrics: Sequence[Metric]) -> dict[int, list[float]]:
    """A few values of each series that has more than one, lowest and highest among them, by its key in the database."""
    drawn = [metric for metric in metrics if metric.count > 1]
    spread = samples.spread(drawn, SPARKLINE_POINTS)
    return {metric.pk: _with_extremes(metric, spread[metric.pk]) for metric in drawn}


def _with_extremes(metric: Metric, taken: Sequence[Sample]) -> list[float]:
    """Values in the order of their steps. Of a series without steps nobody knows where its extremes lie."""
    points = [(sample.step, sample.value) for sample in taken]
    if taken[0].step != metric.last_step:
        ends = ((metric.min_step, metric.min), (metric.max_step, metric.max))
        found = [(step, value) for step, value in ends if step is not None and value is not None]
        points += [point for point in found if point not in points]
    return [value for _, value in sorted(points, key=lambda point: point[0])]


def _by_run(rows: Any) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = defaultdict(dict)
    for run, key, value in rows:
        found[run][key] = value
    return found
