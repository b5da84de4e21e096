"""A sweep as its parent run tells it: in tags that `tracker sweep` writes, and in the runs that it started."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, F, OuterRef, Subquery

from experiments.models import Direction, Experiment
from runs.models import Metric, Param, Run, RunStatus, Tag
from runs.table.family import condition

PREFIX = "tracker.sweep."
METHOD, TRIAL = f"{PREFIX}method", f"{PREFIX}trial"
#: What a run has in place of TRIAL when its trial was run again.
INTERRUPTED = f"{PREFIX}interrupted"
METHODS = {"grid": "Grid", "random": "Random", "tpe": "TPE"}
GOALS = {"minimize": Direction.MIN, "maximize": Direction.MAX}
#: Trials that a page lists, the best first, and params that tell them apart.
MOST_TRIALS = 30
MOST_PARAMS = 6
#: Sweeps whose best run the page of an experiment names.
NEWEST = 2


@dataclass(frozen=True)
class Trial:
    """A run of a sweep. `value` is the last one of the sweep's metric; None where there is none, or it is no number."""

    run: Run
    number: str
    value: float | None
    params: Sequence[str]
    is_best: bool


class Sweep:
    """A parent run and its trials; `tags` are those of the parent."""

    def __init__(self, run: Run, tags: Mapping[str, str]) -> None:
        self.run, self._tags = run, tags

    @classmethod
    def of(cls, run: Run, tags: Mapping[str, str]) -> "Sweep | None":
        """The sweep that a run is the parent of, if it is."""
        return cls(run, tags) if METHOD in tags else None

    def _told(self, name: str) -> str:
        return self._tags.get(f"{PREFIX}{name}", "")

    @property
    def method(self) -> str:
        """How values are chosen."""
        return METHODS.get(self._told("method"), self._told("method"))

    @property
    def metric(self) -> str:
        """What trials are judged by; empty where nothing is."""
        return self._told("metric")

    @property
    def goal(self) -> Direction | None:
        """The good end of the metric."""
        return GOALS.get(self._told("goal"))

    @property
    def goal_words(self) -> str:
        """What is done with the metric."""
        return self._told("goal") if self.goal else ""

    @cached_property
    def counts(self) -> dict[str, int]:
        """Trials by status."""
        rows = self._trials().order_by().values_list("status")
        return dict(rows.annotate(Count("pk")))

    @property
    def begun(self) -> int:
        """Trials that there are."""
        return sum(self.counts.values())

    @property
    def finished(self) -> int:
        """Trials that came to their end."""
        return self.counts.get(RunStatus.FINISHED, 0)

    @property
    def failed(self) -> int:
        """Trials that failed."""
        return self.counts.get(RunStatus.FAILED, 0)

    @property
    def killed(self) -> int:
        """Trials that were stopped early, or killed."""
        return self.counts.get(RunStatus.KILLED, 0)

    @property
    def running(self) -> int:
        """Trials that run now."""
        return self.counts.get(RunStatus.RUNNING, 0)

    @property
    def ended(self) -> int:
        """Trials that have ended, in whatever way."""
        return self.finished + self.failed + self.killed

    @property
    def total(self) -> int:
        """Trials that are to be; as many as there are where nobody told."""
        told = self._told("total")
        return max(self.begun, int(told)) if told.isascii() and told.isdigit() and len(told) < 10 else self.begun

    def _trials(self) -> Any:
        again = Tag.objects.filter(key=INTERRUPTED, run__parent_run_id=self.run.run_id).values("run")
        return Run.objects.active().filter(parent_run_id=self.run.run_id).exclude(pk__in=again)

    @cached_property
    def _best_first(self) -> list[Any]:
        """Trials with their value, the best first, those without one last; by start where nothing judges them."""
        value = Metric.objects.filter(run=OuterRef("pk"), key=self.metric).values("last")
        trials = self._trials().annotate(value=Subquery(value))
        by_value = F("value").asc(nulls_last=True) if self.goal != Direction.MAX else F("value").desc(nulls_last=True)
        return list(trials.order_by(by_value, "start_time", "pk")[:MOST_TRIALS])

    @cached_property
    def best(self) -> Any | None:
        """The trial that the sweep named, or the best of those that finished so far, with its `value`; None before any
        did, or where nobody knows the good end.
        """
        named = [run for run in self._best_first if run.run_id == self._told("best")]
        finished = [run for run in self._best_first if run.status == RunStatus.FINISHED and run.value is not None]
        return next(iter(named or (finished if self.goal else [])), None)

    @cached_property
    def _params(self) -> dict[int, dict[str, str]]:
        found: dict[int, dict[str, str]] = {run.pk: {} for run in self._best_first}
        rows = Param.objects.filter(run__in=list(found)).order_by("key").values_list("run_id", "key", "value")
        for run, key, value in rows:
            found[run][key] = value
        return found

    @cached_property
    def param_keys(self) -> list[str]:
        """Params in which the trials differ."""
        values: dict[str, set[str]] = {}
        for params in self._params.values():
            for key, value in params.items():
                values.setdefault(key, set()).add(value)
        return [key for key in sorted(values) if len(values[key]) > 1][:MOST_PARAMS]

    @cached_property
    def trials(self) -> list[Trial]:
        """The best of them first."""
        tags = Tag.objects.filter(run__in=self._best_first, key=TRIAL)
        numbers = dict(tags.values_list("run_id", "value"))
        return [
            Trial(
                run=run,
                number=numbers.get(run.pk, ""),
                value=run.value,
                params=[self._params[run.pk].get(key, "") for key in self.param_keys],
                is_best=run == self.best,
            )
            for run in self._best_first
        ]

    @property
    def is_cut(self) -> bool:
        """Whether only some trials are listed."""
        return self.begun > len(self._best_first)

    @property
    def compare_address(self) -> str:
        """All trials side by side, as plots."""
        query = {"q": condition(self.run.run_id), "experiment": self.run.experiment_id, "tab": "plots"}
        return f"/compare/?{urlencode(query)}"

    @property
    def table_address(self) -> str:
        """All trials as a table."""
        query = {"q": condition(self.run.run_id), "tree": "off"}
        return f"{self.run.experiment.get_absolute_url()}?{urlencode(query)}"


def newest_of(experiment: Experiment) -> list[Sweep]:
    """The newest sweeps of an experiment. One query where it has none."""
    parents = Run.objects.active().filter(experiment=experiment, pk__in=Tag.objects.filter(key=METHOD).values("run"))
    found = list(parents.select_related("experiment").order_by("-start_time", "-pk")[:NEWEST])
    tags: dict[int, dict[str, str]] = {run.pk: {} for run in found}
    if found:
        for run, key, value in Tag.objects.filter(run__in=found).values_list("run_id", "key", "value"):
            tags[run][key] = value
    return [Sweep(run, tags[run.pk]) for run in found]
