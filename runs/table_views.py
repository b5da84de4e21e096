"""The page of an experiment's runs."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from experiments.models import Experiment
from runs.run_table import PAGE_SIZES, Request, RunTable


@require_safe
def run_table(request: HttpRequest, experiment_id: int) -> HttpResponse:
    """Runs of an experiment: filter, sort, page, select, compare."""
    experiment = Experiment.objects.by_id(experiment_id)
    table = RunTable(experiment, Request.of(request.GET))
    context = {"experiment": experiment, "table": table, "page_sizes": PAGE_SIZES, "server_url": _server_url(request)}
    return render(request, "runs/run_table.html", context)


def _server_url(request: HttpRequest) -> str:
    return request.build_absolute_uri("/").rstrip("/")
