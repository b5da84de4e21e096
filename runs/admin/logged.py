"""What runs logged, on the clean-up desk: params, tags, series, console, environments, marks of writers."""

import json
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import Length
from django.http import HttpRequest
from django.template.defaultfilters import pluralize
from django.utils.html import format_html
from django.utils.safestring import SafeString

from runs import correcting
from runs.admin.filters import RunExperimentFilter, RunStageFilter
from runs.models import ConsoleChunk, Environment, Metric, Param, Run, SourceFile, SourceText, Tag, WriterMark
from trackerweb.admin_site import NAMED, Asked, Desk, Look, ReadOnlyDesk
from trackerweb.formatting import significant
from trackerweb.lifecycle import LifecycleStage

_IN_TRASH = "of runs in the trash: restore these first"


def of_active_runs(rows: "QuerySet[Any]") -> "QuerySet[Any]":
    """Those that may be changed."""
    return rows.filter(run__lifecycle_stage=LifecycleStage.ACTIVE).select_related("run")


def look_at(rows: "QuerySet[Any]", word: str, figures: dict[str, Any] | None = None) -> Look:
    """What of the rows may be changed: how many, the first by run and name, and how many may not."""
    meant = of_active_runs(rows)
    count, others = meant.count(), rows.count() - meant.count()
    return Look(
        {word: f"{count:,}"} | (figures or {}),
        names=[f"{row.run.name}: {row}" for row in meant[:NAMED]],
        skipped=[f"{others:,} {_IN_TRASH}"] if others else [],
        is_empty=not count,
    )


