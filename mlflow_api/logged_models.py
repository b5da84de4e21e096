"""Models: `logged-models/…`, and their ties to runs: `runs/outputs`, `runs/log-model`."""

import json
from typing import Any, ClassVar

import msgspec
from django.http import HttpRequest, HttpResponseBase

from mlflow_api import answers
from mlflow_api.artifacts import content, files
from mlflow_api.endpoint import endpoint, raw_endpoint
from mlflow_api.experiments import experiment_by_id, id_of
from mlflow_api.messages import Int64, Message, MissingValue, Pair, RunMessage, texts_of
from registry import history, lineage
from registry.creating import create_model
from registry.models import LoggedModel, ModelStatus
from registry.places import Place, location_of
from registry.search import logged as searching
from registry.search.logged import Dataset, Order
from runs.artifacts.paths import check_folder, check_path
from trackerweb.errors import InvalidValue

STATUSES = tuple(ModelStatus.values)
PAGE, MAX_PAGE = 100, 50_000


class CreateModel(Message):
    """`logged-models`."""

    required: ClassVar[tuple[str, ...]] = ("experiment_id",)

    experiment_id: str | None = None
    name: str | None = None
    model_type: str | None = None
    source_run_id: str | None = None
    params: list[Pair] | None = None
    tags: list[Pair] | None = None


class GetModel(Message):
    """`GET logged-models/<id>`."""

    allow_deleted: str | bool | None = None


class FinalizeModel(Message):
    """`PATCH logged-models/<id>`."""

    required: ClassVar[tuple[str, ...]] = ("status",)

    status: str | int | None = None


class ModelParams(Message):
    """`logged-models/<id>/params`."""

    params: list[Pair] | None = None


class ModelTags(Message):
    """`PATCH logged-models/<id>/tags`."""

    tags: list[Pair] | None = None


class DatasetName(msgspec.Struct):
    """The data that metrics are looked at for."""

    dataset_name: str | None = None
    dataset_digest: str | None = None


class OrderBy(msgspec.Struct):
    """A term of an order."""

    field_name: str | None = None
    ascending: bool | None = None
    dataset_name: str | None = None
    dataset_digest: str | None = None


class SearchModels(Message):
    """`logged-models/search`."""

    experiment_ids: list[str] | None = None
    filter: str | None = None
    datasets: list[DatasetName] | None = None
    max_results: Int64 | None = None
    order_by: list[OrderBy] | None = None
    page_token: str | None = None


class ListModelFiles(Message):
    """`logged-models/<id>/artifacts/directories`."""

    artifact_directory_path: str | None = None


class Output(msgspec.Struct):
    """A model that a run gave out."""

    model_id: str | None = None
    step: Int64 | None = None


class LogOutputs(RunMessage):
    """`runs/outputs`."""

    models: list[Output] | None = None


class LogModel(RunMessage):
    """`runs/log-model`."""

    required: ClassVar[tuple[str, ...]] = ("run_id", "model_json")

    model_json: str | None = None


@endpoint(CreateModel)
def create(message: CreateModel) -> dict[str, Any]:
    """Make a model, whose files follow."""
    params, tags = message.params or [], message.tags or []
    model = create_model(
        experiment_by_id(message.experiment_id),
        message.name or "",
        message.model_type or "",
        message.source_run_id or "",
        _each_once(params, "params"),
        _each_once(tags, "tags"),
    )
    return _told(model)


def _each_once(pairs: list[Pair], place: str) -> dict[str, str]:
    texts = texts_of(pairs, place)
    if len(texts) < len(pairs):
        raise InvalidValue(f"{place}: a key comes twice. Send each once.", field=place)
    return texts


def _told(model: LoggedModel) -> dict[str, Any]:
    return {"model": answers.logged_model(LoggedModel.objects.with_all().get(pk=model.pk))}


@endpoint(GetModel)
def get(message: GetModel, model_id: str) -> dict[str, Any]:
    """A model; one in the trash only when that is asked for."""
    return _told(_model(model_id, allow_deleted=str(message.allow_deleted).lower() == "true"))


def _model(model_id: str, *, allow_deleted: bool = False) -> LoggedModel:
    chosen = LoggedModel.objects.kept() if allow_deleted else LoggedModel.objects.active()
    return chosen.by_id(model_id)


