"""Pages that put right what was logged. What can't be undone is asked once more, and says exactly what goes."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.defaultfilters import pluralize
from django.views.decorators.http import require_http_methods

from experiments.models import AuditEntry, Experiment
from runs import correcting
from runs.editing import checked_name
from runs.models import Run
from runs.moving import copy_run, move_runs
from trackerweb.errors import InvalidValue, NotFound
from trackerweb.formatting import points, whole
from trackerweb.forms import plain_text, refuse_nul
from trackerweb.transactions import write_transaction

#: Experiments to choose from; the name of any other can be typed.
OFFERED_EXPERIMENTS = 200

form_page = require_http_methods(["GET", "HEAD", "POST"])


@form_page
def correct_param(request: HttpRequest, run_id: str) -> HttpResponse:
    """Ask for a param's right value, and store it."""
    run, key = _active_run(run_id), _key(request)
    param = run.params.filter(key=key).first()
    if param is None:
        raise NotFound(f"Run {run_id!r} has no param {key!r}.", field="key")
    if request.method != "POST":
        is_long = len(param.value) > 60 or "\n" in param.value
        return render(request, "runs/correct_param.html", {"run": run, "param": param, "is_long": is_long})
    refuse_nul(request.POST.dict())
    value = plain_text(request.POST.get("value", ""))
    if correcting.correct_param(run, key, value):
        messages.success(request, f"{key} is {_short(value)} now. It was {_short(param.value)}.")
    return redirect(run)


@form_page
def delete_param(request: HttpRequest, run_id: str) -> HttpResponse:
    """Ask once more, then delete a param."""
    run, key = _active_run(run_id), _key(request)
    if request.method == "POST":
        entry = correcting.delete_param(run, key)
        messages.success(request, f"Deleted the param {key}. It was {_short(entry.before[key])}.")
        return redirect(run)
    param = run.params.filter(key=key).first()
    if param is None:
        raise NotFound(f"Run {run_id!r} has no param {key!r}.", field="key")
    return _ask(request, run, key, what="param", gone=f"the param {key}, which is {_short(param.value)}", is_kept=True)


@form_page
def cut_metric(request: HttpRequest, run_id: str) -> HttpResponse:
    """Ask from which step on, ask once more, then delete the points of a metric from there."""
    run, key = _active_run(run_id), _key(request)
    if request.method == "POST":
        return _cut(request, run, key, _step(request.POST.get("from_step", "")))
    text = request.GET.get("from_step", "")
    everything = correcting.planned_cut(run, key)
    cut = correcting.planned_cut(run, key, _step(text)) if text else None
    if cut is None or not cut.points:
        return render(
            request,
            "runs/cut_metric.html",
            {"run": run, "key": key, "all": points(*everything.extent), "from_step": text},
        )
    left = everything.points - cut.points
    stays = f"{points(left, None, None)} before it will stay." if left else ""
    gone = points(*cut.extent, of=key) if left else f"the metric {key} with all its {points(*cut.extent)}"
    return _ask(request, run, key, what="metric", gone=gone, stays=stays, from_step=_step(text))


def _cut(request: HttpRequest, run: Run, key: str, step: int) -> HttpResponse:
    if entry := correcting.cut_metric(run, key, step):
        messages.success(request, f"Deleted {_told(entry, key, of=key)}.")
    else:
        messages.warning(request, f"No point of {key} is at step {whole(step)} or later. Nothing was deleted.")
    return redirect(run)


@form_page
def delete_metric(request: HttpRequest, run_id: str) -> HttpResponse:
    """Ask once more, then delete a metric with all its points."""
    run, key = _active_run(run_id), _key(request)
    if request.method == "POST":
        entry = correcting.delete_metric(run, key)
        messages.success(request, f"Deleted the metric {key} with {_told(entry, key)}.")
        return redirect(run)
    everything = correcting.planned_cut(run, key)
    return _ask(request, run, key, what="metric", gone=f"the metric {key} with all its {points(*everything.extent)}")


@form_page
def move(request: HttpRequest, run_id: str) -> HttpResponse:
    """Ask where to, and move a run with its descendants there."""
    run = _active_run(run_id)
    if request.method == "POST":
        with write_transaction():
            target = _target(request)
            moved = move_runs([run], target)
        others = f", with {len(moved) - 1} run{pluralize(len(moved) - 1)} that it started" if len(moved) > 1 else ""
        messages.success(request, f"Moved to {target.name}{others}." if moved else f"It is in {target.name} already.")
        return redirect(run)
    return render(request, "runs/move.html", {"run": run, "children": _children(run), **_offer()})


@form_page
def copy(request: HttpRequest, run_id: str) -> HttpResponse:
    """Ask where to and under which name, and show the copy."""
    run = _active_run(run_id)
    if request.method == "POST":
        refuse_nul(request.POST.dict())
        name = checked_name(request.POST.get("name", ""))
        made = copy_run(run, _target(request), name, with_children="with_children" in request.POST)
        messages.success(request, f"This is the copy of {run.name}.")
        return redirect(made)
    return render(request, "runs/copy.html", {"run": run, "children": _children(run), **_offer()})


def _active_run(run_id: str) -> Run:
    run = Run.objects.by_id(run_id)
    run.require_active()
    return run


def _key(request: HttpRequest) -> str:
    return (request.POST if request.method == "POST" else request.GET).get("key", "")


def _step(text: str) -> int:
    """A step as a person types it; pages write thousands apart, so that commas are fine.

    Errors: InvalidValue.
    """
    digits = text.strip().replace(",", "")
    try:
        return int(digits if digits.isascii() and len(digits) <= 20 and "_" not in digits else "")
    except ValueError:
        raise InvalidValue(f"{text[:40]!r} is no step. Use a whole number.", field="from_step") from None


def _target(request: HttpRequest) -> Experiment:
    """The experiment of that name, made if there is none."""
    refuse_nul(request.POST.dict())
    return Experiment.objects.get_or_add(request.POST.get("experiment", "").strip())[0]


def _children(run: Run) -> int:
    return Run.objects.active().descendants_of(run.run_id).count()


def _offer() -> dict[str, Any]:
    newest = Experiment.objects.active().order_by("-last_update_time", "-pk")
    return {"experiments": newest.values_list("name", flat=True)[:OFFERED_EXPERIMENTS]}


def _ask(request: HttpRequest, run: Run, key: str, **words: Any) -> HttpResponse:
    return render(request, "runs/confirm_deletion.html", {"run": run, "key": key, **words})


def _told(entry: AuditEntry, key: str, of: str = "") -> str:
    """What went, from what the audit trail keeps of it."""
    told = entry.before[key]
    return points(told["points"], told["first_step"], told["last_step"], of)


def _short(value: str) -> str:
    return f"“{value}”" if len(value) <= 80 else f"“{value[:80]}…”"
