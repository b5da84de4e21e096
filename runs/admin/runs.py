"""Runs on the clean-up desk."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from runs import ingest
from runs.admin.actions import RUN_ACTIONS
from runs.admin.filters import AgeFilter, ExperimentFilter, ParentFilter, SizeFilter, StageFilter, StatusFilter
from runs.disk_use import BYTES_PER_POINT
from runs.models import Artifact, Run
from trackerweb.admin_site import Desk
from trackerweb.clock import now_ms
from trackerweb.formatting import duration
from trackerweb.templatetags.display import ago

#: The other lists, filtered to a run.
_PARTS = (("params", "param"), ("tags", "tag"), ("metrics", "metric"), ("artifacts", "artifact"))


class RunForm(forms.ModelForm):
    """What may be edited."""

    class Meta:
        model = Run
        fields = ["name", "note", "status"]
        widgets = {"name": forms.TextInput(attrs={"size": 60, "maxlength": 1000})}


@admin.register(Run)
class RunDesk(Desk):
    """Runs with what they take, to be trashed, moved, copied or deleted for good."""

    audit_kind = "run"
    form = RunForm
    actions = list(RUN_ACTIONS)
    list_display = [
        "label", "run_page", "experiment_name", "state", "where", "started", "took", "points", "files",
        "size",
    ]  # fmt: skip
    list_filter = [StatusFilter, StageFilter, ExperimentFilter, AgeFilter, SizeFilter, ParentFilter]
    list_select_related = ["experiment"]
    search_fields = ["name", "run_id__startswith", "user", "git_commit__startswith"]
    search_help_text = "Name, the beginning of a run id or commit, user"
    readonly_fields = [
        "run_page", "experiment", "parts", "where", "started", "took", "parent_run_id", "user", "source_name",
        "git_commit", "points", "size",
    ]  # fmt: skip
    ordering = ["-pk"]

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """Those that are not being deleted for good, with their number of files."""
        per_run = Artifact.objects.filter(run=OuterRef("pk")).order_by().values("run").annotate(count=Count("pk"))
        counted = Subquery(per_run.values("count"), output_field=IntegerField())
        return Run.objects.kept().annotate(file_count=Coalesce(counted, 0))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What is in the trash is restored first."""
        return obj is None or obj.is_active

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Store what was changed by the model's verb, which keeps the old values."""
        fields = {name: form.cleaned_data[name] for name in form.changed_data}
        if "status" in fields:
            fields["end_time"] = now_ms() if fields["status"] in ingest.ENDED else None
        Run.objects.by_id(obj.run_id).change(**fields)

    @admin.display(description="name", ordering="name")
    def label(self, run: Any) -> str:
        """Its name."""
        return run.name

    @admin.display(description="page")
    def run_page(self, run: Any) -> SafeString:
        """The way to its page."""
        return format_html('<a href="{}">{}</a>', run.get_absolute_url(), run.run_id[:12])

    @admin.display(description="experiment", ordering="experiment__name")
    def experiment_name(self, run: Any) -> SafeString:
        """The way to its experiment's page."""
        return format_html('<a href="{}">{}</a>', run.experiment.get_absolute_url(), run.experiment.name)

    @admin.display(description="status", ordering="status")
    def state(self, run: Any) -> str:
        """Its status, or that it fell silent."""
        return f"stale, silent for {duration(run.silence_ms)}" if run.is_stale else run.get_status_display()

    @admin.display(ordering="lifecycle_stage")
    def where(self, run: Any) -> str:
        """Here, or in the trash."""
        return "here" if run.is_active else "in the trash"

    @admin.display(ordering="start_time")
    def started(self, run: Any) -> SafeString:
        """When it began."""
        return ago(run.start_time)

    @admin.display
    def took(self, run: Any) -> str:
        """How long it ran."""
        return duration(run.duration_ms)

    @admin.display(ordering="point_count")
    def points(self, run: Any) -> str:
        """Points of all its metrics."""
        return f"{run.point_count:,}"

    @admin.display(ordering="file_count")
    def files(self, run: Any) -> str:
        """Its files."""
        return f"{run.file_count:,}"

    @admin.display(ordering="artifact_bytes")
    def size(self, run: Any) -> str:
        """Bytes of its files and, about, its points."""
        return filesizeformat(run.artifact_bytes + run.point_count * BYTES_PER_POINT)

    @admin.display(description="what it logged")
    def parts(self, run: Any) -> SafeString:
        """The other lists, filtered to this run."""
        links = [(reverse(f"admin:runs_{model}_changelist"), run.pk, word) for word, model in _PARTS]
        return format_html_join(" · ", '<a href="{}?run__id__exact={}">{}</a>', links)
