"""The series of a run: which matter most, and how they stand together as charts."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

from runs import direction, samples
from runs.direction import words_of
from runs.models import Run, RunStatus
from runs.run_page.summaries import MetricSummary
from runs.sections import Section, of_charts

TWIN_SAMPLES = 8

_HELD_OUT = {"val", "valid", "validation", "test", "eval", "dev", "holdout"}


class RunMetrics:
    """The series of one run."""

    def __init__(self, run: Run) -> None:
        self.run = run

    @cached_property
    def metrics(self) -> list[MetricSummary]:
        """Every series by key, system metrics last."""
        found = [
            MetricSummary(metric, direction.of(metric.key, self.run.experiment))
            for metric in self.run.metrics.defer("exact_sum").order_by("key")
            if metric.count
        ]
        return sorted(found, key=lambda summary: summary.is_system)

    @cached_property
    def ranked(self) -> list[MetricSummary]:
        """Those that matter most first: the primary metric, then held-out ones with a known good end."""
        return sorted(self.metrics, key=self._rank)

    @property
    def curves(self) -> list[MetricSummary]:
        """Those that a curve tells more of than a number, but for system metrics; those that matter most first."""
        return [summary for summary in self.ranked if not summary.is_system and self.is_curve(summary)]

    def is_curve(self, summary: MetricSummary) -> bool:
        """Whether it has, or may get, more than one point."""
        return summary.metric.count > 1 or self.run.status == RunStatus.RUNNING

    def sections(self, metrics: Sequence[MetricSummary]) -> list[Section[MetricSummary]]:
        """Charts by prefix. Series of an ended run with one point are folded at the end: a dot tells little."""
        charts = charted(metrics)
        curves = [chart for chart in charts if self.is_curve(chart)]
        dots = [chart for chart in charts if not self.is_curve(chart)]
        return of_charts(curves, dots, lambda chart: chart.key)

    def _rank(self, summary: MetricSummary) -> tuple[bool, ...]:
        """False comes first."""
        return (
            summary.key != self.run.experiment.primary_metric,
            summary.is_system,
            summary.direction is None,
            _HELD_OUT.isdisjoint(words_of(summary.key)),
        )


class RunCharts(RunMetrics):
    """All curves of a run, but for what a machine measured about itself."""

    @property
    def chart_sections(self) -> list[Section[MetricSummary]]:
        """By prefix."""
        return self.sections([summary for summary in self.metrics if not summary.is_system])

    @property
    def curve_keys(self) -> list[str]:
        """Metrics that can be the axis of others."""
        return [summary.key for summary in self.metrics if summary.metric.count > 1]


class SystemCharts(RunMetrics):
    """What the machine measured, after the metric that matters most: on one axis a spike can be laid over the loss."""

    @property
    def chart_sections(self) -> list[Section[MetricSummary]]:
        """One grid."""
        system = [summary for summary in self.metrics if summary.is_system]
        return [Section("", charted([*self.curves[:1], *system]))] if system else []


def charted(metrics: Sequence[MetricSummary]) -> list[MetricSummary]:
    """The series with some of their points, for the tables beside their charts."""
    points = samples.spread([summary.metric for summary in metrics], TWIN_SAMPLES)
    return [replace(summary, samples=points[summary.metric.pk]) for summary in metrics]
