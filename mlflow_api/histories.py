"""The points of series: `metrics/get-history`, `get-history-bulk`, `get-history-bulk-interval`."""

from typing import Any, ClassVar

import msgspec

from mlflow_api.endpoint import endpoint
from mlflow_api.messages import Int64, Message, RunMessage
from runs import history
from runs.models import Metric
from runs.points import Row
from trackerweb import json
from trackerweb.errors import InvalidValue
from trackerweb.json import speakable_number

MAX_BULK_POINTS = 25_000
MAX_RUNS = 100
MAX_INTERVAL_POINTS = 2500
INFINITY = float("inf")


class GetHistory(RunMessage):
    """`metrics/get-history`."""

    required: ClassVar[tuple[str, ...]] = ("run_id", "metric_key")

    metric_key: str | None = None
    max_results: Int64 | None = None
    page_token: str | None = None


class GetBulk(Message):
    """`metrics/get-history-bulk`."""

    run_id: list[str] | None = None
    metric_key: str | None = None
    max_results: Int64 | None = None


class GetBulkInterval(Message):
    """`metrics/get-history-bulk-interval`."""

    required: ClassVar[tuple[str, ...]] = ("run_ids", "metric_key")

    run_ids: list[str] | None = None
    metric_key: str | None = None
    start_step: Int64 | None = None
    end_step: Int64 | None = None
    max_results: Int64 | None = None


class Point(msgspec.Struct, omit_defaults=True):
    """A point of an answer."""

    key: str
    value: float | str
    timestamp: int
    step: int
    run_id: str | None = None


@endpoint(GetHistory)
def get(message: GetHistory) -> bytes:
    """A series in the order of time, whole or a page of it. A run or key that is not there has no points."""
    points, token = page_of(message)
    return _answer(points, next_page_token=token)


def page_of(message: GetHistory) -> tuple[list[Point], str | None]:
    """The points that a message asks for, and the token of the next page.

    Errors: InvalidValue.
    """
    limit = message.max_results
    if limit is not None and limit < 1:
        raise InvalidValue(f"Invalid value {limit} for parameter 'max_results'. It is at least 1.", field="max_results")
    metric = Metric.objects.of_runs([message.run_id or ""], [message.metric_key or ""]).first()
    rows, token = history.in_time(metric, limit, message.page_token or None)
    return _points(message.metric_key or "", rows), token


@endpoint(GetBulk)
def get_bulk(message: GetBulk) -> bytes:
    """The series of one key of many runs, each in the order of time, up to 25,000 points in all."""
    runs, key = message.run_id or [], message.metric_key
    if not 0 < len(runs) <= MAX_RUNS:
        raise InvalidValue(f"Name 1 to {MAX_RUNS} run_id. Got {len(runs)}.", field="run_id")
    if key is None:
        raise InvalidValue("GetMetricHistoryBulk request must specify a metric_key.", field="metric_key")
    left = min(MAX_BULK_POINTS, MAX_BULK_POINTS if message.max_results is None else max(0, message.max_results))
    found: list[Point] = []
    for metric in Metric.objects.of_runs(runs, [key]).order_by("run__run_id"):
        rows, _ = history.in_time(metric, left) if left else ([], None)
        found += _points(key, rows, metric.run.run_id)
        left -= len(rows)
    return json.encode_plain({"metrics": found})


@endpoint(GetBulkInterval)
def get_bulk_interval(message: GetBulkInterval) -> bytes:
    """The series of one key of many runs, each sampled over a range of steps."""
    runs, key, limit = message.run_ids or [], message.metric_key or "", message.max_results
    if len(runs) > MAX_RUNS:
        raise InvalidValue(f"Name at most {MAX_RUNS} run_ids. Got {len(runs)}.", field="run_ids")
    if limit is not None and not 0 < limit <= MAX_INTERVAL_POINTS:
        raise InvalidValue(f"max_results must be between 1 and {MAX_INTERVAL_POINTS}.", field="max_results")
    start, end = message.start_step, message.end_step
    if (start is None) != (end is None):
        raise InvalidValue("start_step and end_step go together: send both or neither.", field="start_step")
    if start is not None and end is not None and start > end:
        raise InvalidValue(f"end_step {end} lies before start_step {start}.", field="end_step")
    metrics = {metric.run.run_id: metric for metric in Metric.objects.of_runs(runs, [key])}
    found: list[Point] = []
    for run_id in runs:
        if run_id in metrics:
            rows = history.sampled(metrics[run_id], limit or MAX_INTERVAL_POINTS, start, end)
            found += _points(key, rows, run_id)
    return _answer(found)


def _points(key: str, rows: list[Row], run_id: str | None = None) -> list[Point]:
    return [Point(key, _spoken(value, is_nan), time, step, run_id) for step, time, value, is_nan in rows]


def _spoken(value: float, is_nan: bool) -> float | str:
    if is_nan:
        return "NaN"
    return value if -INFINITY < value < INFINITY else speakable_number(value)


def _answer(points: list[Point], **more: Any) -> bytes:
    """Points and what is said beside them; what is empty is left out."""
    body: dict[str, Any] = {"metrics": points} | more
    return json.encode_plain({name: value for name, value in body.items() if value})
