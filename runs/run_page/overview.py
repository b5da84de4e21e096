"""What the Overview of a run shows."""

from functools import cached_property

from experiments.history import History
from runs import history
from runs.models import Artifact, DatasetUse, Param, Run, Tag
from runs.provenance.projects import ProjectRun, project_of
from runs.provenance.repeating import USUAL_ADDRESS, Repetition, repetition
from runs.provenance.snapshot import Snapshot, snapshot_of
from runs.run_page.changes import Changes
from runs.run_page.charts import RunMetrics
from runs.run_page.summaries import KeyMetric, MetricSummary
from runs.run_page.sweeps import Sweep
from runs.sections import Section
from runs.system_tags import OF_CLIENTS, RERUN_OF

KEY_METRICS = 4
SPARKLINE_POINTS = 40
#: Charts on the Overview; the others are a tab away.
FIRST_CHARTS = 6
CHILDREN = 50
DATASETS = 50
FIRST_ARTIFACTS = 5
HISTORY = 5
OUTPUT_LINES = 30
FIRST_RERUNS = 10


class RunOverview(RunMetrics):
    """One run with everything that its first page tells. Its queries are counted in tests/runs/run_page/test_page.py.

    `since` is the id of the run that it is held against; empty for the one before it. `server` is the address of this
    server, as lines for the shell need it.
    """

    def __init__(self, run: Run, since: str = "", server: str = USUAL_ADDRESS) -> None:
        super().__init__(run)
        self.since, self._server = since, server

    @cached_property
    def params(self) -> list[Param]:
        """By key."""
        return list(self.run.params.order_by("key"))

    @cached_property
    def _all_tags(self) -> list[Tag]:
        return list(self.run.tags.order_by("key"))

    @cached_property
    def tag_values(self) -> dict[str, str]:
        """Every tag."""
        return {tag.key: tag.value for tag in self._all_tags}

    @property
    def tags(self) -> list[Tag]:
        """By key, without those that clients write for their own ends."""
        return [tag for tag in self._all_tags if not tag.key.startswith(OF_CLIENTS)]

    @cached_property
    def project(self) -> ProjectRun | None:
        """What it was of a project."""
        return project_of(self.run, self.tag_values)

    @cached_property
    def repetition(self) -> Repetition | None:
        """The line that runs it again."""
        return repetition(self.run, self.project, {param.key: param.value for param in self.params}, self._server)

    @cached_property
    def sweep(self) -> Sweep | None:
        """The sweep that it is the parent of."""
        return Sweep.of(self.run, self.tag_values)

    @property
    def rerun_of_id(self) -> str:
        """The id of the run that this one repeats."""
        return self.tag_values.get(RERUN_OF, "")

    @cached_property
    def rerun_of(self) -> Run | None:
        """The run that this one repeats, if it is here."""
        return Run.objects.kept().filter(run_id=self.rerun_of_id).first() if self.rerun_of_id else None

    @cached_property
    def reruns(self) -> list[Run]:
        """The newest runs that repeat it."""
        found = Run.objects.active().tagged(RERUN_OF, self.run.run_id)
        return list(found.order_by("-start_time", "-pk")[:FIRST_RERUNS])

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
