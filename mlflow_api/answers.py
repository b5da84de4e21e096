"""Experiments, runs and models as MLflow's JSON. What is empty is left out, as protocol buffers leave it out."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from experiments.models import Experiment
from registry.models import LoggedModel, ModelMetric, ModelVersion, RegisteredModel, RunModel
from registry.places import experiment_location, location_of
from runs import system_tags
from runs.models import DatasetUse, Metric, Param, Run, Tag
from trackerweb.json import speakable_number

#: How many runs one query asks for: databases limit the values of a query.
_CHUNK = 500


def experiment(item: Experiment) -> dict[str, Any]:
    """An experiment with its tags, which the caller prefetches where there are many."""
    body = {
        "experiment_id": str(item.pk),
        "name": item.name,
        "artifact_location": experiment_location(item),
        "lifecycle_stage": item.lifecycle_stage,
        "last_update_time": item.last_update_time,
        "creation_time": item.creation_time,
        "workspace": "default",
    }
    return body | _listed(tags=pairs(item.all_tags().items()))


def run_info(run: Run) -> dict[str, Any]:
    """A run without what was logged to it."""
    info = {
        "run_uuid": run.run_id,
        "experiment_id": str(run.experiment_id),
        "run_name": run.name,
        "user_id": run.user,
        "status": run.status,
        "start_time": run.start_time,
        "artifact_uri": location_of(run),
        "lifecycle_stage": run.lifecycle_stage,
        "run_id": run.run_id,
    }
    return info if run.end_time is None else info | {"end_time": run.end_time}


def new_run(run: Run, tags: Mapping[str, str]) -> dict[str, Any]:
    """A run that was made just now, with nothing but tags."""
    told = system_tags.without_fields(tags) | dict(system_tags.told_by(run))
    return {"info": run_info(run), "data": {"tags": pairs(told.items())}, "inputs": {}}


def runs(found: Sequence[Run]) -> list[dict[str, Any]]:
    """Runs with all that hangs on them; their experiments are loaded already."""
    keys = [run.pk for run in found]
    metrics, params, tags, datasets = _metrics(keys), _texts(Param, keys), _texts(Tag, keys), _datasets(keys)
    taken, given = _models(keys, RunModel.Role.INPUT), _models(keys, RunModel.Role.OUTPUT)
    return [
        {
            "info": run_info(run),
            "data": _listed(
                metrics=metrics[run.pk],
                params=params[run.pk],
                tags=[*tags[run.pk], *pairs(system_tags.told_by(run))],
            ),
            "inputs": _listed(
                dataset_inputs=datasets[run.pk], model_inputs=[{"model_id": model_id} for model_id, _ in taken[run.pk]]
            ),
            "outputs": _listed(
                model_outputs=[{"model_id": model_id, "step": step} for model_id, step in given[run.pk]]
            ),
        }
        for run in found
    ]


def pairs(items: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    """Keys and values as a list of objects."""
    return [{"key": key, "value": value} for key, value in items]


def _listed(**lists: list[Any]) -> dict[str, list[Any]]:
    return {name: items for name, items in lists.items() if items}


def _rows(model: Any, runs: Sequence[int], *columns: str) -> Iterator[tuple[Any, ...]]:
    for start in range(0, len(runs), _CHUNK):
        yield from (
            model.objects.filter(run__in=runs[start : start + _CHUNK]).order_by("pk").values_list("run_id", *columns)
        )


def _texts(model: Any, runs: Sequence[int]) -> dict[int, list[dict[str, str]]]:
    found: dict[int, list[dict[str, str]]] = defaultdict(list)
    for run, key, value in _rows(model, runs, "key", "value"):
        found[run].append({"key": key, "value": value})
    return found


def _metrics(runs: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    """The last point of each series."""
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for run, key, value, time, step in _rows(Metric, runs, "key", "last", "last_time", "last_step"):
        if step is not None:
            found[run].append({"key": key, "value": spoken(value), "timestamp": time, "step": step})
    return found


def spoken(value: float | None) -> float | str:
    """A summary's number, NULL being NaN, as the protocol carries it."""
    return "NaN" if value is None else speakable_number(value)


def _datasets(runs: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    names = ("name", "digest", "source_type", "source", "schema", "profile")
    for run, tags, *fields in _rows(DatasetUse, runs, "tags", *(f"dataset__{name}" for name in names)):
        dataset = {name: value for name, value in zip(names, fields, strict=True) if value is not None}
        found[run].append(_listed(tags=pairs(tags.items())) | {"dataset": dataset})
    return found


def _models(runs: Sequence[int], role: str) -> dict[int, list[tuple[str, int]]]:
    """(model id, step) of the models that runs took or gave."""
    found: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for start in range(0, len(runs), _CHUNK):
        for run, model_id, step in RunModel.objects.of_runs(runs[start : start + _CHUNK], role):
            found[run].append((model_id, step))
    return found


def logged_model(model: LoggedModel) -> dict[str, Any]:
    """A model of `LoggedModel.objects.with_all()`."""
    info = {
        "model_id": model.model_id,
        "experiment_id": str(model.experiment_id),
        "name": model.name,
        "creation_timestamp_ms": model.creation_time,
        "last_updated_timestamp_ms": model.last_update_time,
        "artifact_uri": location_of(model),
        "status": model.status,
        "model_type": model.model_type,
        "source_run_id": model.source_run_id,
    }
    tags = pairs((tag.key, tag.value) for tag in model.tags.all())
    params = pairs((param.key, param.value) for param in model.params.all())
    metrics = [_model_metric(model, metric) for metric in model.metrics.all()]
    return {"info": info | _listed(tags=tags), "data": _listed(params=params, metrics=metrics)}


def _model_metric(model: LoggedModel, metric: ModelMetric) -> dict[str, Any]:
    told = {
        "key": metric.key,
        "value": spoken(metric.value),
        "timestamp": metric.timestamp,
        "step": metric.step,
        "model_id": model.model_id,
        "run_id": metric.run.run_id,
    }
    data = {"dataset_name": metric.dataset_name, "dataset_digest": metric.dataset_digest}
    return told | data if metric.dataset_name else told


def registered_model(model: RegisteredModel, latest: Sequence[ModelVersion]) -> dict[str, Any]:
    """A registered model of `RegisteredModel.objects.with_all()`, with its newest version in each stage."""
    told = {
        "name": model.name,
        "creation_timestamp": model.creation_time,
        "last_updated_timestamp": model.last_update_time,
    }
    aliases = [{"alias": item.alias, "version": str(item.model_version.version)} for item in model.aliases.all()]
    return (
        told
        | ({"description": model.description} if model.description else {})
        | _listed(
            latest_versions=[model_version(version, with_aliases=False) for version in latest],
            tags=pairs((tag.key, tag.value) for tag in model.tags.all()),
            aliases=aliases,
        )
    )


def model_version(version: ModelVersion, *, with_aliases: bool = True) -> dict[str, Any]:
    """A version of `ModelVersion.objects.with_all()`."""
    told: dict[str, Any] = {
        "name": version.registered_model.name,
        "version": str(version.version),
        "creation_timestamp": version.creation_time,
        "last_updated_timestamp": version.last_update_time,
        "current_stage": version.stage,
        "source": version.source,
        "run_id": version.run_id,
        "status": version.status,
        "run_link": version.run_link,
    }
    told |= {} if version.description is None else {"description": version.description}
    told |= {"status_message": version.status_message} if version.status_message else {}
    aliases = [item.alias for item in version.aliases.all()] if with_aliases else []
    return told | _listed(tags=pairs((tag.key, tag.value) for tag in version.tags.all()), aliases=aliases)
