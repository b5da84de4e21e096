"""Files of runs and their contents on the clean-up desk."""

from typing import Any
from urllib.parse import quote

from django.contrib import admin
from django.db.models import QuerySet, Sum
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat, pluralize
from django.utils.html import format_html
from django.utils.safestring import SafeString

from runs.admin.filters import ArtifactSizeFilter, BlobSizeFilter, RunExperimentFilter, RunStageFilter
from runs.admin.logged import OfRun, look_at, of_active_runs
from runs.artifacts import store
from runs.models import Artifact, Blob
from trackerweb.admin_site import Asked, Look, ReadOnlyDesk
from trackerweb.templatetags.display import ago


def _look(rows: "QuerySet[Any]") -> Look:
    size = of_active_runs(rows).aggregate(size=Sum("blob__size"))["size"] or 0
    return look_at(rows, "Files", {"Bytes, shared content included": filesizeformat(size)})


def _delete(rows: "QuerySet[Any]", answers: dict[str, Any]) -> str:
    artifacts = list(of_active_runs(rows))
    for artifact in artifacts:
        store.delete(artifact.run, artifact.path)
    return f"{len(artifacts):,} file{pluralize(artifacts)} deleted."


@admin.register(Artifact)
class ArtifactDesk(OfRun, ReadOnlyDesk):
    """Files of runs."""

    list_display = ["path", "run_page", "experiment_name", "media_type", "size", "sha256", "stored", "download"]
    list_filter = ["media_type", ArtifactSizeFilter, RunExperimentFilter, RunStageFilter]
    list_select_related = ["run", "run__experiment", "blob"]
    search_fields = ["path", "run__run_id__startswith", "blob__sha256__startswith"]
    actions = [Asked("delete_files", "Delete…", _look, _delete, is_final=True)]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A file is what was logged. Of a whole list, yes: else Django offers no actions."""
        return obj is None

    @admin.display(ordering="blob__size")
    def size(self, artifact: Any) -> str:
        """Its bytes."""
        return filesizeformat(artifact.blob.size)

    @admin.display
    def sha256(self, artifact: Any) -> str:
        """The beginning of its hash."""
        return artifact.blob.sha256[:12]

    @admin.display(ordering="creation_time")
    def stored(self, artifact: Any) -> SafeString:
        """When it was stored."""
        return ago(artifact.creation_time)

    @admin.display
    def download(self, artifact: Any) -> SafeString:
        """The file itself."""
        address = f"/api/v1/runs/{artifact.run.run_id}/artifacts/{quote(artifact.path)}"
        return format_html('<a href="{}">Download</a>', address)


@admin.register(Blob)
class BlobDesk(ReadOnlyDesk):
    """Contents, each once however many files have it."""

    list_display = ["sha256", "bytes", "uses", "stored"]
    list_filter = [BlobSizeFilter]
    search_fields = ["sha256__startswith"]
    ordering = ["-pk"]

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """With the number of files that have it."""
        contents: Any = super().get_queryset(request)
        return contents.with_uses()

    @admin.display(description="size", ordering="size")
    def bytes(self, blob: Any) -> str:
        """Its bytes."""
        return filesizeformat(blob.size)

    @admin.display(ordering="uses")
    def uses(self, blob: Any) -> int:
        """How many files have it."""
        return blob.uses

    @admin.display(ordering="creation_time")
    def stored(self, blob: Any) -> SafeString:
        """When it came."""
        return ago(blob.creation_time)
