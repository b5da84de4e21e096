"""A filter's conditions in words, as chips show them."""

from datetime import UTC, datetime
from typing import NamedTuple

from runs.search.languages import RUNS, Kind
from runs.search.tree import All, AnyOf, Clause, Node, Not, Value, printed
from trackerweb import formatting

_KINDS = {Kind.METRIC: "metric ", Kind.PARAM: "param ", Kind.TAG: "tag ", Kind.DATASET: "dataset ", Kind.ANY: ""}
_FIELDS = {
    "name": "name",
    "state": "status",
    "start_time": "started",
    "end_time": "ended",
    "user": "user",
    "experiment__name": "experiment",
    "same_params_as": "same params as",
}
_OPERATORS = {
    "=": "is",
    "!=": "is not",
    "~": "matches",
    "!~": "does not match",
    "LIKE": "is like",
    "ILIKE": "is like",
    "IN": "is one of",
    "NOT IN": "is none of",
    "BETWEEN": "from",
    "NOT BETWEEN": "not from",
    "IS NULL": "is missing",
    "IS NOT NULL": "is there",
}
_NOT = {
    "is": "is not",
    "=": "is not",
    "contains": "does not contain",
    "begins with": "does not begin with",
    "matches": "does not match",
    "is there": "is missing",
    "is missing": "is there",
    "is one of": "is none of",
    "from": "not from",
}
_TIMES = {"<": "before", "<=": "until", ">": "after", ">=": "since"}


class Words(NamedTuple):
    """`param lr`, `<`, `0.2`."""

    subject: str
    verb: str
    object: str


def in_words(node: Node) -> Words:
    """A part of a filter for people."""
    if isinstance(node, Not) and isinstance(node.part, Clause):
        subject, verb, thing = in_words(node.part)
        return Words(subject, _NOT.get(verb, f"not: {verb}"), thing)
    if isinstance(node, Not | All | AnyOf):
        return Words("", "", printed(node, RUNS))
    if node.kind is Kind.WORD:
        return Words("", "contains", str(node.value))
    if node.kind is Kind.LABEL:
        return Words("tag", "is", str(node.value))
    return _pattern(node) or Words(_subject(node), _verb(node), _object(node))


def _pattern(clause: Clause) -> Words | None:
    """LIKE in plain words, where `%` stands at the ends alone."""
    text = clause.value
    if clause.operator not in ("LIKE", "ILIKE") or not isinstance(text, str) or not text.strip("%"):
        return None
    inner = text.strip("%")
    if "%" in inner or "_" in inner:
        return None
    verb = {(True, True): "contains", (False, True): "begins with", (True, False): "ends with"}.get(
        (text.startswith("%"), text.endswith("%"))
    )
    return Words(_subject(clause), verb, inner) if verb else None


def _subject(clause: Clause) -> str:
    if clause.kind is Kind.ATTRIBUTE:
        return _FIELDS.get(clause.key, clause.key.replace("_", " "))
    statistic = "" if clause.statistic == "last" else f"{clause.statistic} of "
    return f"{statistic}{_KINDS[clause.kind]}{clause.key}"


def _verb(clause: Clause) -> str:
    if clause.kind is Kind.ATTRIBUTE and clause.key in RUNS.times and clause.operator in _TIMES:
        return _TIMES[clause.operator]
    if clause.operator == "=" and isinstance(clause.value, float):
        return "="
    return _OPERATORS.get(clause.operator, clause.operator)


def _object(clause: Clause) -> str:
    if clause.value is None:
        return ""
    if not isinstance(clause.value, tuple):
        return _value(clause, clause.value)
    joint = " to " if clause.operator.endswith("BETWEEN") else ", "
    return joint.join(_value(clause, value) for value in clause.value)


def _value(clause: Clause, value: Value) -> str:
    if isinstance(value, str):
        return value if value else "''"
    if clause.kind is Kind.ATTRIBUTE and clause.key in RUNS.times:
        return _time(value)
    if clause.kind is Kind.ATTRIBUTE and clause.key in RUNS.spans and value == value and abs(value) < 1e15:
        return formatting.duration(int(value))
    return formatting.exact(value)


def _time(milliseconds: float) -> str:
    try:
        moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return formatting.exact(milliseconds)
    return f"{moment:%-d %b %Y}" if milliseconds % 86_400_000 == 0 else f"{moment:%-d %b %Y, %H:%M}"
