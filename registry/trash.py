"""The trash of models: what was thrown away, how it comes back, and how it goes for good."""

from functools import cached_property
from typing import Any

from experiments.models import AuditEntry
from registry.models import LoggedModel, ModelVersion, RegisteredModel
from runs.artifacts import store
from runs.trash import Shelf, put_up
from trackerweb.errors import Conflict
from trackerweb.lifecycle import LifecycleStage
from trackerweb.transactions import write_transaction

MOST = 500


class ModelTrash:
    """What is in the trash, by kind; the 500 thrown away last of each."""

    @cached_property
    def registered(self) -> list[RegisteredModel]:
        """Registered models, with their versions."""
        return list(RegisteredModel.objects.trashed().order_by("-deleted_time", "pk")[:MOST])

    @cached_property
    def versions(self) -> list[ModelVersion]:
        """Versions of registered models that are not in the trash themselves."""
        found = ModelVersion.objects.filter(
            lifecycle_stage=LifecycleStage.DELETED, registered_model__lifecycle_stage=LifecycleStage.ACTIVE
        )
        return list(found.select_related("registered_model").order_by("-deleted_time", "pk")[:MOST])

    @cached_property
    def logged(self) -> list[LoggedModel]:
        """Logged models that were thrown away by themselves."""
        found = LoggedModel.objects.kept().filter(lifecycle_stage=LifecycleStage.DELETED)
        return list(found.select_related("experiment").order_by("-last_update_time", "pk")[:MOST])

    def __bool__(self) -> bool:
        return bool(self.registered or self.versions or self.logged)


def purge_registered(model: RegisteredModel) -> None:
    """Delete a registered model of the trash for good, with its versions. Files of runs and logged models stay.

    Errors: Conflict for one that is not in the trash.
    """
    _require_trashed(model, model.name)
    with write_transaction():
        AuditEntry.note("purge", model)
        model.delete()


def purge_logged(model: LoggedModel) -> None:
    """Delete a logged model of the trash for good, with its files, unless a version is made of it.

    Errors: Conflict.
    """
    _require_trashed(model, model.name)
    version = ModelVersion.objects.active().filter(model_id=model.model_id).select_related("registered_model").first()
    if version is not None:
        raise Conflict(f"{model.name!r} is what {version} is made of. Throw that away first.", field="model_id")
    with write_transaction():
        AuditEntry.note("purge", model)
        blobs = list(model.artifacts.values_list("blob", flat=True))
        model.delete()
    store.drop_unused(blobs)


def _require_trashed(thing: Any, name: str) -> None:
    if thing.lifecycle_stage != LifecycleStage.DELETED:
        raise Conflict(f"{name!r} is not in the trash. Move it there first.")


def _count() -> int:
    registered = RegisteredModel.objects.trashed().count()
    versions = ModelVersion.objects.filter(
        lifecycle_stage=LifecycleStage.DELETED, registered_model__lifecycle_stage=LifecycleStage.ACTIVE
    )
    logged = LoggedModel.objects.kept().filter(lifecycle_stage=LifecycleStage.DELETED)
    return registered + versions.count() + logged.count()


put_up(Shelf("models and versions", "/models/trash/", _count))
