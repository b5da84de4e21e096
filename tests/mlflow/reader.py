"""Run by the Python of a real MLflow: reads stores, one a line of its input, and tells all that is in them."""

import json
import os
import sys

os.environ |= {"MLFLOW_ALLOW_FILE_STORE": "true", "MLFLOW_DISABLE_TELEMETRY": "true"}

import mlflow
from mlflow.entities import ViewType


def told(store):
    """Experiments by name and stage, entity by entity; points as sets. A store is a folder, or an address."""
    mlflow.set_tracking_uri(store if ":" in store else f"file://{store}")
    client = mlflow.MlflowClient()
    found = client.search_experiments(view_type=ViewType.ALL)
    return {"registry": {model.name: _registered(client, model) for model in client.search_registered_models()}} | {
        f"{experiment.name} ({experiment.lifecycle_stage})": _experiment(client, experiment) for experiment in found
    }


def _registered(client, model):
    versions = client.search_model_versions(f"name = '{model.name}'")
    aliases = {alias: int(version) for alias, version in model.aliases.items()}
    return {
        "told": [model.description, model.tags, aliases, model.creation_timestamp],
        "versions": {int(item.version): _version(item) for item in versions},
    }


def _version(item):
    return [item.source, item.description, item.current_stage, item.tags, item.creation_timestamp]


def _experiment(client, experiment):
    runs = client.search_runs([experiment.experiment_id], run_view_type=ViewType.ALL)
    told = {
        "tags": dict(experiment.tags),
        "creation_time": experiment.creation_time,
        # A search of its SQL store leaves out which models a run took.
        "runs": {run.info.run_id: _run(client, client.get_run(run.info.run_id)) for run in runs},
    }
    if experiment.lifecycle_stage == "active":
        models = client.search_logged_models([experiment.experiment_id])
        told["models"] = {model.model_id: _model(model) for model in models}
    return told


def _run(client, run):
    info = run.info
    points = {key: client.get_metric_history(info.run_id, key) for key in run.data.metrics}
    inputs, outputs = run.inputs, run.outputs
    return {
        "info": [info.run_name, info.status, info.start_time, info.end_time, info.user_id, info.lifecycle_stage],
        "params": run.data.params,
        "tags": run.data.tags,
        "points": {key: _set((p.step, p.timestamp, repr(p.value)) for p in found) for key, found in points.items()},
        "datasets": _set(_dataset(use) for use in inputs.dataset_inputs) if inputs else [],
        "models_in": _set((model.model_id,) for model in inputs.model_inputs) if inputs else [],
        "models_out": _set((model.model_id, model.step) for model in outputs.model_outputs) if outputs else [],
        "files": _files(client, info.run_id, None),
    }


def _dataset(use):
    dataset = use.dataset
    tags = sorted((tag.key, tag.value) for tag in use.tags)
    return (dataset.name, dataset.digest, dataset.source_type, dataset.source, dataset.schema, dataset.profile, tags)


def _files(client, run_id, folder):
    found = []
    for file in client.list_artifacts(run_id, folder):
        found += _files(client, run_id, file.path) if file.is_dir else [[file.path, file.file_size]]
    return sorted(found)


def _model(model):
    points = ((p.key, p.value, p.step, p.timestamp, p.dataset_name, p.dataset_digest, p.run_id) for p in model.metrics)
    return {
        "told": [
            model.name,
            model.model_type or None,
            str(model.status),
            model.creation_timestamp,
            model.source_run_id,
        ],
        "updated": model.last_updated_timestamp,
        "params": model.params,
        "tags": model.tags,
        "points": _set(points),
    }


def _set(items):
    return [list(item) for item in sorted(set(map(_hashable, items)), key=repr)]


def _hashable(item):
    return tuple(tuple(map(tuple, part)) if isinstance(part, list) else part for part in item)


for line in sys.stdin:
    try:
        answer = told(line.strip())
    except Exception as error:
        answer = {"error": repr(error)}
    print(json.dumps(answer), flush=True)
