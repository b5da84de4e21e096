"""Models on the clean-up desk: throw away, take back, delete for good, many at once."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat, pluralize
from django.utils.html import format_html
from django.utils.safestring import SafeString

from registry.models import LoggedModel, ModelVersion, RegisteredModel
from registry.trash import purge_logged, purge_registered
from trackerweb.admin_site import NAMED, Asked, Look, ReadOnlyDesk
from trackerweb.lifecycle import LifecycleStage
from trackerweb.templatetags.display import ago

Rows = QuerySet[Any]


def _looking_at(stage: LifecycleStage, why_not: str) -> Callable[[Rows], Look]:
    """Those of the rows in a stage, and how many are not."""

    def look(rows: Rows) -> Look:
        meant = rows.filter(lifecycle_stage=stage)
        count, others = meant.count(), rows.exclude(lifecycle_stage=stage).count()
        skipped = [f"{others:,} {why_not}"] if others else []
        return Look({"Things": f"{count:,}"}, [str(item) for item in meant[:NAMED]], skipped, is_empty=not count)

    return look


def _doing(stage: LifecycleStage, verb: Callable[[Any], None], done: str) -> Callable[[Rows, dict[str, Any]], str]:
    """Do something to each of the rows in a stage, one after another."""

    def act(rows: Rows, answers: dict[str, Any]) -> str:
        chosen = list(rows.filter(lifecycle_stage=stage))
        for item in chosen:
            verb(item)
        return f"{len(chosen):,} thing{pluralize(len(chosen))} {done}."

    return act


def _in_trash(verb: Callable[[Any], None], name: str, label: str, done: str, *, is_final: bool = False) -> Asked:
    look = _looking_at(LifecycleStage.DELETED, "not in the trash")
    return Asked(name, label, look, _doing(LifecycleStage.DELETED, verb, done), is_final=is_final)


TRASH = Asked(
    "trash",
    "Move to the trash…",
    _looking_at(LifecycleStage.ACTIVE, "in the trash"),
    _doing(LifecycleStage.ACTIVE, lambda item: item.trash(), "moved to the trash"),
)
RESTORE = _in_trash(lambda item: item.restore(), "restore", "Restore from the trash…", "restored")


class ModelDesk(ReadOnlyDesk):
    """What the lists of models share."""

    list_filter = ["lifecycle_stage"]
    ordering = ["-pk"]

    @admin.display(description="page")
    def page(self, item: Any) -> SafeString:
        """The way to its page."""
        return format_html('<a href="{}">{}</a>', item.get_absolute_url(), item)

    @admin.display(description="changed", ordering="last_update_time")
    def changed(self, item: Any) -> SafeString:
        """When it was changed last."""
        return ago(item.last_update_time)


@admin.register(RegisteredModel)
class RegisteredModelDesk(ModelDesk):
    """Registered models with their versions."""

    audit_kind = "registeredmodel"
    list_display = ["page", "versions", "lifecycle_stage", "changed"]
    search_fields = ["name", "description"]
    actions = [
        TRASH,
        RESTORE,
        _in_trash(purge_registered, "purge", "Delete for good…", "deleted for good", is_final=True),
    ]

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """All, with their number of versions."""
        return RegisteredModel.objects.annotate(version_count=Count("versions"))

    @admin.display(ordering="version_count")
    def versions(self, model: Any) -> int:
        """How many versions it has."""
        return int(model.version_count)


@admin.register(ModelVersion)
class ModelVersionDesk(ModelDesk):
    """Versions. One that is gone keeps its number."""

    audit_kind = "modelversion"
    list_display = ["page", "stage", "source", "run_id", "lifecycle_stage", "changed"]
    list_filter = ["lifecycle_stage", "stage"]
    list_select_related = ["registered_model"]
    search_fields = ["registered_model__name", "run_id__startswith", "model_id__startswith", "source"]
    actions = [TRASH, RESTORE]


def _look_purge(rows: Rows) -> Look:
    look = _looking_at(LifecycleStage.DELETED, "not in the trash")(rows)
    meant = rows.filter(lifecycle_stage=LifecycleStage.DELETED)
    size = meant.aggregate(size=Coalesce(Sum("artifact_bytes"), 0))["size"]
    return Look(look.figures | {"Bytes of files": filesizeformat(size)}, look.names, look.skipped, look.is_empty)


@admin.register(LoggedModel)
class LoggedModelDesk(ModelDesk):
    """Logged models with what their files take."""

    audit_kind = "loggedmodel"
    list_display = ["page", "model_id", "experiment", "status", "lifecycle_stage", "size", "changed"]
    list_filter = ["lifecycle_stage", "status"]
    list_select_related = ["experiment"]
    search_fields = ["name", "model_id__startswith", "source_run_id__startswith"]

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """Those that are not being deleted for good with their experiment."""
        return LoggedModel.objects.kept()

    @admin.display(ordering="artifact_bytes")
    def size(self, model: Any) -> str:
        """Bytes of its files."""
        return filesizeformat(model.artifact_bytes)

    actions = [
        TRASH,
        RESTORE,
        Asked(
            "purge",
            "Delete for good…",
            _look_purge,
            _doing(LifecycleStage.DELETED, purge_logged, "deleted for good"),
            is_final=True,
        ),
    ]
