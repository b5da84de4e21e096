"""The trash: look, take back, delete for good."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.template.defaultfilters import filesizeformat, pluralize
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from experiments.models import Experiment
from runs import purging
from runs.models import Run
from runs.purging import Preview, Purge
from runs.trash import OLD_DAYS, SORTS, Trash
from trackerweb.clock import now_ms
from trackerweb.errors import AlreadyExists, InvalidValue
from trackerweb.transactions import write_transaction

#: A purge that is over by then is told of as done.
PATIENCE_SECONDS = 1.5


@require_safe
def trash(request: HttpRequest) -> HttpResponse:
    """What is in the trash."""
    query = request.GET
    page = Trash(query.get("q", ""), query.get("sort", "time"), query.get("page"))
    return render(request, "runs/trash.html", {"trash": page, "sorts": SORTS, "old_days": OLD_DAYS})


@require_POST
def restore(request: HttpRequest) -> HttpResponse:
    """Take the chosen things back: all, or none where a name was taken meanwhile; then ask for another."""
    run_ids, experiment_ids = _chosen(request.POST)
    try:
        with write_transaction():
            for experiment_id in experiment_ids:
                Experiment.objects.by_id(experiment_id).restore()
            for run_id in run_ids:
                Run.objects.by_id(run_id).restore()
    except AlreadyExists:
        return _ask_for_name(request, experiment_ids)
    count = len(run_ids) + len(experiment_ids)
    messages.success(request, f"{count} thing{pluralize(count)} restored.")
    return redirect("/trash/")


def _ask_for_name(request: HttpRequest, experiment_ids: list[int]) -> HttpResponse:
    """Nothing was restored: a form for the first experiment whose name is taken."""
    trashed = map(Experiment.objects.by_id, experiment_ids)
    taken = next(item for item in trashed if Experiment.objects.named(item.name) is not None)
    return render(request, "experiments/restore_as.html", {"experiment": taken, "name": taken.name})


@require_http_methods(["GET", "HEAD", "POST"])
def purge(request: HttpRequest) -> HttpResponse:
    """Say what would be deleted for good; with `confirm`, delete it."""
    form = request.POST if request.method == "POST" else request.GET
    chosen, state = _purge_of(form)
    if request.method == "POST" and "confirm" in form:
        return _carry_out(request, chosen)
    context = {"preview": chosen.preview(), "state": state}
    return render(request, "runs/purge.html", context)


def _carry_out(request: HttpRequest, chosen: Purge) -> HttpResponse:
    preview = chosen.preview()
    chosen.mark()
    purging.sweep_soon(PATIENCE_SECONDS)
    messages.success(request, _told(preview, purging.remaining()))
    return redirect("/trash/")


def _told(preview: Preview, left: int) -> str:
    what = f"{preview.runs:,} run{pluralize(preview.runs)}"
    if preview.experiments:
        what += f" and {preview.experiments:,} experiment{pluralize(preview.experiments)}"
    if left:
        return f"{what} are gone for good; their room, about {filesizeformat(preview.size)}, is being freed."
    return f"{what} deleted for good: about {filesizeformat(preview.size)} are free again."


def _purge_of(form: QueryDict) -> tuple[Purge, list[tuple[str, Any]]]:
    """What the form means, and the fields that say it again: `before` fixes the moment, so that nothing that is
    trashed after the preview goes with it."""
    if "older_than" in form:
        before = purging.days_ago(_days(form.get("older_than", "")))
        return Purge.trashed_before(before), [("before", before)]
    if "before" in form:
        before = _moment(form.get("before", ""))
        return Purge.trashed_before(before), [("before", before)]
    run_ids, experiment_ids = _chosen(form)
    state = [*(("run", run_id) for run_id in run_ids), *(("experiment", item) for item in experiment_ids)]
    return Purge.of(run_ids, experiment_ids), state


def _days(text: str) -> float:
    try:
        days = float(text)
    except ValueError:
        days = -1
    if not 0 <= days <= 100_000:
        raise InvalidValue(f"older_than={text[:40]!r} is no number of days. Use one like 30.", field="older_than")
    return days


def _moment(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise InvalidValue(f"before={text[:40]!r} is no time in milliseconds since 1970.", field="before")
    return min(int(text), now_ms() + 1)


def _chosen(form: QueryDict) -> tuple[list[str], list[int]]:
    """The run ids and experiment ids of a form; of a row's own button, only that row's.

    Errors: InvalidValue for none, and for what is no id.
    """
    kind, _, key = form.get("only", "").partition(":")
    run_ids = [key] if kind == "run" else [] if kind else form.getlist("run")
    experiment_ids = [key] if kind == "experiment" else [] if kind else form.getlist("experiment")
    if not (run_ids or experiment_ids):
        raise InvalidValue("Nothing is chosen. Check what you mean, then try again.", field="run")
    for text in experiment_ids:
        if not (text.isascii() and text.isdigit() and len(text) < 19):
            raise InvalidValue(f"experiment={text[:40]!r} is no experiment id.", field="experiment")
    return run_ids, [int(text) for text in experiment_ids]
