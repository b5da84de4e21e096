"""What the Overview of a run shows."""

from functools import cached_property

from experiments.history import History
from runs import history
from runs.models import Artifact, DatasetUse, Param, Run, Tag
from runs.provenance.snapshot import Snapshot, snapshot_of
from runs.run_page.changes import Changes
from runs.run_page.charts import RunMetrics
from runs.run_page.summaries import KeyMetric, MetricSummary
from runs.sections import Section

KEY_METRICS = 4
SPARKLINE_POINTS = 40
#: Charts on the Overview; the others are a tab away.
FIRST_CHARTS = 6
CHILDREN = 50
DATASETS = 50
FIRST_ARTIFACTS = 5
HISTORY = 5
OUTPUT_LINES = 30
#: Tags that MLflow's clients write for their own ends.
SYSTEM_TAG = "mlflow."


class RunOverview(RunMetrics):
    """One run with everything that its first page tells. Its queries are counted in tests/runs/run_page/test_page.py.

    `since` is the id of the run that it is held against; empty for the one before it.
    """

    def __init__(self, run: Run, since: str = "") -> None:
        super().__init__(run)
        self.since = since

    @cached_property
    def params(self) -> list[Param]:
        """By key."""
        return list(self.run.params.order_by("key"))

    @cached_property
    def tags(self) -> list[Tag]:
        """By key, without those that MLflow's clients write for their own ends."""
        return list(self.run.tags.exclude(key__startswith=SYSTEM_TAG).order_by("key"))

    @cached_property
    def key_metrics(self) -> list[KeyMetric]:
        """The few that matter most."""
        chosen = self.ranked[:KEY_METRICS]
        read = history.read_series([summary.metric for summary in chosen], SPARKLINE_POINTS)
        return [KeyMetric(summary, series.values) for summary, series in zip(chosen, read, strict=True)]

    @property
    def chart_sections(self) -> list[Section[MetricSummary]]:
        """The charts that matter most."""
        return self.sections((self.curves or self.ranked)[:FIRST_CHARTS])

    @cached_property
    def changes(self) -> Changes:
        """What differs from another run."""
        return Changes(self.run, self.since)

    @cached_property
    def snapshot(self) -> Snapshot:
        """Its code, and where it ran."""
        return snapshot_of(self.run)

    @cached_property
    def datasets(self) -> list[DatasetUse]:
        """The data that it used."""
        return list(self.run.dataset_uses.select_related("dataset").order_by("pk")[:DATASETS])

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
