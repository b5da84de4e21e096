"""The meta.yaml of each thing, as MLflow 3 writes it: keys in order, block style, unicode as it is."""

from typing import Any

import yaml

from experiments.models import Experiment
from importing.models import ImportedExperiment, ImportedModel, ImportedRun
from registry.models import LoggedModel, ModelStatus
from runs.models import Dataset, Run, RunStatus

_Dumper: type[Any] = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
#: What MLflow says of where a run came from is in its tags.
_EMPTY = {"source_name": "", "entry_point_name": "", "source_version": "", "tags": []}
_LOCAL = 4


def dump(meta: dict[str, Any]) -> str:
    """A mapping as the text of its meta.yaml."""
    return yaml.dump(meta, Dumper=_Dumper, default_flow_style=False, allow_unicode=True)


def of_experiment(experiment: Experiment, location: str) -> dict[str, Any]:
    """That of an experiment whose files lie at an address."""
    return _others(ImportedExperiment.objects.filter(experiment=experiment)) | {
        "experiment_id": str(experiment.pk),
        "name": experiment.name,
        "artifact_location": location,
        "lifecycle_stage": experiment.lifecycle_stage,
        "creation_time": experiment.creation_time,
        "last_update_time": experiment.last_update_time,
    }


def of_run(run: Run, location: str) -> dict[str, Any]:
    """That of a run whose files lie at an address."""
    deleted = {} if run.deleted_time is None else {"deleted_time": run.deleted_time}
    return _others(ImportedRun.objects.filter(run=run)) | _EMPTY | deleted | {
        "run_id": run.run_id,
        "run_name": run.name,
        "experiment_id": str(run.experiment_id),
        "user_id": run.user,
        "status": RunStatus.values.index(run.status) + 1,
        "start_time": run.start_time,
        "end_time": run.end_time,
        "lifecycle_stage": run.lifecycle_stage,
        "artifact_uri": location,
        "source_type": _LOCAL,
    }  # fmt: skip


def of_model(model: LoggedModel, location: str) -> dict[str, Any]:
    """That of a logged model whose files lie at an address."""
    stage = {} if model.is_active else {"lifecycle_stage": "deleted"}
    return {"status_message": None} | _others(ImportedModel.objects.filter(model=model)) | stage | {
        "artifact_location": location,
        "creation_timestamp": model.creation_time,
        "experiment_id": str(model.experiment_id),
        "last_updated_timestamp": model.last_update_time,
        "model_id": model.model_id,
        "model_type": model.model_type or None,
        "name": model.name,
        "source_run_id": model.source_run_id or None,
        "status": ModelStatus.values.index(model.status),
    }  # fmt: skip


def of_dataset(dataset: Dataset) -> dict[str, Any]:
    """That of a dataset."""
    names = ("name", "digest", "source_type", "source", "schema", "profile")
    return {name: getattr(dataset, name) for name in names}


def _others(marks: Any) -> dict[str, Any]:
    """Fields that the source of an import had and that nobody here knows: they go back as they came."""
    meta = marks.values_list("meta", flat=True).first() or {}
    ours = {"lifecycle_stage", "deleted_time", "run_uuid", "name", "run_name"}
    return {key: value for key, value in meta.items() if key not in ours}