class OfRun(Desk):
    """A list of what belongs to runs."""

    list_filter = [RunExperimentFilter, RunStageFilter]
    list_select_related = ["run", "run__experiment"]
    ordering = ["-pk"]
    raw_id_fields = ["run"]

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """Not of runs that are being deleted for good."""
        return super().get_queryset(request).exclude(run__lifecycle_stage=LifecycleStage.PURGING)

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        """Links from a run's form filter by it."""
        return lookup == "run__id__exact" or super().lookup_allowed(lookup, value, request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What is in the trash is restored first."""
        return obj is None or obj.run.is_active

    @admin.display(description="run", ordering="run__name")
    def run_page(self, row: Any) -> SafeString:
        """The way to its run."""
        return format_html('<a href="{}">{}</a>', row.run.get_absolute_url(), row.run.name)

    @admin.display(description="experiment")
    def experiment_name(self, row: Any) -> str:
        """Where its run is."""
        return row.run.experiment.name


class ParamForm(forms.ModelForm):
    """The right value."""

    class Meta:
        model = Param
        fields = ["value"]
        help_texts = {"value": "The audit trail keeps the old value."}


def _delete_params(rows: "QuerySet[Any]", answers: dict[str, Any]) -> str:
    params = list(of_active_runs(rows))
    for param in params:
        correcting.delete_param(param.run, param.key)
    return f"{len(params):,} param{pluralize(params)} deleted."


@admin.register(Param)
class ParamDesk(OfRun):
    """Params, to be corrected."""

    form = ParamForm
    list_display = ["key", "value", "run_page", "experiment_name"]
    readonly_fields = ["key", "run_page"]
    search_fields = ["key__startswith", "value__startswith", "run__run_id__startswith"]
    actions = [Asked("delete_params", "Delete…", lambda rows: look_at(rows, "Params"), _delete_params)]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Correct the value; the audit trail keeps the old one."""
        correcting.correct_param(obj.run, obj.key, form.cleaned_data["value"])


class TagValueForm(forms.ModelForm):
    """Another value."""

    class Meta:
        model = Tag
        fields = ["value"]


def _delete_tags(rows: "QuerySet[Any]", answers: dict[str, Any]) -> str:
    tags = list(of_active_runs(rows))
    for tag in tags:
        tag.run.delete_tag(tag.key)
    return f"{len(tags):,} tag{pluralize(tags)} deleted."


@admin.register(Tag)
class TagDesk(OfRun):
    """Tags of runs."""

    form = TagValueForm
    list_display = ["key", "value", "run_page", "experiment_name"]
    readonly_fields = ["key", "run_page"]
    search_fields = ["key__startswith", "value__startswith", "run__run_id__startswith"]
    actions = [Asked("delete_tags", "Delete…", lambda rows: look_at(rows, "Tags"), _delete_tags)]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Store the value by the run's verb, which keeps the old one."""
        Run.objects.by_id(obj.run.run_id).set_tag(obj.key, form.cleaned_data["value"])


class StepForm(forms.Form):
    """From where on points go."""

    from_step = forms.IntegerField(label="Delete all points from this step on", min_value=-(2**63), max_value=2**63 - 1)


def _look_series(rows: "QuerySet[Any]") -> Look:
    points = of_active_runs(rows).aggregate(points=Sum("count"))["points"] or 0
    return look_at(rows, "Series", {"Points": f"{points:,}"})


def _delete_series(rows: "QuerySet[Any]", answers: dict[str, Any]) -> str:
    series = list(of_active_runs(rows))
    for metric in series:
        correcting.delete_metric(metric.run, metric.key)
    return f"{len(series):,} series deleted with all points."


def _cut_series(rows: "QuerySet[Any]", answers: dict[str, Any]) -> str:
    cuts = [
        correcting.cut_metric(metric.run, metric.key, answers["from_step"]) for metric in list(of_active_runs(rows))
    ]
    return f"{sum(cut is not None for cut in cuts):,} of {len(cuts):,} series cut at step {answers['from_step']:,}."


@admin.register(Metric)
class MetricDesk(OfRun, ReadOnlyDesk):
    """Series by their summaries."""

    list_display = ["key", "run_page", "experiment_name", "last_value", "lowest", "highest", "points", "last_step"]
    search_fields = ["key__startswith", "run__run_id__startswith"]
    actions = [
        Asked("cut_series", "Cut from a step on…", _look_series, _cut_series, StepForm, is_final=True),
        Asked("delete_series", "Delete…", _look_series, _delete_series, is_final=True),
    ]
    exclude = ["exact_sum"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A summary follows from its points. Of a whole list, yes: else Django offers no actions."""
        return obj is None

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """Without the sums, which nobody reads."""
        return super().get_queryset(request).filter(count__gt=0).defer("exact_sum")

    @admin.display(description="last", ordering="last")
    def last_value(self, metric: Any) -> str:
        """The last value."""
        return significant(float("nan") if metric.last is None else metric.last)

    @admin.display(description="min", ordering="min")
    def lowest(self, metric: Any) -> str:
        """The lowest value."""
        return significant(metric.min)

    @admin.display(description="max", ordering="max")
    def highest(self, metric: Any) -> str:
        """The highest value."""
        return significant(metric.max)

    @admin.display(ordering="count")
    def points(self, metric: Any) -> str:
        """How many points."""
        return f"{metric.count:,}"


@admin.register(ConsoleChunk)
class ConsoleDesk(OfRun, ReadOnlyDesk):
    """What runs printed."""

    list_display = ["run_page", "stream", "offset", "beginning"]
    list_filter = ["stream", RunExperimentFilter]
    search_fields = ["run__run_id__startswith"]

    @admin.display
    def beginning(self, chunk: Any) -> str:
        """Its first characters."""
        return chunk.text[:80]


@admin.register(WriterMark)
class WriterMarkDesk(OfRun, ReadOnlyDesk):
    """How far each client's batches are stored."""

    list_display = ["run_page", "writer", "seq"]
    search_fields = ["writer", "run__run_id__startswith"]


@admin.register(Environment)
class EnvironmentDesk(ReadOnlyDesk):
    """What runs ran in."""

    list_display = ["digest", "runs"]
    fields = ["digest", "runs", "as_json"]
    readonly_fields = ["digest", "runs", "as_json"]
    search_fields = ["digest__startswith"]
    ordering = ["-pk"]

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """With the number of runs."""
        return super().get_queryset(request).annotate(run_count=Count("run"))

    @admin.display(ordering="run_count")
    def runs(self, environment: Any) -> int:
        """How many runs ran in it."""
        return environment.run_count

    @admin.display(description="content")
    def as_json(self, environment: Any) -> SafeString:
        """All of it, readable."""
        return format_html("<pre>{}</pre>", json.dumps(environment.content, indent=2, ensure_ascii=False))


@admin.register(SourceFile)
class SourceFileDesk(ReadOnlyDesk):
    """Files of source, by environment."""

    list_display = ["path", "environment", "text"]
    search_fields = ["path__contains", "environment__digest__startswith"]
    list_select_related = ["environment", "text"]
    ordering = ["-pk"]


@admin.register(SourceText)
class SourceTextDesk(ReadOnlyDesk):
    """What is in them, each text once."""

    list_display = ["sha256", "text_length"]
    search_fields = ["sha256__startswith"]
    ordering = ["-pk"]

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """With lengths, and without the texts themselves."""
        return super().get_queryset(request).annotate(text_size=Length("text"))

    @admin.display(ordering="text_size", description="characters")
    def text_length(self, text: Any) -> int:
        """How long it is."""
        return int(text.text_size)
