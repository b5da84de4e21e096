"""Registered models as the files of a store of MLflow: `models/<name>/…`."""

from collections.abc import Iterator
from typing import Any

from exporting.mlruns import meta
from exporting.mlruns.writing import META, MlrunsWriter
from exporting.tree import Exported
from importing.mlruns.registry import DELETED
from registry import sources
from registry.models import LoggedModel, ModelVersion, RegisteredModel
from registry.places import MODELS, ROOT
from runs.models import Run

#: What MLflow's file store can't have in the name of a registered model.
_REFUSED = ("\\", "%")
_ELSEWHERE = {"deployment_job_id": None, "deployment_job_state": None, "workspace": "default"}


def registered_models(writer: MlrunsWriter) -> Iterator[Exported]:
    """The files of all that are not in the trash. One whose name can't be there is told to the writer's listener."""
    for model in RegisteredModel.objects.active().with_all().order_by("name"):
        if any(sign in model.name for sign in _REFUSED):
            writer.tell(f"{MODELS}/{model.name}", "It was left out: MLflow's file store can't hold its name.")
            continue
        yield from _model(model, writer)


def _model(model: RegisteredModel, writer: MlrunsWriter) -> Iterator[Exported]:
    folder = f"{MODELS}/{model.name}"
    aliases = {alias.alias: alias.model_version.version for alias in model.aliases.all()}
    told = {"name": model.name, "description": model.description or None, "aliases": aliases}
    yield Exported.text(f"{folder}/{META}", meta.dump(told | _times(model) | _ELSEWHERE))
    yield from writer.texts(folder, "tags", {tag.key: tag.value for tag in model.tags.all()})[0]
    for alias, number in aliases.items():
        yield Exported.text(f"{folder}/aliases/{alias}", str(number))
    for version in model.versions.prefetch_related("tags").order_by("version"):
        yield from _version(version, f"{folder}/version-{version.version}", writer)


def _version(version: ModelVersion, folder: str, writer: MlrunsWriter) -> Iterator[Exported]:
    is_active = version.lifecycle_stage == "active"
    told = {
        "name": version.registered_model.name,
        "version": version.version,
        "description": version.description,
        "user_id": version.user or None,
        "current_stage": version.stage if is_active else DELETED,
        "source": version.source,
        "storage_location": _location(version, writer),
        "run_id": version.run_id or None,
        "run_link": version.run_link or None,
        "status": version.status,
        "status_message": version.status_message or None,
        "model_id": version.model_id or None,
        "deployment_job_state": None,
        "workspace": "default",
    }
    yield Exported.text(f"{folder}/{META}", meta.dump(told | _times(version)))
    yield from writer.texts(folder, "tags", {tag.key: tag.value for tag in version.tags.all()})[0]


def _times(thing: RegisteredModel | ModelVersion) -> dict[str, Any]:
    return {"creation_timestamp": thing.creation_time, "last_updated_timestamp": thing.last_update_time}


def _location(version: ModelVersion, writer: MlrunsWriter) -> str:
    """Where its files will lie: in the export, if they lie here."""
    place = sources.files_of(version)
    if place is None:
        return version.storage_location
    owner = place.owner
    if isinstance(owner, Run):
        return "/".join([writer.address(owner.experiment), owner.run_id, ROOT, *filter(None, [place.path])])
    assert isinstance(owner, LoggedModel)
    return "/".join([writer.address(owner.experiment), MODELS, owner.model_id, ROOT, *filter(None, [place.path])])
