"""The tabs of a run's page, but for the first one and its files."""

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from runs.models import Run
from runs.provenance.snapshot import snapshot_of
from runs.run_page import logs
from runs.run_page.charts import RunCharts, SystemCharts
from runs.run_page.code import CodePage, requirements
from runs.run_page.head import RunHead
from runs.run_page.logs import LEVELS, STREAMS, LogPage, Question
from runs.run_page.media import MediaPage
from trackerweb.connect import server_address
from trackerweb.forms import INT64_MIN, whole_number

PLAIN = "text/plain; charset=utf-8"


@require_safe
def charts(request: HttpRequest, run_id: str) -> HttpResponse:
    """All curves of a run, with everything that can be changed about how they are drawn."""
    run = Run.objects.by_id(run_id)
    return render(request, "runs/run/charts.html", {"head": RunHead(run, "runs:charts"), "page": RunCharts(run)})


@require_safe
def system(request: HttpRequest, run_id: str) -> HttpResponse:
    """What the machine measured while a run ran."""
    run = Run.objects.by_id(run_id)
    return render(request, "runs/run/system.html", {"head": RunHead(run, "runs:system"), "page": SystemCharts(run)})


@require_safe
def media(request: HttpRequest, run_id: str) -> HttpResponse:
    """Pictures, sound, film and tables of a run, at one step."""
    run = Run.objects.by_id(run_id)
    page = MediaPage(run, whole_number(request.GET, "step", INT64_MIN), whole_number(request.GET, "page", 1) or 1)
    return render(request, "runs/run/media.html", {"head": RunHead(run, "runs:media"), "page": page})


@require_safe
def log(request: HttpRequest, run_id: str) -> HttpResponse:
    """What a run printed; `rows` of it alone for a page that follows."""
    run = Run.objects.by_id(run_id)
    page = LogPage(run, Question.of(request.GET))
    if page.question.after is not None:
        return render(request, "runs/run/_log_lines.html", {"page": page})
    context = {"head": RunHead(run, "runs:logs"), "page": page, "levels": LEVELS.items(), "streams": STREAMS.items()}
    return render(request, "runs/run/logs.html", context)


@require_safe
def log_text(request: HttpRequest, run_id: str) -> StreamingHttpResponse:
    """All that a run printed, as a file."""
    run = Run.objects.by_id(run_id)
    response = StreamingHttpResponse((text.encode() for text in logs.whole_text(run)), content_type=PLAIN)
    response["Content-Disposition"] = 'attachment; filename="output.txt"'
    return response


@require_safe
def code(request: HttpRequest, run_id: str) -> HttpResponse:
    """The code of a run and what it ran in."""
    run = Run.objects.by_id(run_id)
    context = {"head": RunHead(run, "runs:code"), "page": CodePage(run, server_address(request))}
    return render(request, "runs/run/code.html", context)


@require_safe
def patch(request: HttpRequest, run_id: str) -> HttpResponse:
    """What the checkout of a run had changed since its commit, as `git apply` takes it."""
    snapshot = snapshot_of(Run.objects.by_id(run_id))
    if not snapshot.patch:
        raise Http404("This run has no uncommitted changes.")
    return HttpResponse(snapshot.patch.encode(), content_type=PLAIN)


@require_safe
def source(request: HttpRequest, run_id: str, path: str) -> HttpResponse:
    """A file of a run's source, as text."""
    environment = Run.objects.by_id(run_id).environment
    found = environment.files.filter(path=path).select_related("text").first() if environment else None
    if found is None:
        raise Http404(f"This run has no source file {path!r}.")
    return HttpResponse(found.text.text.encode(), content_type=PLAIN)


@require_safe
def packages(request: HttpRequest, run_id: str) -> HttpResponse:
    """The packages of a run, as `pip install -r` takes them."""
    return HttpResponse(requirements(snapshot_of(Run.objects.by_id(run_id))), content_type=PLAIN)
