"""The clean-up desk of experiments."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from experiments.models import AuditEntry, Experiment, ExperimentTag, MetricDirection, SavedView
from experiments.querysets import check_name, check_tag
from trackerweb.admin_site import Desk, ReadOnlyDesk
from trackerweb.errors import TrackerError
from trackerweb.templatetags.display import ago


class ExperimentForm(forms.ModelForm):
    """What may be edited; the model's verbs check it again when it is stored."""

    class Meta:
        model = Experiment
        fields = ["name", "note", "primary_metric", "primary_direction"]
        widgets = {"name": forms.TextInput(attrs={"size": 60}), "primary_metric": forms.TextInput(attrs={"size": 40})}

    def clean_name(self) -> str:
        """A name that can be, and that no other active experiment has."""
        name = self.cleaned_data["name"]
        try:
            check_name(name)
        except TrackerError as error:
            raise forms.ValidationError(error.message) from None
        taken = Experiment.objects.named(name)
        if taken is not None and taken.pk != self.instance.pk:
            raise forms.ValidationError(f"Another experiment is named {name!r}. Rename that one first.")
        return name


class TagInline(admin.TabularInline):
    """Its tags, to look at; the list of tags edits them."""

    model = ExperimentTag
    fields = ["key", "value"]
    extra = 0
    can_delete = False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Edited on a page of its own, so that the old value is kept."""
        return False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As above."""
        return False


@admin.register(Experiment)
class ExperimentDesk(Desk):
    """Experiments with their figures; what takes runs along is an action of runs/admin/, which adds them here."""

    audit_kind = "experiment"
    form = ExperimentForm
    inlines = [TagInline]
    list_display = ["page", "where", "runs", "running", "points", "size", "created", "last_change"]
    search_fields = ["name", "note"]
    ordering = ["-pk"]

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """Those that are not being deleted for good, with their figures."""
        found = Experiment.objects.exclude(lifecycle_stage="purging").with_run_counts()
        return found.annotate(
            points=Coalesce(Sum("runs__point_count"), 0), file_bytes=Coalesce(Sum("runs__artifact_bytes"), 0)
        )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What is in the trash is restored first."""
        return obj is None or obj.is_active

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Store what was changed by the model's verb, which keeps the old values."""
        stored = Experiment.objects.by_id(obj.pk)
        stored.change(**{name: form.cleaned_data[name] for name in form.changed_data})

    @admin.display(description="experiment", ordering="name")
    def page(self, experiment: Any) -> str:
        """Its name."""
        return experiment.name

    @admin.display(ordering="lifecycle_stage")
    def where(self, experiment: Any) -> str:
        """Here, or in the trash."""
        return "here" if experiment.is_active else "in the trash"

    @admin.display(ordering="run_count")
    def runs(self, experiment: Any) -> SafeString:
        """Active runs, with the way to them."""
        address = reverse("admin:runs_run_changelist")
        return format_html('<a href="{}?experiment={}">{}</a>', address, experiment.pk, experiment.run_count)

    @admin.display(ordering="running_count")
    def running(self, experiment: Any) -> int:
        """Runs that log now."""
        return experiment.running_count

    @admin.display(ordering="points")
    def points(self, experiment: Any) -> str:
        """Points of all runs."""
        return f"{experiment.points:,}"

    @admin.display(ordering="file_bytes")
    def size(self, experiment: Any) -> str:
        """Bytes of files, of all runs."""
        from django.template.defaultfilters import filesizeformat

        return filesizeformat(experiment.file_bytes)

    @admin.display(ordering="creation_time")
    def created(self, experiment: Any) -> SafeString:
        """When it was made."""
        return ago(experiment.creation_time)

    @admin.display(ordering="last_change")
    def last_change(self, experiment: Any) -> SafeString:
        """When one of its runs was last heard of."""
        return ago(experiment.last_change)


class ExperimentTagForm(forms.ModelForm):
    """The value of a tag."""

    class Meta:
        model = ExperimentTag
        fields = ["value"]


@admin.register(ExperimentTag)
class ExperimentTagDesk(Desk):
    """Tags of experiments."""

    form = ExperimentTagForm
    list_display = ["key", "value", "experiment"]
    list_select_related = ["experiment"]
    search_fields = ["key", "value", "experiment__name"]
    readonly_fields = ["key", "experiment"]
    ordering = ["-pk"]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Store the value by the model's verb, which keeps the old one."""
        check_tag(obj.key)
        Experiment.objects.by_id(obj.experiment_id).set_tags({obj.key: form.cleaned_data["value"]})


@admin.register(MetricDirection)
class MetricDirectionDesk(ReadOnlyDesk):
    """Good ends of metrics, as they were said on the pages of experiments."""

    list_display = ["key", "direction", "experiment"]
    list_select_related = ["experiment"]
    search_fields = ["key", "experiment__name"]
    ordering = ["-pk"]


@admin.register(SavedView)
class SavedViewDesk(ReadOnlyDesk):
    """Tables under a name; the menu of views saves and deletes them."""

    list_display = ["name", "experiment", "query"]
    list_select_related = ["experiment"]
    search_fields = ["name", "experiment__name"]
    ordering = ["-pk"]


@admin.register(AuditEntry)
class AuditDesk(ReadOnlyDesk):
    """Who did what, when."""

    list_display = ["when", "who", "action", "kind", "name", "before"]
    list_filter = ["action", "kind"]
    search_fields = ["object_id", "name"]
    ordering = ["-pk"]

    @admin.display(ordering="time")
    def when(self, entry: Any) -> SafeString:
        """When it was done."""
        return ago(entry.time)
