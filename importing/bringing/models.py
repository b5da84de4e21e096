"""Stores logged models, with the points that say how well they did."""

from collections.abc import Iterable, Iterator
from itertools import islice

from coolname import generate_slug

from experiments.models import Experiment
from importing.bringing import files
from importing.found import ModelFound, ModelPoint, ModelSource, Seen, Unreadable
from importing.models import ImportedModel
from importing.reporting import Report
from registry.models import LoggedModel, ModelMetric, ModelParam, ModelTag
from runs.models import Run
from trackerweb.clock import now_ms
from trackerweb.lifecycle import LifecycleStage
from trackerweb.transactions import write_transaction

BATCH_POINTS = 5_000
#: `m-` and 32 letters and digits.
MAX_ID_LENGTH = 34


def bring(source: ModelSource, home: Experiment, origin: str, report: Report) -> bool:
    """Store what is new of a model; one that is here already gets what it lacks. Returns whether it is new.

    Errors: Unreadable; TrackerError for what can't be stored.
    """
    if len(source.model_id) > MAX_ID_LENGTH:
        raise Unreadable("Its name is no id of a model: m- and 32 letters and digits.")
    model = LoggedModel.objects.filter(model_id=source.model_id).first()
    mark = ImportedModel.objects.filter(model=model).first() if model else None
    seen = Seen(mark.seen if mark and mark.origin == origin else None)
    found = source.read(seen)
    if model is not None and not model.is_active:
        return False
    is_new = model is None
    model = model or _make(found, home)
    _bring_texts(model, found)
    for points in _pieces(found.points):
        _store_points(model, points, found, report)
    files.bring(model, found.files, report)
    _settle(model, found)
    ImportedModel.remember(origin, found.model_id, found.meta, seen.now, model=model)
    return is_new


def _make(found: ModelFound, home: Experiment) -> LoggedModel:
    fields = {name: value for name, value in found.fields.items() if value not in (None, "")}
    times = {"creation_time": now_ms(), "last_update_time": now_ms()}
    defaults = times | {"name": generate_slug(2)} | fields
    return LoggedModel.objects.create(model_id=found.model_id, experiment=home, **defaults)


def _bring_texts(model: LoggedModel, found: ModelFound) -> None:
    params = [ModelParam(model=model, key=key, value=value) for key, value in found.params.items()]
    with write_transaction():
        ModelParam.objects.bulk_create(params, ignore_conflicts=True)
        ModelTag.objects.bulk_create(
            [ModelTag(model=model, key=key, value=value) for key, value in found.tags.items()],
            update_conflicts=True,
            unique_fields=["model", "key"],
            update_fields=["value"],
        )


def _pieces(points: Iterable[ModelPoint]) -> Iterator[list[ModelPoint]]:
    rest = iter(points)
    while piece := list(islice(rest, BATCH_POINTS)):
        yield piece


def _store_points(model: LoggedModel, points: list[ModelPoint], found: ModelFound, report: Report) -> None:
    wanted = {point.run_id for point in points}
    runs = {run.run_id: run for run in Run.objects.filter(run_id__in=wanted)}
    for run_id in sorted(wanted - runs.keys()):
        report.refuse(found.place, f"Points of the run {run_id[:80]!r} were left out: that run is not here.")
    rows = [ModelMetric.of(model, runs[point.run_id], point) for point in points if point.run_id in runs]
    with write_transaction():
        ModelMetric.objects.bulk_create(rows, ignore_conflicts=True)


def _settle(model: LoggedModel, found: ModelFound) -> None:
    changed = {"last_update_time": found.fields.get("last_update_time") or model.last_update_time}
    changed["status"] = found.fields.get("status", model.status)
    if found.is_trashed:
        changed["lifecycle_stage"] = LifecycleStage.DELETED
    with write_transaction():
        LoggedModel.objects.filter(pk=model.pk).update(**changed)
