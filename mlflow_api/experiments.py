"""Experiments: `experiments/…`."""

from typing import Any, ClassVar

from experiments.models import Experiment
from experiments.querysets import check_tag
from mlflow_api import answers, limits
from mlflow_api.endpoint import endpoint
from mlflow_api.messages import Int64, Message, Pair, texts_of
from mlflow_api.view_types import in_view
from runs.paging import page_along
from runs.search import experiments as searching
from trackerweb.errors import InvalidValue, NotFound
from trackerweb.transactions import write_transaction

MAX_PAGE = 50_000
MAX_TAG_VALUE = 20_000
INT64_DIGITS = 18


class CreateExperiment(Message):
    """`experiments/create`."""

    required: ClassVar[tuple[str, ...]] = ("name",)

    name: str | None = None
    artifact_location: str | None = None
    tags: list[Pair] | None = None


class OneExperiment(Message):
    """Requests about one experiment."""

    required: ClassVar[tuple[str, ...]] = ("experiment_id",)

    experiment_id: str | None = None


class NamedExperiment(Message):
    """`experiments/get-by-name`."""

    required: ClassVar[tuple[str, ...]] = ("experiment_name",)

    experiment_name: str | None = None


class UpdateExperiment(OneExperiment):
    """`experiments/update`."""

    required: ClassVar[tuple[str, ...]] = ("experiment_id", "new_name")

    new_name: str | None = None


class ExperimentTag(OneExperiment):
    """`experiments/set-experiment-tag` and `delete-experiment-tag`."""

    required: ClassVar[tuple[str, ...]] = ("experiment_id", "key")

    key: str | None = None
    value: str | None = None


class SearchExperiments(Message):
    """`experiments/search`."""

    max_results: Int64 | None = None
    page_token: str | None = None
    filter: str | None = None
    order_by: list[str] | None = None
    view_type: str | int | None = None


def experiment_by_id(text: str | None) -> Experiment:
    """The experiment that a request names.

    Errors: InvalidValue for what is no id; NotFound.
    """
    return Experiment.objects.by_id(id_of(text))


def id_of(text: str | None) -> int:
    """An experiment's id, which the protocol carries as text.

    Errors: InvalidValue.
    """
    text = (text or "").strip()
    if not (text.isascii() and text.removeprefix("-").isdigit()):
        raise InvalidValue(f"Invalid experiment ID {text[:80]!r}: it is a whole number.", field="experiment_id")
    if len(text) > INT64_DIGITS:
        raise NotFound(f"No experiment {text[:80]}.", field="experiment_id")
    return int(text)


def _active(text: str | None) -> Experiment:
    found = experiment_by_id(text)
    found.require_active()
    return found


@endpoint(CreateExperiment)
def create(message: CreateExperiment) -> dict[str, Any]:
    """Make an experiment."""
    tags = texts_of(message.tags, "tags")
    _check_tags(tags)
    with write_transaction():
        made = Experiment.objects.add(message.name or "", artifact_location=message.artifact_location or "")
        made.store_tags(tags)
    return {"experiment_id": str(made.pk)}


@endpoint(OneExperiment)
def get(message: OneExperiment) -> dict[str, Any]:
    """One, trashed or not."""
    return {"experiment": answers.experiment(experiment_by_id(message.experiment_id))}


@endpoint(NamedExperiment)
def get_by_name(message: NamedExperiment) -> dict[str, Any]:
    """The active one of that name: a trashed one's name is free."""
    found = Experiment.objects.named(message.experiment_name or "")
    if found is None:
        raise NotFound(f"Could not find experiment with name {message.experiment_name!r}")
    return {"experiment": answers.experiment(found)}


@endpoint(SearchExperiments)
def search(message: SearchExperiments) -> dict[str, Any]:
    """A page of experiments."""
    limit = message.max_results or 0
    if not 0 < limit <= MAX_PAGE:
        raise InvalidValue(f"max_results has to be between 1 and {MAX_PAGE}.", field="max_results")
    chosen = in_view(Experiment.objects.all(), message.view_type, "view_type").prefetch_related("tags")
    found, columns = searching.search(chosen, message.filter or "", message.order_by or ())
    page = page_along(found, columns, message.page_token or None, limit)
    body: dict[str, Any] = {"experiments": [answers.experiment(item) for item in page.items]} if page.items else {}
    return body | ({"next_page_token": page.next_cursor} if page.next_cursor else {})


@endpoint(UpdateExperiment)
def update(message: UpdateExperiment) -> dict[str, Any]:
    """Rename it."""
    _active(message.experiment_id).change(name=message.new_name)
    return {}


@endpoint(OneExperiment)
def delete(message: OneExperiment) -> dict[str, Any]:
    """Move it to the trash. One that is there already is not found, as in MLflow."""
    found = experiment_by_id(message.experiment_id)
    if not found.is_active:
        raise NotFound(f"No active experiment {message.experiment_id}: it is in the trash already.")
    found.trash()
    return {}


@endpoint(OneExperiment)
def restore(message: OneExperiment) -> dict[str, Any]:
    """Take it out of the trash. One that is not there is not found, as in MLflow."""
    found = experiment_by_id(message.experiment_id)
    if found.is_active:
        raise NotFound(f"No experiment {message.experiment_id} is in the trash.")
    found.restore()
    return {}


@endpoint(ExperimentTag)
def set_tag(message: ExperimentTag) -> dict[str, Any]:
    """Set one tag."""
    tags = {message.key or "": message.value or ""}
    _check_tags(tags)
    _active(message.experiment_id).set_tags(tags)
    return {}


@endpoint(ExperimentTag)
def delete_tag(message: ExperimentTag) -> dict[str, Any]:
    """Remove one tag, which has to be there."""
    found, key = _active(message.experiment_id), message.key or ""
    if key not in found.all_tags():
        raise NotFound(f"No tag with name: {key} in experiment with id {found.pk}")
    found.delete_tag(key)
    return {}


def _check_tags(tags: dict[str, str]) -> None:
    limits.check_names(tags, "key")
    for key, value in tags.items():
        check_tag(key)
        if len(value) > MAX_TAG_VALUE:
            raise InvalidValue(f"The tag {key!r} has {len(value)} characters; {MAX_TAG_VALUE} are allowed.")
