"""What changed since another run: the one before it, the best, or any that was chosen."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from runs import direction
from runs.comparing import contenders, metrics, params
from runs.comparing.metrics import MetricRow, MetricTable
from runs.comparing.params import ParamRow, ParamTable
from runs.comparing.state import State
from runs.models import Run
from runs.provenance.differences import Differences
from runs.provenance.snapshot import snapshot_of

FIRST_PARAMS = 10
FIRST_METRICS = 8


@dataclass(frozen=True)
class Reference:
    """A run that can be looked back to, and what it is to the run of the page."""

    run: Run
    words: str


class Changes:
    """How a run differs from `since`, the id of a run of its experiment; from the one before it without."""

    def __init__(self, run: Run, since: str = "") -> None:
        self.run, self._since = run, since

    @cached_property
    def references(self) -> list[Reference]:
        """What it can be held against, each run once; the first is taken unless another is asked for."""
        found: dict[str, Reference] = {}
        for reference in self._all():
            if reference.run.pk != self.run.pk:
                found.setdefault(reference.run.run_id, reference)
        return list(found.values())

    def _all(self) -> Iterator[Reference]:
        of_script = Run.objects.filter(source_name=self.run.source_name).before(self.run)
        before = Run.objects.before(self.run)
        best = Run.objects.best_of(self.run.experiment)
        if of_script is not None:
            yield Reference(of_script, "the run before of this script" if of_script != before else "the run before")
        if before is not None:
            yield Reference(before, "the run before")
        if best is not None:
            yield Reference(best, "the best run")
        if self._chosen is not None:
            yield Reference(self._chosen, "")

    @cached_property
    def _chosen(self) -> Run | None:
        if not self._since:
            return None
        return Run.objects.active().filter(run_id=self._since).exclude(pk=self.run.pk).first()

    @property
    def unknown(self) -> str:
        """The id that was asked for and that is no other active run."""
        return self._since if self._since and self._chosen is None else ""

    @property
    def reference(self) -> Run | None:
        """What it is held against."""
        if self._chosen is not None:
            return self._chosen
        return self.references[0].run if self.references else None

    @cached_property
    def _sides(self) -> list[Run]:
        assert self.reference is not None
        return [self.reference, self.run]

    @cached_property
    def params(self) -> list[ParamRow]:
        """Params that differ."""
        table = ParamTable(contenders.single(self._sides, ""), params.values_of(self._sides))
        return [row for row in table.rows if row.differs]

    @property
    def first_params(self) -> list[ParamRow]:
        """Those that the page shows."""
        return self.params[:FIRST_PARAMS]

    @cached_property
    def differing_keys(self) -> set[str]:
        """Keys of params that this run has and that differ."""
        return {row.key for row in self.params} if self.reference is not None else set()

    @cached_property
    def metrics(self) -> list[MetricRow]:
        """Metrics that both have, those with a good end first."""
        series = {key: by_run for key, by_run in metrics.series_of(self._sides).items() if len(by_run) == 2}
        ends = {key: direction.of(key, self.run.experiment) for key in series}
        rows = MetricTable(contenders.single(self._sides, ""), series, ends, State()).rows
        return sorted(rows, key=lambda row: (row.is_system, row.direction is None))

    @property
    def first_metrics(self) -> list[MetricRow]:
        """Those that the page shows."""
        return self.metrics[:FIRST_METRICS]

    @cached_property
    def surroundings(self) -> Differences:
        """Code, packages and machine."""
        one, other = (snapshot_of(run) for run in self._sides)
        return Differences(one, other)
