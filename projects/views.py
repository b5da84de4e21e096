"""Pages of projects: the list, the form that starts a run, and what becomes of its process."""

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from experiments.models import Experiment
from projects import starting
from projects.asking import Wanted
from projects.listing import projects
from projects.models import Launch
from projects.notices import current
from runs.models import Run
from trackerweb.connect import server_address
from trackerweb.errors import Conflict, InvalidValue, TrackerError
from trackerweb.forms import refuse_nul, whole_number

NEWEST_LAUNCHES = 8
OFFERED = 50


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """All projects that runs were of; what was started here above them."""
    find = request.GET.get("find", "").strip()[:200]
    context = {"page": projects(request.GET.get("page"), find), "find": find}
    if settings.TRACKER_ALLOW_RUNS:
        starting.settle_all()
        launches = list(Launch.objects.newest_first()[:NEWEST_LAUNCHES])
        names = dict(Run.objects.filter(run_id__in=[one.run_id for one in launches]).values_list("run_id", "name"))
        context["launches"] = [(launch, names.get(launch.run_id)) for launch in launches]
    return render(request, "projects/projects.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Ask what is to be run, and start it."""
    starting.require_allowed()
    if request.method != "POST":
        return _form(request, _first_wanted(request))
    refuse_nul(request.POST.dict())
    wanted = Wanted.sent(request.POST)
    try:
        launch = starting.start(wanted, server_address(request))
    except (InvalidValue, Conflict) as error:
        return _form(request, wanted, error)
    return redirect("runs:logs", launch.run_id)


def _first_wanted(request: HttpRequest) -> Wanted:
    """What the form holds at first: as a run was, as it was filled in before, or a project's address."""
    if "run" in request.GET:
        return Wanted.like(Run.objects.by_id(request.GET["run"]))
    number = whole_number(request.GET, "launch")
    if number is not None:
        return Wanted.again(Launch.objects.by_id(number).wanted)
    return Wanted(uri=request.GET.get("uri", ""), entry_point=request.GET.get("entry_point", ""))


def _form(request: HttpRequest, wanted: Wanted, error: TrackerError | None = None) -> HttpResponse:
    active = Experiment.objects.active().order_by("-last_update_time")
    context = {
        "wanted": wanted,
        "mistake": error.message if error else "",
        "mistaken": error.field if error else "",
        "experiments": active.values_list("name", flat=True)[:OFFERED],
    }
    return render(request, "projects/start.html", context, status=error.status if error else 200)


@require_safe
def launch(request: HttpRequest, launch_id: int) -> HttpResponse:
    """How the process of a run is, for pages that refresh it."""
    starting.require_allowed()
    found = current(Launch.objects.by_id(launch_id))
    return render(request, "projects/_launch.html", {"launch": found, "run": Run.objects.find(found.run_id)})


@require_safe
def log(request: HttpRequest, launch_id: int) -> HttpResponseBase:
    """All that the process of a run printed."""
    starting.require_allowed()
    found = Launch.objects.by_id(launch_id)
    try:
        return FileResponse(found.log.open("rb"), content_type="text/plain; charset=utf-8")
    except FileNotFoundError:
        raise Http404("Its process printed nothing, or its log was removed.") from None


@require_POST
def stop(request: HttpRequest, launch_id: int) -> HttpResponse:
    """End the process of a run that was started here."""
    starting.require_allowed()
    found = Launch.objects.by_id(launch_id)
    if starting.stop(found):
        messages.success(request, "Asked it to end. Press Stop again to end it at once.")
    else:
        messages.warning(request, "Its process has ended already.")
    return redirect(reverse("runs:logs", args=[found.run_id]))
