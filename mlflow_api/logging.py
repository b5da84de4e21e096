"""What is logged to a run: `runs/log-metric`, `log-parameter`, `log-batch`, `set-tag`, `delete-tag`. The hot path."""

from collections.abc import Sequence
from typing import Any, ClassVar

import msgspec

from mlflow_api import limits
from mlflow_api.endpoint import endpoint
from mlflow_api.messages import Int64, MissingValue, Pair, RunMessage, texts_of
from registry import logging as registry_logging
from registry.logging import ModelPoint
from runs import ingest, system_tags
from runs.batches import Batch, Series
from runs.models import Run
from trackerweb.errors import InvalidValue, NotFound

#: What is answered when there is nothing to say.
DONE = b"{}"


class LogMetric(RunMessage):
    """`runs/log-metric`: one point."""

    required: ClassVar[tuple[str, ...]] = ("run_id", "key", "value", "timestamp")

    key: str | None = None
    value: float | None = None
    timestamp: Int64 | None = None
    step: Int64 | None = None
    model_id: str | None = None
    dataset_name: str | None = None
    dataset_digest: str | None = None


class RunPair(RunMessage):
    """`runs/log-parameter`, `set-tag` and `delete-tag`."""

    required: ClassVar[tuple[str, ...]] = ("run_id", "key")

    key: str | None = None
    value: str | None = None


class Point(msgspec.Struct):
    """A point of a batch."""

    key: str | None = None
    value: float | None = None
    timestamp: Int64 | None = None
    step: Int64 | None = None
    model_id: str | None = None
    dataset_name: str | None = None
    dataset_digest: str | None = None


class LogBatch(RunMessage):
    """`runs/log-batch`."""

    metrics: list[Point] | None = None
    params: list[Pair] | None = None
    tags: list[Pair] | None = None


@endpoint(LogMetric)
def log_metric(message: LogMetric) -> bytes:
    """Store one point."""
    store_point(message)
    return DONE


@endpoint(RunPair)
def log_param(message: RunPair) -> bytes:
    """Store one param."""
    _store(message.run_id, Batch(params={message.key or "": message.value or ""}))
    return DONE


@endpoint(RunPair)
def set_tag(message: RunPair) -> bytes:
    """Set one tag."""
    _store(message.run_id, Batch(tags={message.key or "": message.value or ""}))
    return DONE


@endpoint(RunPair)
def delete_tag(message: RunPair) -> bytes:
    """Remove one tag, which has to be there."""
    run, key = Run.objects.by_id(message.run_id or ""), message.key or ""
    run.require_active()
    if not (run.tags.filter(key=key).exists() or key in dict(system_tags.told_by(run))):
        raise NotFound(f"No tag with name: {key} in run with id {run.run_id}")
    run.delete_tag(key)
    return DONE


@endpoint(LogBatch)
def log_batch(message: LogBatch) -> bytes:
    """Store points, params and tags, all or none."""
    metrics, params, tags = message.metrics or [], message.params or [], message.tags or []
    for index, point in enumerate(metrics):
        _require_point(point, index)
    limits.check_batch(metrics, params, tags)
    batch = Batch(metrics=_series(metrics), params=texts_of(params, "params"), tags=texts_of(tags, "tags"))
    if len(batch.params) < len(params):
        raise InvalidValue("A batch holds each param once. Some of these keys come twice.", field="params")
    _store(message.run_id, batch, _model_points(metrics))
    return DONE


def store_point(message: LogMetric) -> None:
    """Store the one point of a message."""
    _check_point(message)
    _store(message.run_id, Batch(metrics=_series([message])), _model_points([message]))


def _require_point(point: Point, index: int) -> None:
    for name in ("key", "value", "timestamp"):
        if getattr(point, name) in (None, ""):
            raise MissingValue(f"metrics[{index}].{name}")
    _check_point(point)


def _check_point(point: Any) -> None:
    if point.timestamp < 0:
        raise InvalidValue(f"timestamp is {point.timestamp}: milliseconds since 1970 are not negative.")
    if bool(point.dataset_name) != bool(point.dataset_digest):
        raise InvalidValue("A dataset is named by dataset_name and dataset_digest. Send both, or none of them.")


def _model_points(points: Any) -> list[ModelPoint]:
    return [
        ModelPoint(
            point.model_id,
            point.key,
            point.value,
            point.step or 0,
            point.timestamp,
            point.dataset_name or "",
            point.dataset_digest or "",
        )
        for point in points
        if point.model_id
    ]


def _series(points: Any) -> dict[str, Series]:
    """Points in any order as columns by key."""
    found: dict[str, Series] = {}
    for point in points:
        series = found.get(point.key)
        if series is None:
            series = found[point.key] = Series(values=[], steps=[], timestamps=[])
        series.values.append(point.value)
        series.steps.append(point.step or 0)
        series.timestamps.append(point.timestamp)
    return found


def _store(run_id: str | None, batch: Batch, model_points: Sequence[ModelPoint] = ()) -> None:
    limits.check_names(batch.metrics, "metric")
    limits.check_names(batch.params, "param")
    limits.check_names(batch.tags, "tag")
    if model_points:
        registry_logging.store(run_id or "", batch, model_points)
    else:
        ingest.store(run_id or "", batch)
