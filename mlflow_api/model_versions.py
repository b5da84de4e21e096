"""Versions of registered models: `model-versions/…`."""

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponseBase

from mlflow_api import answers, limits
from mlflow_api.artifacts import content
from mlflow_api.endpoint import endpoint, raw_endpoint
from mlflow_api.messages import Int64, Message, MissingValue, Pair, texts_of
from registry import registering, sources
from registry.models import ModelVersion, Stage
from registry.names import number_of
from registry.places import Place
from registry.search import registered as searching
from runs.artifacts.paths import check_path
from runs.paging import page_along
from trackerweb.errors import InvalidValue, NotFound

PAGE, MAX_PAGE = 10_000, 200_000


class OneVersion(Message):
    """Requests about one version."""

    required: ClassVar[tuple[str, ...]] = ("name", "version")

    name: str | None = None
    version: str | int | None = None


class CreateVersion(Message):
    """`model-versions/create`."""

    required: ClassVar[tuple[str, ...]] = ("name", "source")

    name: str | None = None
    source: str | None = None
    run_id: str | None = None
    model_id: str | None = None
    run_link: str | None = None
    description: str | None = None
    tags: list[Pair] | None = None


class UpdateVersion(OneVersion):
    """`model-versions/update`."""

    description: str | None = None


class TransitionStage(OneVersion):
    """`model-versions/transition-stage`."""

    required: ClassVar[tuple[str, ...]] = ("name", "version", "stage")

    stage: str | None = None
    archive_existing_versions: bool | None = None


class VersionTag(OneVersion):
    """`model-versions/set-tag` and `delete-tag`."""

    required: ClassVar[tuple[str, ...]] = ("name", "version", "key")

    key: str | None = None
    value: str | None = None


class Search(Message):
    """`model-versions/search` and `registered-models/search`."""

    filter: str | None = None
    max_results: Int64 | None = None
    order_by: list[str] | None = None
    page_token: str | None = None


def told(version: ModelVersion) -> dict[str, Any]:
    """The answer of one version."""
    return {"model_version": answers.model_version(ModelVersion.objects.with_all().get(pk=version.pk))}


def _numbered(message: OneVersion) -> ModelVersion:
    return ModelVersion.objects.numbered(message.name or "", number_of(message.version))


@endpoint(CreateVersion)
def create(message: CreateVersion) -> dict[str, Any]:
    """Make a version of a registered model."""
    tags = texts_of(message.tags, "tags")
    limits.check_registry_tags(tags)
    version = registering.register(
        message.name or "",
        message.source or "",
        message.run_id,
        message.model_id,
        tags,
        run_link=message.run_link or "",
        description=message.description or "",
    )
    return told(version)


@endpoint(OneVersion)
def get(message: OneVersion) -> dict[str, Any]:
    """One."""
    return told(_numbered(message))


@endpoint(UpdateVersion)
def update(message: UpdateVersion) -> dict[str, Any]:
    """Describe it; no description takes the one away that it has, as in MLflow."""
    version = _numbered(message)
    version.change(description=message.description)
    return told(version)


@endpoint(OneVersion)
def delete(message: OneVersion) -> dict[str, Any]:
    """Move it to the trash."""
    _numbered(message).trash()
    return {}


@endpoint(TransitionStage)
def transition_stage(message: TransitionStage) -> dict[str, Any]:
    """Say how far it has come."""
    stage = Stage.said(message.stage or "")
    version = _numbered(message)
    version.move_to_stage(stage, archive_others=bool(message.archive_existing_versions))
    return told(version)


@endpoint(VersionTag)
def set_tag(message: VersionTag) -> dict[str, Any]:
    """Set one tag."""
    tags = {message.key or "": message.value or ""}
    limits.check_registry_tags(tags)
    _numbered(message).set_tags(tags)
    return {}


@endpoint(VersionTag)
def delete_tag(message: VersionTag) -> dict[str, Any]:
    """Remove one tag; none is fine."""
    limits.check_names([message.key or ""], "key")
    _numbered(message).delete_tag(message.key or "")
    return {}


@endpoint(OneVersion)
def download_uri(message: OneVersion) -> dict[str, Any]:
    """Where its files lie."""
    return {"artifact_uri": _numbered(message).storage_location}


@endpoint(Search)
def search(message: Search) -> dict[str, Any]:
    """A page of versions."""
    size = page_size(message.max_results, PAGE, MAX_PAGE)
    found, columns = searching.versions(message.filter or "", message.order_by or ())
    page = page_along(found.with_all(), columns, message.page_token or None, size)
    body: dict[str, Any] = {"model_versions": [answers.model_version(item, with_aliases=False) for item in page.items]}
    return (body if page.items else {}) | ({"next_page_token": page.next_cursor} if page.next_cursor else {})


def page_size(said: int | None, default: int, most: int) -> int:
    """How many things a page holds.

    Errors: InvalidValue.
    """
    size = default if said is None else said
    if not 0 < size <= most:
        raise InvalidValue(f"max_results is {size}; it has to be between 1 and {most}.", field="max_results")
    return size


@raw_endpoint
def get_file(request: HttpRequest) -> HttpResponseBase:
    """A file of a version, by query."""
    said = {name: request.GET.get(name, "") for name in ("name", "version", "path")}
    for name, value in said.items():
        if not value:
            raise MissingValue(name)
    path = check_path(said["path"])
    version = ModelVersion.objects.numbered(said["name"], number_of(said["version"]))
    place = sources.files_of(version)
    if place is None:
        raise NotFound(f"The files of {version} are not here, but at {version.storage_location}.", field="path")
    return content(request, Place(place.owner, place.within(path)))
