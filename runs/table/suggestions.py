"""What may be typed next in a filter."""

import re
from typing import Any, NamedTuple

from runs.models import Metric, Param, Run, Tag
from runs.search import tree
from runs.search.languages import RUNS, Kind
from runs.search.short_forms import SHORT_FORMS
from runs.system_tags import of_clients

#: Keys are gathered from so many of the newest runs: all of 100,000 would take a second.
NEWEST = 200
MOST = 12
#: Longer values are not suggested.
MOST_CHARACTERS = 60
_WORD = re.compile(r"[^\s'\"`(),<>=!~]+")
_LAST_WORD = re.compile(r"[^\s()]*$")
_VALUE = re.compile(r"([^\s()<>=!~]+)\s*(!?=)\s*'?([^\s()']*)$")
_BARE = re.compile(r"[A-Za-z_][\w/-]*", re.ASCII)
_KINDS = ((Kind.METRIC, Metric, "metric"), (Kind.PARAM, Param, "param"), (Kind.TAG, Tag, "tag"))
_VALUES = {
    "status": ("running", "finished", "failed", "killed", "scheduled", "stale"),
    "since": ("today", "yesterday", "1h", "1d", "7d", "30d"),
    "before": ("today", "yesterday", "1h", "1d", "7d", "30d"),
}


class Suggestion(NamedTuple):
    """What to put in place of the last word, and what that is."""

    text: str
    what: str


def suggestions(typed: str, experiment_id: int | None) -> list[Suggestion]:
    """What the last word of a filter may become: keys of the newest runs, fields and short forms, those that begin
    alike first; behind `=` and `:` values.
    """
    value = _VALUE.search(typed)
    if value is not None:
        return _values(value[1], value[2], value[3], experiment_id)
    match = _LAST_WORD.search(typed)
    word = (match[0] if match else "").lstrip("-").lower()
    form, colon, rest = word.partition(":")
    if colon:
        following = [item for item in _after(form, experiment_id) if item.text.lower().startswith(rest)]
        return [Suggestion(f"{form}:{text}", what) for text, what in following[:MOST]]
    known = [*_keys(experiment_id), *_words()]
    beginning = [item for item in known if item.text.lower().strip("`").startswith(word)]
    inside = [item for item in known if item not in beginning and len(word) > 1 and word in item.text.lower()]
    return [*beginning, *inside][:MOST]


def _values(key: str, operator: str, begun: str, experiment_id: int | None) -> list[Suggestion]:
    """Values that the newest runs have of a key."""
    bare = key.removeprefix("params.").removeprefix("tags.").strip("`")
    found: set[str] = set()
    for model in (Param, Tag):
        rows = model.objects.filter(run__in=_newest(experiment_id), key=bare, value__istartswith=begun)
        found.update(value for (value,) in rows.values_list("value").distinct()[:100] if len(value) <= MOST_CHARACTERS)
    return [Suggestion(f"{key}{operator}{_quoted(value)}", "value") for value in sorted(found)][:MOST]


def _quoted(value: str) -> str:
    return value if _WORD.fullmatch(value) else "'" + value.replace("'", "''") + "'"


def _after(form: str, experiment_id: int | None) -> list[Suggestion]:
    """What may follow a short form."""
    if form in _VALUES:
        return [Suggestion(text, form) for text in _VALUES[form]]
    keys = _keys(experiment_id) if form in ("has", "tag") else []
    if form == "tag":
        return [Suggestion(item.text.removeprefix("tags.").strip("`"), "tag") for item in keys if item.what == "tag"]
    return keys


def _newest(experiment_id: int | None) -> list[int]:
    runs: Any = Run.objects.active()
    if experiment_id is not None:
        runs = runs.filter(experiment=experiment_id)
    return list(runs.order_by("-start_time").values_list("pk", flat=True)[:NEWEST])


def _keys(experiment_id: int | None) -> list[Suggestion]:
    newest = _newest(experiment_id)
    found = []
    for kind, model, name in _KINDS:
        rows = model.objects.filter(run__in=newest).exclude(of_clients())
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
