"""Filters of the lists: by age, size, state, and by experiment."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest

from runs.disk_use import BYTES_PER_POINT
from runs.purging import days_ago

_MB = 1_000_000
_SIZES = {"small": (0, _MB), "mid": (_MB, 100 * _MB), "large": (100 * _MB, 1000 * _MB), "huge": (1000 * _MB, None)}
_SIZE_WORDS = {"small": "below 1 MB", "mid": "1 to 100 MB", "large": "100 MB to 1 GB", "huge": "above 1 GB"}
_OLD_DAYS = 90


class ChoiceFilter(admin.SimpleListFilter):
    """A filter that takes what it offers, and overlooks what else an address may say."""

    def value(self) -> str | None:
        """What was chosen."""
        chosen = super().value()
        return chosen if any(chosen == offered for offered, _ in self.lookup_choices) else None


class AgeFilter(ChoiceFilter):
    """How long ago a run started."""

    title = "started"
    parameter_name = "age"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        """Days, and what is older."""
        return [
            ("1", "last 24 hours"),
            ("7", "last 7 days"),
            ("30", "last 30 days"),
            ("90", "last 90 days"),
            ("old", "older"),
        ]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        """Those of the age."""
        value = self.value()
        if value is None:
            return queryset
        if value == "old":
            return queryset.filter(start_time__lt=days_ago(_OLD_DAYS))
        return queryset.filter(start_time__gte=days_ago(int(value)))


class SizeFilter(ChoiceFilter):
    """How much room a run takes: its files, and about its points."""

    title = "size"
    parameter_name = "size"
    bytes: Any = F("artifact_bytes") + F("point_count") * BYTES_PER_POINT

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        """Ranges."""
        return _SIZE_WORDS.items()

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        """Those of the size."""
        value = self.value()
        if value is None:
            return queryset
        low, high = _SIZES[value]
        queryset = queryset.alias(bytes=self.bytes).filter(bytes__gte=low)
        return queryset if high is None else queryset.filter(bytes__lt=high)


class BlobSizeFilter(SizeFilter):
    """The size of a content."""

    bytes = F("size")


class ArtifactSizeFilter(SizeFilter):
    """The size of a file."""

    bytes = F("blob__size")


class StatusFilter(ChoiceFilter):
    """The status of runs, those that fell silent apart."""

    title = "status"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        """MLflow's words, and ours."""
        return [(word, word.capitalize()) for word in ("RUNNING", "STALE", "SCHEDULED", "FINISHED", "FAILED", "KILLED")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Those of the status."""
        value = self.value()
        if value is None:
            return queryset
        if value == "STALE":
            return queryset.stale()
        return queryset.running() if value == "RUNNING" else queryset.filter(status=value)


class StageFilter(ChoiceFilter):
    """Here, or in the trash; a subclass names the path to the stage."""

    title = "where"
    parameter_name = "stage"
    path = "lifecycle_stage"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        """The two that are shown."""
        return [("active", "here"), ("deleted", "in the trash")]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        """Those in the stage."""
        return queryset if self.value() is None else queryset.filter(**{self.path: self.value()})


class RunStageFilter(StageFilter):
    """The same, of what belongs to a run."""

    path = "run__lifecycle_stage"


class ParentFilter(ChoiceFilter):
    """Runs that another run started."""

    title = "parent"
    parameter_name = "parent"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        """With one or without."""
        return [("yes", "started by a run"), ("no", "by itself")]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        """Those with a parent, or without."""
        return queryset if self.value() is None else queryset.filter(parent_run_id__isnull=self.value() == "no")


class ExperimentFilter(admin.SimpleListFilter):
    """A text to type, of an experiment's name, or its id: among thousands, a list of links helps nobody."""

    title = "experiment"
    parameter_name = "experiment"
    template = "admin/text_filter.html"
    path = "experiment"
    other_params: list[tuple[str, str]]

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        """One, for Django hides a filter that has none."""
        return [("", "")]

    def choices(self, changelist: Any) -> Any:
        """Nothing to choose from. What else is in the address is kept by hidden fields."""
        kept = changelist.get_filters_params()
        self.other_params = [(name, value) for name, values in kept.items() for value in values if name != "experiment"]
        if changelist.query:
            self.other_params.append(("q", changelist.query))
        return []

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        """Those of the experiment with the id, or of those with the text in their name."""
        text = (self.value() or "").strip()
        if not text:
            return queryset
        if text.isascii() and text.isdigit() and len(text) < 19:
            return queryset.filter(**{f"{self.path}__pk": int(text)})
        return queryset.filter(**{f"{self.path}__name__icontains": text})


class RunExperimentFilter(ExperimentFilter):
    """The same, of what belongs to a run."""

    path = "run__experiment"
