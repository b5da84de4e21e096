"""What may be typed next in a filter."""

import re
from typing import Any, NamedTuple

from runs.models import Metric, Param, Run, Tag
from runs.search import tree
from runs.search.languages import RUNS, Kind
from runs.search.short_forms import SHORT_FORMS

#: Keys are gathered from so many of the newest runs: all of 100,000 would take a second.
NEWEST = 200
MOST = 12
_LAST_WORD = re.compile(r"[^\s()]*$")
_BARE = re.compile(r"[A-Za-z_][\w/-]*", re.ASCII)
_KINDS = ((Kind.METRIC, Metric, "metric"), (Kind.PARAM, Param, "param"), (Kind.TAG, Tag, "tag"))
_STATUSES = ("running", "finished", "failed", "killed", "scheduled", "stale")


class Suggestion(NamedTuple):
    """What to put in place of the last word, and what that is."""

    text: str
    what: str


def suggestions(typed: str, experiment_id: int | None) -> list[Suggestion]:
    """What the last word of a filter may become: keys of the newest runs, fields and short forms, those that begin
    alike first.
    """
    match = _LAST_WORD.search(typed)
    word = (match[0] if match else "").lstrip("-").lower()
    if word.startswith("status:"):
        return [Suggestion(f"status:{status}", "status") for status in _STATUSES if f"status:{status}".startswith(word)]
    known = [*_keys(experiment_id), *_words()]
    beginning = [item for item in known if item.text.lower().strip("`").startswith(word)]
    inside = [item for item in known if item not in beginning and len(word) > 1 and word in item.text.lower()]
    return [*beginning, *inside][:MOST]


def _keys(experiment_id: int | None) -> list[Suggestion]:
    runs: Any = Run.objects.active()
    if experiment_id is not None:
        runs = runs.filter(experiment=experiment_id)
    newest = list(runs.order_by("-start_time").values_list("pk", flat=True)[:NEWEST])
    found = []
    for kind, model, name in _KINDS:
        rows = model.objects.filter(run__in=newest).exclude(key__startswith="mlflow.")
        for key in sorted(set(rows.values_list("key", flat=True).distinct())):
            found.append(Suggestion(_name(kind, key), name))
    return found


def _name(kind: Kind, key: str) -> str:
    """The shortest way to say a key."""
    if kind is Kind.TAG:
        return tree.field_text(kind, key, RUNS)
    return key if _BARE.fullmatch(key) and key not in RUNS.attributes else tree.field_text(kind, key, RUNS)


def _words() -> list[Suggestion]:
    fields = [
        Suggestion(name, "field") for name in dict.fromkeys(RUNS.attributes) if name.islower() and " " not in name
    ]
    return [*(Suggestion(f"{form}:", "short form") for form in SHORT_FORMS), *fields]
