"""Deletes for good what is in the trash: marked first, then taken away in small steps that let others write in between.

What is marked is gone to everyone at once and never comes back; a purge that is interrupted goes on at the next start.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection, models
from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.dispatch import Signal

from experiments.models import AuditEntry, Experiment
from runs import points
from runs.artifacts import store
from runs.disk_use import bytes_of_rows
from runs.models import (
    Artifact,
    Blob,
    Dataset,
    Environment,
    Metric,
    Run,
    SourceText,
)
from trackerweb import sqlite
from trackerweb.clock import now_ms
from trackerweb.lifecycle import LifecycleStage
from trackerweb.transactions import write_transaction

DAY_MS = 86_400_000
#: Rows that one step deletes, of points and of anything else: some 10 ms of the write lock.
POINTS_A_STEP, ROWS_A_STEP = 5_000, 1_000
RUNS_A_STEP = 100
#: A step is followed by a rest of its own length, and this at least, in which others write.
REST_SECONDS = 0.002

Progress = Callable[[int], None]
#: Sent when what was marked is gone: rooms above this one let go of what they keep of runs in other ways.
swept = Signal()


@dataclass(frozen=True)
class Preview:
    """What a purge takes: counts, the bytes of files that only it uses, and about the bytes of its rows."""

    experiments: int
    runs: int
    points: int
    artifacts: int
    artifact_bytes: int
    row_bytes: int

    @property
    def size(self) -> int:
        """Bytes that will be free, about."""
        return self.artifact_bytes + self.row_bytes

    def __bool__(self) -> bool:
        return bool(self.experiments or self.runs)


class Purge:
    """Experiments and runs of the trash to be deleted for good. Nothing that is not in the trash is touched."""

    def __init__(self, experiments: Q, runs: Q) -> None:
        self._experiments, self._runs = experiments, runs

    @classmethod
    def of(cls, run_ids: Sequence[str] = (), experiment_ids: Sequence[int] = ()) -> "Purge":
        """These, with the runs of the experiments and the descendants that went with the runs."""
        return cls(
            Q(pk__in=experiment_ids),
            Q(run_id__in=run_ids) | Q(deleted_with__in=run_ids) | Q(experiment__in=experiment_ids),
        )

    @classmethod
    def of_rows(cls, runs: "QuerySet[Any]") -> "Purge":
        """Those of a query, with the descendants that went with them."""
        return cls(Q(pk__in=[]), Q(pk__in=runs.values("pk")) | Q(deleted_with__in=runs.values("run_id")))

    @classmethod
    def trashed_before(cls, time_ms: int) -> "Purge":
        """What went to the trash before a moment, with all runs of the experiments among it."""
        old = Q(deleted_time__lt=time_ms)
        gone = Experiment.objects.trashed().filter(old)
        return cls(old, old | Q(experiment__in=gone.values("pk")))

    @classmethod
    def everything(cls) -> "Purge":
        """All of the trash."""
        return cls.trashed_before(now_ms() + 1)

    @property
    def experiments(self) -> "QuerySet[Any]":
        """The experiments."""
        return Experiment.objects.trashed().filter(self._experiments)

    @property
    def runs(self) -> "QuerySet[Any]":
        """The runs."""
        return Run.objects.trashed().filter(self._runs)

    def preview(self) -> Preview:
        """What would go. Three queries."""
        runs = self.runs
        figures = runs.aggregate(runs=Count("pk"), points=Coalesce(Sum("point_count"), 0))
        used = Artifact.objects.filter(run__in=runs.values("pk"))
        freed = Blob.objects.only_in(used)
        return Preview(
            experiments=self.experiments.count(),
            artifacts=used.count(),
            artifact_bytes=freed.aggregate(size=Coalesce(Sum("size"), 0))["size"],
            row_bytes=bytes_of_rows(figures["runs"], figures["points"]),
            **figures,
        )

    def mark(self) -> int:
        """Take them out of the trash for good; `sweep` then frees their room. Returns the number of runs."""
        experiments = list(self.experiments.values_list("pk", flat=True))
        marked = 0
        while count := self._mark_some_runs():
            marked += count
        for experiment in experiments:
            _mark_experiment(experiment)
        return marked

    def _mark_some_runs(self) -> int:
        chosen = list(self.runs.values_list("pk", flat=True)[:ROWS_A_STEP])
        if not chosen:
            return 0
        with _step():
            # Looked at again: one of them may have been restored meanwhile.
            runs = list(Run.objects.trashed().filter(pk__in=chosen))
            AuditEntry.note_all("purge", runs)
            Run.objects.filter(pk__in=[run.pk for run in runs]).update(lifecycle_stage=LifecycleStage.PURGING)
        return len(chosen)


def _mark_experiment(experiment_id: int) -> None:
    with _step():
        found = Experiment.objects.trashed().filter(pk=experiment_id).first()
        if found is None or found.runs.kept().exists():
            return
        AuditEntry.note("purge", found)
        Experiment.objects.filter(pk=experiment_id).update(lifecycle_stage=LifecycleStage.PURGING)


@contextmanager
def _step() -> Iterator[None]:
    """A short write transaction, and a rest after it."""
    began = time.monotonic()
    with write_transaction():
        yield
    time.sleep(max(REST_SECONDS, time.monotonic() - began))


def remaining() -> int:
    """Runs that are marked and still take room."""
    return Run.objects.purging().count()


def sweep(progress: Progress = lambda left: None) -> int:
    """Free the room of all that is marked; tell `progress` how many runs are left. Returns the bytes of files freed."""
    while runs := _next_runs():
        progress(remaining())
        _delete_runs(runs)
    _delete_experiments()
    _delete_shared()
    swept.send(sender=None)
    freed = store.drop_unused()
    while sqlite.give_back_some():
        time.sleep(REST_SECONDS)
    progress(0)
    return freed


def _next_runs() -> list[int]:
    """Some marked runs: as many as a step can hold, one at least."""
    found = list(Run.objects.purging().order_by("pk").values_list("pk", "point_count")[:RUNS_A_STEP])
    chosen: list[int] = []
    in_all = 0
    for pk, count in found:
        in_all += count
        if chosen and in_all > POINTS_A_STEP:
            break
        chosen.append(pk)
    return chosen


def _delete_runs(runs: Sequence[int]) -> None:
    _delete_metrics(runs)
    _delete_rows(Run, Q(pk__in=runs))


def _delete_metrics(runs: Sequence[int]) -> None:
    """Series with their points and buckets: small ones many at once, long ones piece by piece."""
    while found := list(Metric.objects.filter(run__in=runs).values_list("pk", "count")[:ROWS_A_STEP]):
        for series in _portions(found):
            while _delete_points(series):
                pass
            with _step():
                points.delete_buckets(series)
                _delete(Metric.objects.filter(pk__in=series))


def _portions(found: Sequence[tuple[int, int]]) -> Iterator[list[int]]:
    """Series in portions of about POINTS_A_STEP points."""
    portion: list[int] = []
    in_all = 0
    for series, count in found:
        if portion and in_all + count > POINTS_A_STEP:
            yield portion
            portion, in_all = [], 0
        portion.append(series)
        in_all += count
    yield portion


def _delete_points(series: Sequence[int]) -> bool:
    """Delete a step's worth of points of these series; False when none were left."""
    with _step():
        return points.delete_some(series, POINTS_A_STEP) > 0