@endpoint(SearchModels)
def search(message: SearchModels) -> dict[str, Any]:
    """A page of models of some experiments."""
    if message.experiment_ids is None:
        raise MissingValue("experiment_ids")
    limit = message.max_results or PAGE
    if not 0 < limit <= MAX_PAGE:
        raise InvalidValue(f"max_results is {limit}; it has to be between 1 and {MAX_PAGE}.", field="max_results")
    page = searching.search(
        [id_of(text) for text in message.experiment_ids],
        message.filter or "",
        [_dataset(item) for item in message.datasets or ()],
        [_order(item) for item in message.order_by or ()],
        message.page_token or None,
        limit,
    )
    body: dict[str, Any] = {"models": [answers.logged_model(model) for model in page.items]} if page.items else {}
    return body | ({"next_page_token": page.next_cursor} if page.next_cursor else {})


def _dataset(item: DatasetName) -> Dataset:
    if not item.dataset_name:
        raise MissingValue("datasets.dataset_name")
    return Dataset(item.dataset_name, item.dataset_digest or "")


def _order(item: OrderBy) -> Order:
    dataset = Dataset(item.dataset_name, item.dataset_digest or "") if item.dataset_name else None
    return Order(item.field_name or "", item.ascending is not False, dataset)


@endpoint(FinalizeModel)
def finalize(message: FinalizeModel, model_id: str) -> dict[str, Any]:
    """Say whether the files of a model are all there."""
    model = LoggedModel.objects.by_id(model_id)
    model.finalize(_status(message.status))
    return _told(model)


def _status(value: str | int | None) -> ModelStatus:
    """By name or by number; a status that nobody knows says nothing, as a later release may have added it."""
    text = str(value)
    if text in STATUSES:
        return ModelStatus(text)
    is_number = text.isascii() and text.isdigit() and int(text[:9]) < len(STATUSES)
    return ModelStatus(STATUSES[int(text[:9])]) if is_number else ModelStatus.UNSPECIFIED


@endpoint(Message)
def delete(message: Message, model_id: str) -> dict[str, Any]:
    """Move a model to the trash."""
    LoggedModel.objects.by_id(model_id).trash()
    return {}


@endpoint(ModelParams)
def log_params(message: ModelParams, model_id: str) -> dict[str, Any]:
    """Store what a model was made with."""
    LoggedModel.objects.by_id(model_id).add_params(_each_once(message.params or [], "params"))
    return {}


@endpoint(ModelTags)
def set_tags(message: ModelTags, model_id: str) -> dict[str, Any]:
    """Set tags of a model."""
    LoggedModel.objects.by_id(model_id).set_tags(texts_of(message.tags, "tags"))
    return {}


@endpoint(Message)
def delete_tag(message: Message, model_id: str, key: str) -> dict[str, Any]:
    """Remove a tag of a model."""
    LoggedModel.objects.by_id(model_id).delete_tag(key)
    return {}


@endpoint(ListModelFiles)
def list_files(message: ListModelFiles, model_id: str) -> dict[str, Any]:
    """What lies in a folder of a model, with whole paths."""
    folder = check_folder(message.artifact_directory_path or "")
    model = _model(model_id)
    return files(model, folder, full_paths=True) | {"root_uri": location_of(model)}


@raw_endpoint
def get_file(request: HttpRequest, model_id: str) -> HttpResponseBase:
    """A file of a model, by query: what MLflow's pages ask for."""
    path = request.GET.get("artifact_file_path", "")
    if not path:
        raise MissingValue("artifact_file_path")
    return content(request, Place(_model(model_id), check_path(path)))


@endpoint(LogOutputs)
def log_outputs(message: LogOutputs) -> dict[str, Any]:
    """Note the models that a run gave out."""
    if message.models is None:
        raise MissingValue("models")
    steps = {output.model_id or "": output.step or 0 for output in message.models}
    if len(steps) < len(message.models):
        raise InvalidValue("models: a model comes twice. Send each once.", field="models")
    lineage.note_outputs(message.run_id or "", steps)
    return {}


@endpoint(LogModel)
def log_model(message: LogModel) -> dict[str, Any]:
    """Add a model to the list that older clients keep in a tag."""
    try:
        description = json.loads(message.model_json or "")
    except (ValueError, RecursionError):
        raise InvalidValue("model_json: this is no JSON.", field="model_json") from None
    history.note_logged(message.run_id or "", description)
    return {}
