"""Datasets and their uses on the clean-up desk."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from runs.admin.filters import RunExperimentFilter, RunStageFilter
from runs.admin.logged import OfRun
from runs.models import Dataset, DatasetUse
from trackerweb.admin_site import ReadOnlyDesk


@admin.register(Dataset)
class DatasetDesk(ReadOnlyDesk):
    """Datasets, each once however many runs used it."""

    list_display = ["name", "digest", "source_type", "uses"]
    list_filter = ["source_type"]
    search_fields = ["name", "digest__startswith"]
    ordering = ["-pk"]

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """With the number of runs that used it."""
        return super().get_queryset(request).annotate(use_count=Count("uses"))

    @admin.display(ordering="use_count")
    def uses(self, dataset: Any) -> int:
        """How many runs used it."""
        return dataset.use_count


@admin.register(DatasetUse)
class DatasetUseDesk(OfRun, ReadOnlyDesk):
    """Which run used which data, and what for."""

    list_display = ["dataset", "run_page", "experiment_name", "context"]
    list_filter = ["context", RunExperimentFilter, RunStageFilter]
    list_select_related = ["run", "run__experiment", "dataset"]
    search_fields = ["dataset__name", "run__run_id__startswith"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What a run used is what was logged."""
        return obj is None
