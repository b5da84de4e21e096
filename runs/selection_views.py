"""What is done with the runs that were selected in a table: those that were checked, or all that its filter finds."""

from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.defaultfilters import pluralize
from django.views.decorators.http import require_POST

from experiments.models import Experiment
from runs.bulk import chosen_runs, restore_runs, tag_runs, trash_runs
from runs.comparing.chosen import MAX_IN_ADDRESS
from runs.models import Selection
from runs.moving import move_runs
from runs.search import tree
from runs.search.languages import SPELLED_OUT, Kind
from runs.search.tree import Clause
from runs.table.state import State
from runs.table.table import RunTable
from trackerweb.errors import InvalidValue
from trackerweb.forms import refuse_nul
from trackerweb.transactions import write_transaction


@require_POST
def selection(request: HttpRequest) -> HttpResponse:
    """Do what the pressed button says."""
    form = request.POST
    refuse_nul({name: "".join(values) for name, values in form.lists()})
    experiment_of(form)
    action = _ACTIONS.get(form.get("do", ""))
    if action is None:
        raise InvalidValue(f"do={form.get('do', '')[:40]!r} is not one of {', '.join(_ACTIONS)}.", field="do")
    return action(request, form)


def _chosen(form: QueryDict) -> list[str]:
    """The ids of the runs that are meant.

    Errors: InvalidValue for none.
    """
    run_ids = _all_matching(form) if form.get("all") == "1" else form.getlist("run")
    if not run_ids:
        raise InvalidValue("No run is selected. Check the boxes of those that you mean.", field="run")
    return run_ids


def _all_matching(form: QueryDict) -> list[str]:
    table = RunTable(experiment_of(form), State.of(QueryDict(form.get("state", "").lstrip("?"))))
    if table.filter.error is not None:
        raise table.filter.error
    return list(table.filter.found.values_list("run_id", flat=True))


def experiment_of(form: QueryDict) -> Experiment | None:
    """The experiment whose table a form belongs to; None for the search across all.

    Errors: InvalidValue, NotFound.
    """
    text = form.get("of", "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise InvalidValue(f"of={text[:40]!r} is no experiment id.", field="of")
    found: Experiment = Experiment.objects.by_id(int(text))
    return found


def _back(form: QueryDict, **added: str) -> HttpResponse:
    """To the table, as it was."""
    experiment = experiment_of(form)
    query = QueryDict(form.get("state", "").lstrip("?"), mutable=True)
    for name, value in added.items():
        query[name] = value
    path = "/search/" if experiment is None else experiment.get_absolute_url()
    return redirect(urlsplit(path).path + (f"?{query.urlencode()}" if query else ""))


def _compare(request: HttpRequest, form: QueryDict) -> HttpResponse:
    """All that match are compared live: runs that match later join in."""
    if form.get("all") == "1":
        return redirect("/compare/?" + urlencode(_live_query(form)))
    run_ids = _chosen(form)
    if len(run_ids) > MAX_IN_ADDRESS:
        return redirect("/compare/?" + urlencode({"selection": Selection.keep(chosen_runs(run_ids)).token}))
    return redirect("/compare/?" + urlencode([("run", run_id) for run_id in run_ids]))


def _live_query(form: QueryDict) -> dict[str, str]:
    state, experiment = State.of(QueryDict(form.get("state", "").lstrip("?"))), experiment_of(form)
    asked = {
        "experiment": str(experiment.pk) if experiment else "",
        "sort": state.sort,
        "desc": "1" if state.sort and state.descending else "",
        "base": state.base,
    }
    return {"q": state.text} | {name: value for name, value in asked.items() if value}


def _tag(request: HttpRequest, form: QueryDict) -> HttpResponse:
    key, value = form.get("key", "").strip(), form.get("value", "").strip()
    if not key:
        raise InvalidValue("A tag needs a name.", field="key")
    changed = tag_runs(_chosen(form), key, value)
    messages.success(request, f"Tagged {_runs(len(changed))} {key}{value and f': {value}'}.")
    return _back(form)


def _move(request: HttpRequest, form: QueryDict) -> HttpResponse:
    with write_transaction():
        target, is_new = Experiment.objects.get_or_add(form.get("target", "").strip())
        moved = move_runs(chosen_runs(_chosen(form)), target)
    messages.success(request, f"Moved {_runs(len(moved))} to {target.name}{', a new experiment' * is_new}.")
    return _back(form)


def _trash(request: HttpRequest, form: QueryDict) -> HttpResponse:
    trashed = trash_runs(_chosen(form))
    return _back(form, undo=Selection.keep(trashed).token) if trashed else _back(form)


def _purge(request: HttpRequest, form: QueryDict) -> HttpResponse:
    """Ask first: the page of the trash says what would go."""
    return redirect("/trash/purge/?" + urlencode([("run", run_id) for run_id in _chosen(form)]))


def _restore(request: HttpRequest, form: QueryDict) -> HttpResponse:
    restored = restore_runs(_chosen(form))
    messages.success(request, f"Restored {_runs(len(restored))}.")
    return _back(form)


def _undo(request: HttpRequest, form: QueryDict) -> HttpResponse:
    restored = restore_runs(Selection.by_token(form.get("selection", "")).run_ids)
    messages.success(request, f"{_runs(len(restored))} {pluralize(len(restored), 'is,are')} back.")
    return _back(form)


def _export(request: HttpRequest, form: QueryDict) -> HttpResponse:
    """As a CSV: what the API gives for the same filter."""
    experiment, state = experiment_of(form), State.of(QueryDict(form.get("state", "").lstrip("?")))
    text = state.text
    if form.get("all") != "1":
        text = tree.printed(Clause(Kind.ATTRIBUTE, "run_id", "IN", tuple(_chosen(form))), SPELLED_OUT)
    asked = [("experiment", str(experiment.pk))] if experiment else []
    asked += [("filter", text), *(("order_by", term) for term in state.order)]
    return redirect("/api/v1/export/runs.csv?" + urlencode(asked))


def _runs(count: int) -> str:
    return f"{count:,} run{pluralize(count)}"


_ACTIONS: dict[str, Callable[[HttpRequest, QueryDict], HttpResponse]] = {
    "compare": _compare,
    "tag": _tag,
    "move": _move,
    "trash": _trash,
    "restore": _restore,
    "purge": _purge,
    "undo": _undo,
    "export": _export,
}
