"""What people type into a search box: `status:failed tag:base since:2d`."""

from collections.abc import Callable
from typing import NamedTuple

from lark import Token

from runs.search import fields
from runs.search.errors import SearchError
from runs.search.fields import Field, unquoted
from runs.search.languages import Kind
from runs.search.tree import Clause, Place
from runs.search.values import Values

_Make = Callable[[Token, Values, Place], Clause]


class ShortForm(NamedTuple):
    """What stands before a colon: an example of it, and what makes the condition that it stands for."""

    example: str
    make: _Make


def read(token: Token, values: Values, place: Place) -> Clause:
    """The condition that a short form stands for.

    Errors: SearchError with the known forms, or of its value.
    """
    name, _, text = str(token).partition(":")
    form = SHORT_FORMS.get(name.lower())
    if form is None:
        column = token.start_pos or 0
        known = ", ".join(f"{known}:" for known in SHORT_FORMS)
        hint = f"For a key write {name}={text or '1'}." if name else ""
        message = f"Unknown short form '{name}:' at character {column + 1}. {hint} Use one of {known}, or quotes."
        raise SearchError(message, column)
    if not text:
        column = token.end_pos or 0
        raise SearchError(f"Something has to follow {name}: at character {column}, as in {form.example}.", column)
    value = Token("WORD", unquoted(text), start_pos=(token.start_pos or 0) + len(name) + 1)
    return form.make(value, values, place)


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


SHORT_FORMS = {
    "status": ShortForm("status:failed", _attribute("state", "=")),
    "tag": ShortForm("tag:base", _label),
    "since": ShortForm("since:2d", _attribute("start_time", ">=")),
    "before": ShortForm("before:2026-11-01", _attribute("start_time", "<")),
    "name": ShortForm("name:resnet", _attribute("name", "ILIKE", "%{}%")),
    "user": ShortForm("user:ada", _attribute("user", "ILIKE", "%{}%")),
    "note": ShortForm("note:baseline", _attribute("note", "ILIKE", "%{}%")),
    "source": ShortForm("source:train.py", _attribute("source_name", "ILIKE", "%{}%")),
    "experiment": ShortForm("experiment:vision", _attribute("experiment__name", "ILIKE", "%{}%")),
    "id": ShortForm("id:3fa9", _attribute("run_id", "LIKE", "{}%")),
    "commit": ShortForm("commit:9c1", _attribute("git_commit", "LIKE", "{}%")),
    "has": ShortForm("has:loss", _has),
}
