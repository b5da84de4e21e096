"""The tables of runs: of an experiment, and across all of them."""

import hashlib
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.http import quote_etag
from django.views.decorators.http import require_POST, require_safe

from experiments.models import AuditEntry, Experiment, SavedView
from runs.models import Selection
from runs.run_page import sweeps
from runs.search.short_forms import SHORT_FORMS
from runs.selection_views import experiment_of
from runs.table.markdown import as_markdown
from runs.table.state import State
from runs.table.suggestions import suggestions
from runs.table.table import RunTable
from trackerweb.connect import server_address
from trackerweb.errors import InvalidValue, NotFound
from trackerweb.forms import refuse_nul


@require_safe
def run_table(request: HttpRequest, experiment_id: int) -> HttpResponse:
    """Runs of an experiment: filter, sort, group, page, select, compare."""
    experiment = Experiment.objects.by_id(experiment_id)
    return _page(request, RunTable(experiment, State.of(request.GET)))


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Runs of all experiments, found like those of one."""
    return _page(request, RunTable(None, State.of(request.GET)))


#: Experiments that are offered to move runs to.
OFFERED = 50


def _page(request: HttpRequest, table: RunTable) -> HttpResponse:
    if "known" in request.GET and table.filter.error is None:
        return redirect(table.links.here)
    undo = request.GET.get("undo", "")
    context = {
        "experiment": table.experiment,
        "table": table,
        "state": table.state,
        "views": SavedView.objects.filter(experiment=table.experiment).order_by("name"),
        "undo": Selection.objects.filter(token=undo).first() if undo else None,
        "targets": Experiment.objects.active().order_by("-last_update_time").values_list("name", flat=True)[:OFFERED],
        "sweeps": sweeps.newest_of(table.experiment) if table.experiment else [],
        "server_url": server_address(request),
    }
    return render(request, "runs/table/page.html", context)


@require_safe
def rows(request: HttpRequest, experiment_id: int | None = None) -> HttpResponse:
    """The rows of a table alone, for pages that refresh themselves (304 when nothing changed) or open a group or the
    children `below` a run.
    """
    experiment = None if experiment_id is None else Experiment.objects.by_id(experiment_id)
    query = request.GET
    table = RunTable(experiment, State.of(query), query.get("below", ""), in_groups=query.get("in") == "groups")
    etag = quote_etag(_version(table))
    if request.headers.get("If-None-Match") == etag:
        return HttpResponseNotModified(headers={"ETag": etag, "Cache-Control": "no-cache"})
    response = render(request, "runs/table/_rows.html", {"table": table, "state": table.state})
    response["ETag"], response["Cache-Control"] = etag, "no-cache"
    return response


def _version(table: RunTable) -> str:
    """Changes when what the table shows may have changed: its runs, their signs of life, and what people edited."""
    told: list[Any] = [table.hits, AuditEntry.objects.order_by("-pk").values_list("pk", flat=True).first()]
    if table.groups is None:
        runs = [*table.pinned, *table.page.items]
        told += [(run.pk, run.heartbeat_time, run.status, run.is_stale, run.is_quiet) for run in runs]
    else:
        told.append(table.groups.signature)
    return hashlib.sha256(repr(told).encode()).hexdigest()[:32]


@require_safe
def keys(request: HttpRequest, experiment_id: int | None = None) -> HttpResponse:
    """What may be typed next in the filter, for what was typed so far."""
    if experiment_id is not None:
        Experiment.objects.by_id(experiment_id)
    return JsonResponse({"suggestions": suggestions(request.GET.get("q", "")[:200], experiment_id)})


@require_safe
def markdown(request: HttpRequest, experiment_id: int | None = None) -> HttpResponse:
    """The rows of a page as a table in Markdown."""
    experiment = None if experiment_id is None else Experiment.objects.by_id(experiment_id)
    text = as_markdown(RunTable(experiment, State.of(request.GET)))
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@require_safe
def search_help(request: HttpRequest) -> HttpResponse:
    """What can be typed into the filter."""
    return render(request, "runs/table/help.html", {"forms": SHORT_FORMS})


@require_POST
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep a table as it is, under a name; another of that name is replaced."""
    form = request.POST
    refuse_nul(form.dict())
    name, experiment = form.get("name", "").strip()[:200], experiment_of(form)
    if not name:
        raise InvalidValue("A view needs a name.", field="name")
    state = State.of(QueryDict(form.get("state", "").lstrip("?")))
    view, is_new = SavedView.objects.update_or_create(
        experiment=experiment, name=name, defaults={"query": state.address()}
    )
    messages.success(request, f"Saved as {name}{'' if is_new else ', in place of the view that had the name'}.")
    return redirect(view.address)


@require_POST
def delete_view(request: HttpRequest, view_id: int) -> HttpResponse:
    """Forget a saved view; its runs stay."""
    view = SavedView.objects.filter(pk=view_id).first()
    if view is None:
        raise NotFound("This view is gone already.", field="view")
    view.delete()
    messages.success(request, f"Deleted the view {view.name}.")
    return redirect("runs:search" if view.experiment is None else view.experiment)
