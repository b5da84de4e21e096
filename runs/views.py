"""Pages of one run."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.http import require_POST, require_safe

from runs.editing import change_run
from runs.models import Run
from runs.run_page.head import RunHead
from runs.run_page.overview import RunOverview
from trackerweb.connect import server_address


@require_safe
def run(request: HttpRequest, run_id: str) -> HttpResponse:
    """Show one run: key metrics, what changed, curves, params, metrics, note, tags, where it came from."""
    found = Run.objects.by_id(run_id)
    overview = RunOverview(found, request.GET.get("since", ""), server_address(request))
    return render(request, "runs/run/overview.html", {"head": RunHead(found, "runs:run"), "overview": overview})


@require_safe
def live(request: HttpRequest, run_id: str) -> HttpResponse:
    """The parts of the run page that change while a run logs; 304 when nothing was logged since."""
    found = Run.objects.by_id(run_id)
    silent_minutes = found.silence_ms // 60_000 if found.is_stale else 0
    told = f"{found.heartbeat_time}-{found.status}-{found.end_time}-{silent_minutes}"
    etag = quote_etag(f"{told}-{Run.objects.last_sign_below(found)}" if found.end_time is None else told)
    unchanged = get_conditional_response(request, etag=etag)
    if unchanged is not None:
        return unchanged
    response = render(
        request, "runs/run/_live.html", {"head": RunHead(found, "runs:run"), "overview": RunOverview(found)}
    )
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
