"""Pages of experiments."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from experiments.models import Experiment
from experiments.overview import Overview


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """All experiments with their figures."""
    query = request.GET
    page = Overview(query.get("q", ""), query.get("sort", "last"), query.get("page"))
    return render(request, "experiments/overview.html", {"overview": page})


@require_POST
def create(request: HttpRequest) -> HttpResponse:
    """Make an experiment and open it; open the one that has the name."""
    experiment, _ = Experiment.objects.get_or_add(request.POST.get("name", "").strip())
    return redirect(experiment)
