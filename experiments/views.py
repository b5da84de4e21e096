"""Pages of experiments."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from experiments.editing import change_experiment
from experiments.history import History
from experiments.models import Direction, Experiment
from experiments.overview import Overview
from trackerweb.errors import AlreadyExists, InvalidValue


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """All experiments with their figures."""
    query = request.GET
    page = Overview(query.get("q", ""), query.get("sort", "last"), query.get("page"), query.get("folder", ""))
    return render(request, "experiments/overview.html", {"overview": page})


@require_POST
def create(request: HttpRequest) -> HttpResponse:
    """Make an experiment and open it; open the one that has the name."""
    experiment, _ = Experiment.objects.get_or_add(request.POST.get("name", "").strip())
    return redirect(experiment)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, experiment_id: int) -> HttpResponse:
    """An experiment's note, tags and primary metric, to read and to change; its name from any page."""
    experiment = Experiment.objects.by_id(experiment_id)
    if request.method == "POST":
        change_experiment(experiment, request.POST.dict())
        messages.success(request, "Saved.")
        return redirect(experiment) if "name" in request.POST else redirect("experiments:edit", experiment_id)
    context = {
        "experiment": experiment,
        "tags": experiment.tags.order_by("key"),
        "metric_keys": experiment.recent_metric_keys(),
        "directions": Direction.choices,
        "said_directions": experiment.metric_directions.order_by("key"),
    }
    return render(request, "experiments/edit.html", context)


@require_POST
def trash(request: HttpRequest, experiment_id: int) -> HttpResponse:
    """Move an experiment with its runs to the trash; its page says so and brings it back."""
    experiment = Experiment.objects.by_id(experiment_id)
    experiment.trash()
    return redirect(experiment)


@require_POST
def restore(request: HttpRequest, experiment_id: int) -> HttpResponse:
    """Take an experiment out of the trash; ask for another name where its own was taken meanwhile."""
    experiment = Experiment.objects.by_id(experiment_id)
    name = request.POST.get("name")
    try:
        experiment.restore(name.strip() if name is not None else None)
    except AlreadyExists:
        context = {"experiment": experiment, "name": name or experiment.name}
        return render(request, "experiments/restore_as.html", context)
    return redirect(experiment)


@require_safe
def history(request: HttpRequest) -> HttpResponse:
    """Who changed what when, and what was there before: of everything, of a kind, or of one thing."""
    query = request.GET
    page = History(query.get("kind", ""), query.get("object", ""), _cursor(query.get("cursor", "")))
    return render(request, "experiments/history.html", {"history": page})


def _cursor(text: str) -> int | None:
    if text and not (text.isascii() and text.isdigit() and len(text) < 19):
        raise InvalidValue(f"cursor={text[:40]!r} is no place in the history.", field="cursor")
    return int(text) if text else None
