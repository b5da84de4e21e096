"""What clients before 1.0 ask below `preview/`, and what 1.x still lists.

Runs are told in fields that became tags later, searches come in clauses that became text. Clients up to 0.4.1, known by
their field names in camel case, break on any field that is new to them.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any, ClassVar

import msgspec
from django.http import HttpRequest

from experiments.models import Experiment
from mlflow_api import answers, histories, limits, logging, messages
from mlflow_api.endpoint import View, raw_endpoint
from mlflow_api.experiments import experiment_by_id, id_of
from mlflow_api.messages import Int64, Message, Pair, RunMessage, enum_of, texts_of
from mlflow_api.runs import STATUSES, new_run_id
from mlflow_api.view_types import in_view
from runs.creating import put_run
from runs.models import Param, Run
from runs.search.languages import SPELLED_OUT
from trackerweb.clock import now_ms
from trackerweb.errors import InvalidValue, NotFound

SOURCE_TYPES = ("NOTEBOOK", "JOB", "PROJECT", "LOCAL")
MAX_RUNS = 5000
#: Times below are seconds since 1970, those above are milliseconds: the year 5138, and 1973.
SECONDS_UNTIL = 100_000_000_000
#: The fields that 0.4.1 knows.
_EXPERIMENT = ("experiment_id", "name", "artifact_location")
_INFO = (
    "run_uuid", "experiment_id", "name", "source_type", "source_name", "user_id", "status", "start_time", "end_time",
    "source_version", "entry_point_name", "tags", "artifact_uri",
)  # fmt: skip
_METRIC = ("key", "value", "timestamp")


class ListExperiments(Message):
    """`experiments/list`."""

    view_type: str | int | None = None


class OneExperiment(Message):
    """`experiments/get`."""

    experiment_id: str | None = None


class CreateRun(Message):
    """`runs/create`."""

    experiment_id: str | None = None
    user_id: str | None = None
    run_name: str | None = None
    source_type: str | int | None = None
    source_name: str | None = None
    entry_point_name: str | None = None
    start_time: Int64 | None = None
    source_version: str | None = None
    parent_run_id: str | None = None
    tags: list[Pair] | None = None


class UpdateRun(RunMessage):
    """`runs/update`."""

    status: str | int | None = None
    end_time: Int64 | None = None


class LogMetric(logging.LogMetric):
    """`runs/log-metric`, when a point needed no time."""

    required: ClassVar[tuple[str, ...]] = ("run_id", "key", "value")


class OneMetric(RunMessage):
    """`metrics/get`."""

    required: ClassVar[tuple[str, ...]] = ("run_id", "metric_key")

    metric_key: str | None = None


class OneParam(RunMessage):
    """`params/get`."""

    required: ClassVar[tuple[str, ...]] = ("run_id", "param_name")

    param_name: str | None = None


class Comparison(msgspec.Struct):
    """A comparator and what to compare with."""

    comparator: str | None = None
    value: float | str | None = None


class Number(msgspec.Struct):
    """What a metric is compared with, as the type that the client had."""

    key: str | None = None
    float: Comparison | None = None
    double: Comparison | None = None


class Text(msgspec.Struct):
    """What a param is compared with."""

    key: str | None = None
    string: Comparison | None = None


class Expression(msgspec.Struct):
    """A clause: one of the two."""

    metric: Number | None = None
    parameter: Text | None = None


class SearchRuns(Message):
    """`runs/search`."""

    experiment_ids: list[str] | None = None
    anded_expressions: list[Expression] | None = None
    filter: str | None = None
    run_view_type: str | int | None = None


def early_endpoint(kind: type[Message]) -> Callable[[Callable[..., Any]], View]:
    """A view of a function that takes a message and whether the client knows the first fields alone."""

    def decorate(function: Callable[..., Any]) -> View:
        @wraps(function)
        def view(request: HttpRequest) -> Any:
            return function(messages.read(request, kind), not messages.is_snake(request))

        return raw_endpoint(view)

    return decorate


@early_endpoint(ListExperiments)
def list_experiments(message: ListExperiments, is_first: bool) -> dict[str, Any]:
    """All experiments, oldest first. Who says no more than that may be of the first."""
    is_first = is_first or message.view_type is None
    found = in_view(Experiment.objects.all(), message.view_type, "view_type").prefetch_related("tags").order_by("pk")
    return {"experiments": [_experiment(item, is_first) for item in found]}


@early_endpoint(OneExperiment)
def get_experiment(message: OneExperiment, is_first: bool) -> dict[str, Any]:
    """An experiment with its active runs."""
    found = experiment_by_id(message.experiment_id)
    runs = found.runs.active().select_related("experiment").prefetch_related("tags").order_by("-start_time")[:MAX_RUNS]
    told = [_info(run, is_first) for run in runs]
    return {"experiment": _experiment(found, is_first)} | ({"runs": told} if told else {})


@early_endpoint(CreateRun)
def create_run(message: CreateRun, is_first: bool) -> dict[str, Any]:
    """Make a run."""
    tags = texts_of(message.tags, "tags")
    limits.check_names(tags, "key")
    said = {
        "name": message.run_name,
        "user": message.user_id,
        "source_type": enum_of(message.source_type, SOURCE_TYPES, "source_type"),
        "source_name": message.source_name,
        "entry_point": message.entry_point_name,
        "start_time": message.start_time,
        "git_commit": message.source_version,
        "parent_run_id": message.parent_run_id,
    }
    fields: dict[str, Any] = {name: value for name, value in said.items() if value}
    run, _ = put_run(new_run_id(), experiment_by_id(message.experiment_id or "0"), tags=tags, **fields)
    return {"run": _runs([run], is_first)[0]}


@early_endpoint(RunMessage)
def get_run(message: RunMessage, is_first: bool) -> dict[str, Any]:
    """A run with all that was logged to it."""
    return {"run": _runs([Run.objects.by_id(message.run_id or "")], is_first)[0]}


@early_endpoint(UpdateRun)
def update_run(message: UpdateRun, is_first: bool) -> dict[str, Any]:
    """Change its status or its end."""
    said = {"status": enum_of(message.status, STATUSES, "status"), "end_time": message.end_time}
    run = Run.objects.by_id(message.run_id or "")
    run.require_active()
    run.report(**{name: value for name, value in said.items() if value is not None})
    return {"run_info": _info(run, is_first)}


@early_endpoint(LogMetric)
def log_metric(message: LogMetric, is_first: bool) -> dict[str, Any]:
    """Store one point. Its time is now where none came, and came in seconds."""
    seconds = message.timestamp or 0
    message.timestamp = (seconds * 1000 if seconds < SECONDS_UNTIL else seconds) or now_ms()
    logging.store_point(message)
    return {}


@early_endpoint(SearchRuns)
def search_runs(message: SearchRuns, is_first: bool) -> dict[str, Any]:
    """Runs that meet all clauses, newest first."""
    text = " AND ".join(_clause(item) for item in message.anded_expressions or ()) or message.filter or ""
    chosen = Run.objects.in_experiments([id_of(text) for text in message.experiment_ids or ()])
    found = (
        in_view(chosen, message.run_view_type, "run_view_type")
        .search(text, language=SPELLED_OUT)
        .select_related("experiment")
    )
    runs = _runs(list(found[:MAX_RUNS]), is_first)
    return {"runs": runs} if runs else {}


def _clause(item: Expression) -> str:
    """A clause as the text that says the same."""
    thing = item.metric or item.parameter
    compared = (item.metric.float or item.metric.double) if item.metric else item.parameter and item.parameter.string
    if not thing or not thing.key or not compared or compared.value is None:
        raise InvalidValue("anded_expressions: each names a metric or a parameter, a comparator and a value.")
    if item.metric:
        return f"metrics.`{thing.key}` {compared.comparator} {compared.value}"
    value = str(compared.value).replace("'", "''")
    return f"params.`{thing.key}` {compared.comparator} '{value}'"


@early_endpoint(OneMetric)
def get_metric(message: OneMetric, is_first: bool) -> dict[str, Any]:
    """The last point of a series."""
    (told,) = _runs([Run.objects.by_id(message.run_id or "")], is_first)
    for metric in told["data"].get("metrics", ()):
        if metric["key"] == message.metric_key:
            return {"metric": metric}
    raise NotFound(f"Run {message.run_id!r} has no metric {message.metric_key!r}.", field="metric_key")


@early_endpoint(histories.GetHistory)
def get_history(message: histories.GetHistory, is_first: bool) -> dict[str, Any]:
    """A series in the order of time."""
    points, token = histories.page_of(message)
    names = _METRIC if is_first else (*_METRIC, "step")
    told = [{name: getattr(point, name) for name in names} for point in points]
    body: dict[str, Any] = {"metrics": told} if told else {}
    return body | ({"next_page_token": token} if token else {})


@early_endpoint(OneParam)
def get_param(message: OneParam, is_first: bool) -> dict[str, Any]:
    """A param."""
    run, key = Run.objects.by_id(message.run_id or ""), message.param_name
    found = Param.objects.filter(run=run, key=key).first()
    if found is None:
        raise NotFound(f"Run {message.run_id!r} has no param {key!r}.", field="param_name")
    return {"parameter": {"key": found.key, "value": found.value}}


def _experiment(item: Experiment, is_first: bool) -> dict[str, Any]:
    told = answers.experiment(item)
    return _only(_EXPERIMENT, told) if is_first else told


def _info(run: Run, is_first: bool) -> dict[str, Any]:
    """A run with the fields that are tags for later clients."""
    told = answers.run_info(run) | {
        "name": run.name,
        "source_name": run.source_name,
        "source_version": run.git_commit,
        "entry_point_name": run.entry_point,
        "tags": answers.pairs((tag.key, tag.value) for tag in run.tags.all()),
    }
    if run.source_type in SOURCE_TYPES:
        told["source_type"] = run.source_type
    return _only(_INFO, told) if is_first else told


def _runs(found: list[Run], is_first: bool) -> list[dict[str, Any]]:
    told = answers.runs(found)
    for run, answer in zip(found, told, strict=True):
        answer["info"] = _info(run, is_first)
        if is_first:
            metrics = [_only(_METRIC, metric) for metric in answer["data"].get("metrics", ())]
            answer["data"] = {"metrics": metrics, "params": answer["data"].get("params", [])}
            del answer["inputs"], answer["outputs"]
    return told


def _only(names: Iterable[str], told: Mapping[str, Any]) -> dict[str, Any]:
    return {name: told[name] for name in names if name in told}
