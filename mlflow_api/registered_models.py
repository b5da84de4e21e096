"""Registered models and their aliases: `registered-models/…`."""

from typing import Any, ClassVar

from mlflow_api import answers, limits
from mlflow_api.endpoint import endpoint
from mlflow_api.messages import Message, Pair, texts_of
from mlflow_api.model_versions import Search, page_size, told
from registry.models import ModelAlias, ModelVersion, RegisteredModel, Stage
from registry.names import LATEST, check_alias, number_of
from registry.search import registered as searching
from runs.paging import page_along

PAGE, MAX_PAGE = 100, 1000


class OneModel(Message):
    """Requests about one registered model."""

    required: ClassVar[tuple[str, ...]] = ("name",)

    name: str | None = None


class CreateModel(OneModel):
    """`registered-models/create`."""

    tags: list[Pair] | None = None
    description: str | None = None


class UpdateModel(OneModel):
    """`registered-models/update`."""

    description: str | None = None


class RenameModel(OneModel):
    """`registered-models/rename`."""

    required: ClassVar[tuple[str, ...]] = ("name", "new_name")

    new_name: str | None = None


class LatestVersions(OneModel):
    """`registered-models/get-latest-versions`."""

    stages: list[str] | None = None


class ModelTag(OneModel):
    """`registered-models/set-tag` and `delete-tag`."""

    required: ClassVar[tuple[str, ...]] = ("name", "key")

    key: str | None = None
    value: str | None = None


class OneAlias(OneModel):
    """`registered-models/alias`."""

    required: ClassVar[tuple[str, ...]] = ("name", "alias")

    alias: str | None = None


class SetAlias(OneAlias):
    """`POST registered-models/alias`."""

    required: ClassVar[tuple[str, ...]] = ("name", "alias", "version")

    version: str | int | None = None


def _named(message: OneModel) -> RegisteredModel:
    return RegisteredModel.objects.named(message.name or "")


def _told(model: RegisteredModel) -> dict[str, Any]:
    found = RegisteredModel.objects.with_all().get(pk=model.pk)
    latest = ModelVersion.objects.latest_of([model.pk])
    return {"registered_model": answers.registered_model(found, latest.get(model.pk, []))}


@endpoint(CreateModel)
def create(message: CreateModel) -> dict[str, Any]:
    """Make a registered model."""
    tags = texts_of(message.tags, "tags")
    limits.check_registry_tags(tags)
    return _told(RegisteredModel.objects.add(message.name or "", tags, description=message.description or ""))


@endpoint(OneModel)
def get(message: OneModel) -> dict[str, Any]:
    """One, with its newest versions."""
    return _told(_named(message))


@endpoint(UpdateModel)
def update(message: UpdateModel) -> dict[str, Any]:
    """Describe it."""
    model = _named(message)
    model.change(description=message.description or "")
    return _told(model)


@endpoint(RenameModel)
def rename(message: RenameModel) -> dict[str, Any]:
    """Give it another name."""
    model = _named(message)
    model.rename(message.new_name or "")
    return _told(model)


@endpoint(OneModel)
def delete(message: OneModel) -> dict[str, Any]:
    """Move it to the trash with its versions."""
    _named(message).trash()
    return {}


@endpoint(Search)
def search(message: Search) -> dict[str, Any]:
    """A page of registered models."""
    found, columns = searching.models(message.filter or "", message.order_by or ())
    size = page_size(message.max_results, PAGE, MAX_PAGE)
    page = page_along(found.with_all(), columns, message.page_token or None, size)
    latest = ModelVersion.objects.latest_of(model.pk for model in page.items)
    models = [answers.registered_model(model, latest.get(model.pk, [])) for model in page.items]
    body: dict[str, Any] = {"registered_models": models} if models else {}
    return body | ({"next_page_token": page.next_cursor} if page.next_cursor else {})


@endpoint(LatestVersions)
def latest_versions(message: LatestVersions) -> dict[str, Any]:
    """The newest version in each stage, or in those that are asked for."""
    model = _named(message)
    stages = [Stage.said(stage, "stages") for stage in message.stages or Stage.values]
    latest = [item for item in ModelVersion.objects.latest_of([model.pk]).get(model.pk, []) if item.stage in stages]
    return {"model_versions": [answers.model_version(version) for version in latest]} if latest else {}


@endpoint(ModelTag)
def set_tag(message: ModelTag) -> dict[str, Any]:
    """Set one tag."""
    tags = {message.key or "": message.value or ""}
    limits.check_registry_tags(tags)
    _named(message).set_tags(tags)
    return {}


@endpoint(ModelTag)
def delete_tag(message: ModelTag) -> dict[str, Any]:
    """Remove one tag; none is fine."""
    limits.check_names([message.key or ""], "key")
    _named(message).delete_tag(message.key or "")
    return {}


@endpoint(SetAlias)
def set_alias(message: SetAlias) -> dict[str, Any]:
    """Lead an alias to a version."""
    version = ModelVersion.objects.numbered(message.name or "", number_of(message.version))
    ModelAlias.point(message.alias or "", version)
    return {}


@endpoint(OneAlias)
def delete_alias(message: OneAlias) -> dict[str, Any]:
    """Take an alias away; none is fine."""
    check_alias(message.alias or "")
    for alias in _named(message).aliases.filter(alias=message.alias):
        alias.take_away()
    return {}


@endpoint(OneAlias)
def get_by_alias(message: OneAlias) -> dict[str, Any]:
    """The version that an alias leads to; `latest` is the newest of all."""
    alias = message.alias or ""
    check_alias(alias)
    model = _named(message)
    version = model.newest() if alias.lower() == LATEST else ModelAlias.named(model, alias).model_version
    return told(version)
