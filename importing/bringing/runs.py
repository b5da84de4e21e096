"""Stores runs. A run that is here already, by its id, gets what it lacks; what it has stays as it is."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
from coolname import generate_slug

from experiments.models import Experiment
from importing.bringing import files
from importing.found import Points, RunFound, RunSource, Seen, Unreadable
from importing.models import ImportedRun
from importing.reporting import Report
from registry.models import RunModel
from runs import batches, ingest, inputs, system_tags
from runs.batches import Batch, ConsoleText, Series
from runs.models import Run
from trackerweb.clock import now_ms
from trackerweb.errors import InvalidValue, TrackerError
from trackerweb.lifecycle import LifecycleStage
from trackerweb.transactions import write_transaction

#: Points and series that one transaction stores: some 50 ms.
BATCH_POINTS, BATCH_SERIES = 20_000, 500
PARENT = "mlflow.parentRunId"


class _Extras(msgspec.Struct):
    console: list[ConsoleText] = []
    environment: dict[str, Any] | None = None
    failure: str | None = None
    has_heartbeat: bool = False


@dataclass(frozen=True)
class Brought:
    """What an import did to a run."""

    is_new: bool
    points: int = 0
    files: int = 0
    has_grown: bool = True


def bring(source: RunSource, home: Experiment, origin: str, report: Report) -> Brought:
    """Store what is new of a run, a batch at a time; interrupted, it goes on at the next import.

    Errors: Unreadable; TrackerError for what can't be stored.
    """
    run = Run.objects.find(source.run_id)
    mark = ImportedRun.objects.filter(run=run).first() if run else None
    # Stamps of another folder say nothing of this one.
    seen = Seen(mark.seen if mark and mark.origin == origin else None)
    if run is not None and run.lifecycle_stage == LifecycleStage.PURGING:
        raise Unreadable("It is being deleted for good here. Import it again in a while.")
    found = source.read(seen)
    if run is not None and not run.is_active:
        return _left_in_trash(run, found, report)
    is_new = run is None
    run = run or _make(found, home)
    bringing = _Bringing(run, found, report, is_leading=is_new or bool(mark and mark.origin == origin))
    points, files = bringing.all()
    if is_new and points < bringing.points_told:
        doubles = bringing.points_told - points
        report.repair(found.place, f"{doubles:,} points came twice, equal in all: each is one point here.")
    _settle(run, found)
    ImportedRun.remember(origin, found.run_id, found.meta, seen.now, run=run)
    return Brought(is_new, points, files, has_grown=bool(bringing.changed or points or files))


def _left_in_trash(run: Run, found: RunFound, report: Report) -> Brought:
    if not found.is_trashed:
        report.note(found.place, "It is in the trash here, and was left as it is. Restore it, and import again.")
    return Brought(is_new=False, has_grown=False)


def _make(found: RunFound, home: Experiment) -> Run:
    now = now_ms()
    fields = {name: value for name, value in found.fields.items() if value not in (None, "")}
    name = found.tags.get(system_tags.RUN_NAME) or fields.get("name") or generate_slug(2)
    times = {"start_time": fields.get("end_time") or now, "heartbeat_time": now}
    with write_transaction():
        # Looked for once more: the same folder may be imported twice at once.
        run: Run | None = Run.objects.find(found.run_id)
        return run or Run.objects.create(run_id=found.run_id, experiment=home, **times | fields | {"name": name})


class _Bringing:
    """The parts of one run, on their way in.

    `is_leading`: the run came from this source, whose word on tags and status goes before what is here. What another
    source says only fills gaps.
    """

    def __init__(self, run: Run, found: RunFound, report: Report, *, is_leading: bool) -> None:
        self._run, self._found, self._report, self._is_leading = run, found, report, is_leading
        self.changed = False
        self.points_told = 0

    def all(self) -> tuple[int, int]:
        """Store all that is new: (points, files)."""
        if self._is_leading:
            self._bring_state()
        params, tags = self._params(), self._tags()
        if params or tags:
            self.changed = True
            ingest.store(self._run.run_id, Batch(params=params, tags=tags))
        self._bring_parent()
        self._bring_uses()
        self._bring_extras()
        points = sum(self._store_points(batch) for batch in _batches(self._sound()))
        return points, files.bring(self._run, self._found.files, self._report)

    def _bring_state(self) -> None:
        """What became of a run that was still running when it was imported. What people changed here stays."""
        told = {name: self._found.fields[name] for name in ("status", "end_time") if name in self._found.fields}
        if self._run.status in ("RUNNING", "SCHEDULED") and told["status"] != self._run.status:
            self.changed = True
            with write_transaction():
                Run.objects.filter(pk=self._run.pk).update(**told)

    def _params(self) -> dict[str, str]:
        """Those that are not here yet."""
        stored = dict(self._run.params.filter(key__in=list(self._found.params)).values_list("key", "value"))
        for key, value in stored.items():
            if self._found.params[key] != value:
                there = self._found.params[key]
                reason = f"The param {key!r} is {there[:80]!r} there and {value[:80]!r} here, which stays."
                self._report.refuse(self._found.place, reason)
        return {key: value for key, value in self._found.params.items() if key not in stored}

    def _tags(self) -> dict[str, str]:
        """Those that changed in the source; of a run that did not come from there, those that it lacks."""
        tags = {key: value for key, value in self._found.tags.items() if key != PARENT}
        if self._is_leading:
            return tags
        known = set(self._run.tags.values_list("key", flat=True)) | {key for key, _ in system_tags.told_by(self._run)}
        return {key: value for key, value in tags.items() if key not in known}

    def _bring_parent(self) -> None:
        parent = self._found.tags.get(PARENT)
        if not parent:
            return
        try:
            ingest.store(self._run.run_id, Batch(tags={PARENT: parent}))
        except InvalidValue as error:
            self._report.refuse(self._found.place, f"Its parent was left out: {error.message}")

    def _bring_uses(self) -> None:
        if self._found.inputs:
            inputs.use_datasets(self._run.run_id, self._found.inputs)
        rows = [RunModel(run=self._run, role=RunModel.Role.INPUT, model_id=item) for item in self._found.input_models]
        rows += [
            RunModel(run=self._run, role=RunModel.Role.OUTPUT, model_id=model_id, step=step)
            for model_id, step in self._found.output_models.items()
        ]
        with write_transaction():
            RunModel.objects.bulk_create(rows, ignore_conflicts=True)

    def _bring_extras(self) -> None:
        """What only a tracker like this one knows of a run."""
        if not self._found.extras:
            return
        try:
            told = msgspec.convert(self._found.extras, _Extras)
            batch = Batch(
                console=told.console, environment=told.environment, failure=told.failure, heartbeat=told.has_heartbeat
            )
            ingest.store(self._run.run_id, batch)
        except (msgspec.ValidationError, TrackerError) as error:
            self._report.refuse(self._found.place, f"Its output, environment and failure were left out: {error}")

    def _sound(self) -> Iterator[Points]:
        """Points whose key can be stored."""
        for points in self._found.points:
            try:
                batches.check_key(points.key, "metrics")
            except InvalidValue as error:
                self._report.refuse(points.place, f"{error.message} It was left out.")
            else:
                yield points

    def _store_points(self, batch: list[Points]) -> int:
        metrics: dict[str, Series] = {}
        for points in batch:
            metrics[points.key] = points.series
            self.points_told += len(points.series.values)
        added = ingest.store(self._run.run_id, Batch(metrics=metrics)).points
        for points in batch:
            points.brought()
        return added


def _batches(found: Iterable[Points]) -> Iterator[list[Points]]:
    """Points in batches of which each holds a key once."""
    batch: list[Points] = []
    keys: set[str] = set()
    size = 0
    for points in found:
        if batch and (size >= BATCH_POINTS or len(batch) >= BATCH_SERIES or points.key in keys):
            yield batch
            batch, keys, size = [], set(), 0
        batch.append(points)
        keys.add(points.key)
        size += len(points.series.values)
    if batch:
        yield batch


def _settle(run: Run, found: RunFound) -> None:
    """When it was heard of last; and into the trash with it, if it was there in its source."""
    run.refresh_from_db()
    last = run.metrics.order_by("-last_time").values_list("last_time", flat=True).first() or 0
    heard = min(max(run.start_time, run.end_time or 0, last), now_ms())
    with write_transaction():
        Run.objects.filter(pk=run.pk).update(heartbeat_time=heard)
        if found.is_trashed:
            Run.objects.filter(pk=run.pk).update(
                lifecycle_stage=LifecycleStage.DELETED, deleted_time=found.deleted_time or now_ms()
            )
