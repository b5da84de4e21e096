"""Pages of runs: one run, and several side by side."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.http import require_GET, require_POST

from runs.comparison import STATISTICS, Comparison
from runs.editing import change_run
from runs.models import Run
from runs.overview import RunOverview
from trackerweb.errors import InvalidValue

TABS = ("charts", "params", "metrics")


@require_GET
def run(request: HttpRequest, run_id: str) -> HttpResponse:
    """Show one run: key metrics, curves, params, metrics, note, tags, where it came from."""
    return render(request, "runs/run.html", {"overview": RunOverview(Run.objects.by_id(run_id))})


@require_GET
def live(request: HttpRequest, run_id: str) -> HttpResponse:
    """The parts of the run page that change while a run logs; 304 when nothing was logged since."""
    found = Run.objects.by_id(run_id)
    silent_minutes = found.silence_ms // 60_000 if found.is_stale else 0
    etag = quote_etag(f"{found.heartbeat_time}-{found.status}-{found.end_time}-{silent_minutes}")
    unchanged = get_conditional_response(request, etag=etag)
    if unchanged is not None:
        return unchanged
    response = render(request, "runs/_live.html", {"overview": RunOverview(found)})
    response["ETag"], response["Cache-Control"] = etag, "no-cache"
    return response


@require_POST
def edit(request: HttpRequest, run_id: str) -> HttpResponse:
    """Change a run's name, note or tags, and show it again."""
    found = Run.objects.by_id(run_id)
    change_run(found, request.POST)
    return redirect(found)


@require_POST
def trash(request: HttpRequest, run_id: str) -> HttpResponse:
    """Move a run to the trash; its page says so and brings it back."""
    found = Run.objects.by_id(run_id)
    found.trash()
    return redirect(found)


@require_POST
def restore(request: HttpRequest, run_id: str) -> HttpResponse:
    """Take a run out of the trash."""
    found = Run.objects.by_id(run_id)
    found.restore()
    return redirect(found)


@require_GET
def compare(request: HttpRequest) -> HttpResponse:
    """Show chosen runs side by side: overlaid curves, params with differences first, metrics with the best marked."""
    tab = _one_of(request, "tab", TABS)
    statistic = _one_of(request, "value", STATISTICS)
    comparison = Comparison(request.GET.getlist("run"), request.GET.get("base", ""), statistic)
    equal = request.GET.get("equal") == "1"
    return render(
        request,
        "runs/compare.html",
        {
            "comparison": comparison,
            "tab": tab,
            "template": f"runs/_compare_{tab}.html",
            "equal": equal,
            "log": request.GET.get("log") == "1",
            "param_sections": comparison.param_sections(equal),
            "statistics": STATISTICS,
        },
    )


@require_GET
def compare_live(request: HttpRequest) -> HttpResponse:
    """How many points each chart of a comparison has by now, and how many of its runs still log."""
    comparison = Comparison(request.GET.getlist("run"))
    return JsonResponse({"running": comparison.running, "points": comparison.points})


def _one_of(request: HttpRequest, name: str, choices: tuple[Any, ...]) -> Any:
    """The value of a GET parameter, the first of `choices` when it is not there.

    Errors: InvalidValue lists the choices.
    """
    value = request.GET.get(name) or choices[0]
    if value not in choices:
        raise InvalidValue(f"{name}={value[:40]!r} is not one of {', '.join(choices)}.", field=name)
    return value
