"""The page of runs side by side."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from runs.comparing.comparison import Comparison
from runs.comparing.growth import growth
from runs.comparing.state import MODES, STATISTICS, State


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """Show runs side by side, one of the tabs at a time."""
    comparison = Comparison(State.of(request.GET))
    tab = comparison.state.tab
    context = {
        "comparison": comparison,
        "state": comparison.state,
        "tab": tab,
        "template": f"runs/compare/_{tab}.html",
        "statistics": STATISTICS,
        "media_modes": MODES.items(),
    }
    return render(request, "runs/compare/page.html", context)


@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """Which runs logged since the last question, how many points their series have, and how many runs still log."""
    return JsonResponse(growth(State.of(request.GET), request.GET.get("since", "")))


@require_safe
def forest(request: HttpRequest) -> HttpResponse:
    """The table of importance by a random forest, for the page that shows rank correlation meanwhile."""
    plots = Comparison(State.of(request.GET)).plots
    if plots.target is None or plots.forest is None:
        return HttpResponse(status=204)
    context = {"plots": plots, "forest": plots.forest, "rows": plots.grown}
    return render(request, "runs/compare/_importance.html", context)
