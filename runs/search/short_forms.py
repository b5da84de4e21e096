"""What people type into a search box: `status:failed tag:base since:2d`."""

from collections.abc import Callable

from lark import Token

from runs.search import fields
from runs.search.errors import SearchError
from runs.search.fields import Field, unquoted
from runs.search.languages import Kind
from runs.search.tree import Clause, Place
from runs.search.values import Values


def read(token: Token, values: Values, place: Place) -> Clause:
    """The condition that a short form stands for.

    Errors: SearchError with the known forms, or of its value.
    """
    name, _, text = str(token).partition(":")
    make = SHORT_FORMS.get(name.lower())
    if make is None:
        column = token.start_pos or 0
        known = ", ".join(f"{form}:" for form in SHORT_FORMS)
        hint = f"For a key write {name}={text or '1'}." if name else ""
        message = f"Unknown short form '{name}:' at character {column + 1}. {hint} Use one of {known}, or quotes."
        raise SearchError(message, column)
    if not text:
        column = token.end_pos or 0
        raise SearchError(
            f"Something has to follow {name}: at character {column}, as in {_EXAMPLES[name.lower()]}.", column
        )
    value = Token("WORD", unquoted(text), start_pos=(token.start_pos or 0) + len(name) + 1)
    return make(value, values, place)


_Make = Callable[[Token, Values, Place], Clause]


def _attribute(key: str, operator: str, pattern: str = "{}") -> _Make:
    """A condition on an attribute. `pattern` is put round its value."""

    def make(token: Token, values: Values, place: Place) -> Clause:
        value = values.one(Field(Kind.ATTRIBUTE, key), operator, token)
        return Clause(Kind.ATTRIBUTE, key, operator, pattern.format(value) if pattern != "{}" else value, place=place)

    return make


def _has(token: Token, values: Values, place: Place) -> Clause:
    field = fields.read(str(token), token.start_pos or 0, "filter", values.language)
    return Clause(field.kind, field.key, "IS NOT NULL", None, place=place)


def _label(token: Token, values: Values, place: Place) -> Clause:
    return Clause(Kind.LABEL, "", "=", str(token), place=place)


_EXAMPLES = {
    "status": "status:failed",
    "tag": "tag:base",
    "since": "since:2d",
    "before": "before:2026-11-01",
    "name": "name:resnet",
    "user": "user:ada",
    "note": "note:todo",
    "source": "source:train.py",
    "experiment": "experiment:vision",
    "id": "id:3fa9",
    "commit": "commit:9c1",
    "has": "has:loss",
}

SHORT_FORMS: dict[str, _Make] = {
    "status": _attribute("state", "="),
    "tag": _label,
    "since": _attribute("start_time", ">="),
    "before": _attribute("start_time", "<"),
    "name": _attribute("name", "ILIKE", "%{}%"),
    "user": _attribute("user", "ILIKE", "%{}%"),
    "note": _attribute("note", "ILIKE", "%{}%"),
    "source": _attribute("source_name", "ILIKE", "%{}%"),
    "experiment": _attribute("experiment__name", "ILIKE", "%{}%"),
    "id": _attribute("run_id", "LIKE", "{}%"),
    "commit": _attribute("git_commit", "LIKE", "{}%"),
    "has": _has,
}
