"""Makes what a test needs, through the same doors as users: say what matters, the rest is filled in."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from experiments.models import Experiment
from registry import registering
from registry.models import LoggedModel, ModelAlias, ModelStatus, ModelVersion, RegisteredModel
from runs import ingest
from runs.artifacts import store
from runs.models import Artifact, Run

_numbers = itertools.count(1)

#: A fixed moment, 2026-11-24 12:00 UTC.
NOON = 1_795_521_600_000


def make_experiment(name: str | None = None, **fields: Any) -> Experiment:
    """An active experiment."""
    return Experiment.objects.add(name or f"experiment-{next(_numbers)}", **fields)


def make_run(
    experiment: Experiment | None = None,
    *,
    params: Mapping[str, str] | None = None,
    tags: Mapping[str, str] | None = None,
    metrics: Mapping[str, Sequence[float] | float] | None = None,
    **fields: Any,
) -> Run:
    """A stored run, FINISHED one minute after NOON unless told otherwise. Metrics are values at steps 0, 1, 2 …"""
    number = next(_numbers)
    values = {
        "run_id": f"{number:032x}",
        "name": f"run-{number}",
        "status": "FINISHED",
        "start_time": NOON,
        "end_time": NOON + 60_000,
        "heartbeat_time": NOON + 60_000,
    } | fields
    run = Run.objects.create(experiment=experiment or Experiment.objects.get(pk=0), **values)
    if params or tags or metrics:
        log(run, params=params, tags=tags, metrics=metrics)
        Run.objects.filter(pk=run.pk).update(heartbeat_time=values["heartbeat_time"])
    return run


def make_artifact(run: Run, path: str, content: bytes | str = b"content") -> Artifact:
    """A file of a run."""
    raw = content.encode() if isinstance(content, str) else content
    return store.put(run, path, [raw])[0]


def make_model(run: Run | None = None, files: Mapping[str, str] | None = None, **fields: Any) -> LoggedModel:
    """A model that is ready, with its files: content by path."""
    number, params, tags = next(_numbers), fields.pop("params", {}), fields.pop("tags", {})
    values = {
        "model_id": f"m-{number:032x}",
        "name": f"model-{number}",
        "status": ModelStatus.READY,
        "source_run_id": run.run_id if run else "",
        "creation_time": NOON + number,
        "last_update_time": NOON + number,
    } | fields
    experiment = values.pop("experiment", run.experiment if run else Experiment.objects.get(pk=0))
    model = LoggedModel.objects.create(experiment=experiment, **values)
    model.add_params(params)
    model.set_tags(tags)
    for path, content in (files or {}).items():
        store.put(model, path, [content.encode()])
    return model


def register(model: LoggedModel, name: str, *aliases: str, **fields: Any) -> ModelVersion:
    """A new version of a registered model, made of a model; aliases lead to it."""
    RegisteredModel.objects.get_or_add(name)
    version = registering.register(name, f"models:/{model.model_id}", model_id=model.model_id, **fields)
    for alias in aliases:
        ModelAlias.point(alias, version)
    return version


def log(
    run: Run,
    *,
    params: Mapping[str, str] | None = None,
    tags: Mapping[str, str] | None = None,
    metrics: Mapping[str, Sequence[float] | float] | None = None,
) -> None:
    """Log more to a run; one second between points."""
    series = {}
    for key, given in (metrics or {}).items():
        values = [float(given)] if isinstance(given, (int, float)) else [float(value) for value in given]
        steps = list(range(len(values)))
        times = [run.start_time + 1000 * step for step in steps]
        series[key] = ingest.Series(steps=steps, timestamps=times, values=values)
    ingest.store(run.run_id, ingest.Batch(params=dict(params or {}), tags=dict(tags or {}), metrics=series))
