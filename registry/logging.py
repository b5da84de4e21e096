"""Stores points that say how well a model did: in the run's series like all points, and as rows of the model."""

from collections.abc import Sequence
from dataclasses import dataclass

from registry.models import LoggedModel, ModelMetric
from runs import ingest
from runs.batches import Batch
from runs.models import Run
from trackerweb.errors import InvalidValue
from trackerweb.transactions import write_transaction


@dataclass(frozen=True)
class ModelPoint:
    """A point of a run that names a model, and maybe the data that it was tried on."""

    model_id: str
    key: str
    value: float
    step: int
    timestamp: int
    dataset_name: str = ""
    dataset_digest: str = ""


def store(run_id: str, batch: Batch, points: Sequence[ModelPoint]) -> None:
    """Store a batch, and those of its points that name a model, all or none. A point sent twice is one.

    Errors: as of `ingest.store`; InvalidValue for a model that is not here.
    """
    with write_transaction():
        ingest.store(run_id, batch)
        models = _models(points)
        run = Run.objects.by_id(run_id)
        rows = [ModelMetric.of(models[point.model_id], run, point) for point in points]
        ModelMetric.objects.bulk_create(rows, ignore_conflicts=True)


def _models(points: Sequence[ModelPoint]) -> dict[str, LoggedModel]:
    wanted = {point.model_id for point in points}
    found = {model.model_id: model for model in LoggedModel.objects.active().filter(model_id__in=wanted)}
    missing = min(wanted - found.keys(), default=None)
    if missing is not None:
        raise InvalidValue(f"model_id: no model {missing!r} is here. Nothing was stored.", field="model_id")
    return found