def _delete_rows(model: type[models.Model], chosen: Q) -> None:
    _delete_parts(model, chosen)
    manager: Any = model._default_manager
    while keys := list(manager.filter(chosen).values_list("pk", flat=True)[:ROWS_A_STEP]):
        with _step():
            _delete(manager.filter(pk__in=keys))


def _delete_parts(model: type[models.Model], chosen: Q) -> None:
    """Delete what goes with some rows, also from tables that rooms above this one have made."""
    manager: Any = model._default_manager
    for relation in model._meta.related_objects:
        if relation.on_delete is models.CASCADE:
            of_these = {f"{relation.field.name}__in": manager.filter(chosen).values("pk")}
            _delete_rows(relation.related_model, Q(**of_these))


def _delete(rows: "QuerySet[Any]") -> None:
    # Django's delete() would first load whatever might hang on the rows, object by object; nothing does by now.
    rows._raw_delete(rows.db)


def _delete_experiments() -> None:
    """Experiments whose runs are gone. Default comes back, empty: runs go there that name no other."""
    for experiment in Experiment.objects.filter(lifecycle_stage=LifecycleStage.PURGING, runs=None):
        _delete_parts(Experiment, Q(pk=experiment.pk))
        with _step():
            _delete(Experiment.objects.filter(pk=experiment.pk))
            Experiment.objects.ensure_default()


def _delete_shared() -> None:
    """Environments and datasets that no run has, and source that no environment has."""
    _delete_rows(Environment, Q(run=None))
    _delete_rows(SourceText, Q(files=None))
    _delete_rows(Dataset, Q(uses=None))


class _Sweeper:
    """The one thread of this process that sweeps. Whoever marks wakes it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._wanted = False

    def wake(self, patience_seconds: float) -> None:
        with self._lock:
            self._wanted = True
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._work, name="purge", daemon=True)
                self._thread.start()
            thread = self._thread
        thread.join(patience_seconds)

    def _work(self) -> None:
        try:
            while self._is_wanted():
                sweep()
        finally:
            connection.close()

    def _is_wanted(self) -> bool:
        with self._lock:
            wanted, self._wanted = self._wanted, False
            if not wanted:
                self._thread = None
            return wanted


_sweeper = _Sweeper()


def sweep_soon(patience_seconds: float = 0.0) -> None:
    """Sweep in a thread of its own, waiting so long for it to end: a small purge is over when its page shows."""
    _sweeper.wake(patience_seconds)


def go_on() -> None:
    """Sweep what an earlier process left."""
    if remaining() or Experiment.objects.filter(lifecycle_stage=LifecycleStage.PURGING).exists():
        sweep_soon()


def days_ago(days: float) -> int:
    """The moment so many days ago, in ms since 1970."""
    return now_ms() - int(days * DAY_MS)
