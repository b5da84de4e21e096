"""Reads filters and orders into plain clauses. Knows no Django and no database; docs/search.md is its manual."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Any

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from trackerweb.errors import InvalidValue

MAX_LENGTH = 10_000
MAX_CLAUSES = 200
MAX_ORDER_TERMS = 10

Value = str | float


class SearchError(InvalidValue):
    """A filter or order that can't be read. `column` is the 0-based place in the text, where there is one."""

    def __init__(self, message: str, column: int | None = None, field: str = "filter") -> None:
        super().__init__(message, field=field)
        self.column = column


class Kind(StrEnum):
    """What a clause looks at."""

    METRIC = "metrics"
    PARAM = "params"
    TAG = "tags"
    ATTRIBUTE = "attributes"


@dataclass(frozen=True)
class Clause:
    """One condition, such as `metrics.loss < 0.1`."""

    kind: Kind
    key: str
    operator: str  # one of OPERATORS
    value: Value | tuple[Value, ...] | None
    column: int  # 0-based place in the text, for messages
    end: int  # the place behind its last character


@dataclass(frozen=True)
class Order:
    """One term of an order, such as `metrics.loss DESC`."""

    kind: Kind
    key: str
    descending: bool


ENTITIES = {
    name: kind
    for kind, names in {
        Kind.METRIC: ("metric", "metrics"),
        Kind.PARAM: ("param", "params", "parameter", "parameters"),
        Kind.TAG: ("tag", "tags"),
        Kind.ATTRIBUTE: ("attribute", "attributes", "attr", "run"),
    }.items()
    for name in names
}

#: Attributes by the names that MLflow knows, each with ours; a few have several.
ATTRIBUTES = {
    "status": "status",
    "start_time": "start_time",
    "created": "start_time",
    "Created": "start_time",
    "end_time": "end_time",
    "duration": "duration",
    "run_name": "name",
    "run name": "name",
    "Run name": "name",
    "Run Name": "name",
    "run_id": "run_id",
    "run_uuid": "run_id",
    "user_id": "user",
    "source_name": "source_name",
    "source_type": "source_type",
    "git_commit": "git_commit",
    "parent_run_id": "parent_run_id",
}
NUMERIC_ATTRIBUTES = {"start_time", "end_time", "duration"}

COMPARE = ("=", "!=", "<", "<=", ">", ">=")
MATCH = ("=", "!=", "LIKE", "ILIKE")
MEMBER = ("IN", "NOT IN")
ABSENCE = ("IS NULL", "IS NOT NULL")
OPERATORS = (*COMPARE, "LIKE", "ILIKE", *MEMBER, *ABSENCE)
_MEANT = {"==": "=", "=>": ">=", "=<": "<=", "<>": "!=", "!": "!=", "=!": "!="}

_PARSER = Lark(Path(__file__).with_name("grammar.lark").read_text(), parser="lalr", propagate_positions=True)
_FIELD = re.compile(_PARSER.get_terminal("FIELD").pattern.to_regexp())
_WORD_ALONE = re.compile(r"[\w-]{1,80}")


def parse(text: str) -> tuple[Clause, ...]:
    """The clauses of a filter, all of which must hold; none for an empty text.

    Errors: SearchError with the place and what would be right.
    """
    _refuse_unstorable(text, "filter")
    if len(text) > MAX_LENGTH:
        raise SearchError(f"This filter has {len(text)} characters. {MAX_LENGTH} are allowed.")
    try:
        tree = _PARSER.parse(text)
    except UnexpectedInput as error:
        raise _explained(error, text) from None
    parts: list[Any] = [part for part in tree.children if part is not None]
    nodes = [node for part in parts for node in part.children]
    if len(nodes) > MAX_CLAUSES:
        raise SearchError(f"This filter has {len(nodes)} conditions. {MAX_CLAUSES} are allowed.")
    return tuple(_clause(node) for node in nodes)


def parse_order(terms: Sequence[str]) -> tuple[Order, ...]:
    """The terms of an order, such as `["metrics.loss DESC", "params.lr"]`; ascending where nothing is said.

    Errors: SearchError names the term.
    """
    if len(terms) > MAX_ORDER_TERMS:
        raise SearchError(f"order_by has {len(terms)} terms. {MAX_ORDER_TERMS} are allowed.", field="order_by")
    return tuple(_order(term) for term in terms)


def _refuse_unstorable(text: str, field: str) -> None:
    """NUL and halves of surrogate pairs, which no database takes even to look for."""
    found = re.search("[\0\ud800-\udfff]", text)
    if found is not None:
        name = f"U+{ord(found[0]):04X}"
        message = f"The character {name} at character {found.start() + 1} can't be searched for. Remove it."
        raise SearchError(message, found.start(), field)


def _order(term: str) -> Order:
    _refuse_unstorable(term, "order_by")
    field, direction = _halves(term.strip())
    if _looks_like_list(field):
        raise SearchError(f"order_by {term[:80]!r} holds several terms. Send them apart.", field="order_by")
    if len(term) > MAX_LENGTH or not _FIELD.fullmatch(field):
        hint = "Use such as metrics.loss DESC, and backticks for odd keys: metrics.`a b`."
        raise SearchError(f"order_by {term[:80]!r} can't be read. {hint}", field="order_by")
    kind, key = _field(field, 0, "order_by")
    return Order(kind, key, descending=direction == "DESC")


def _halves(term: str) -> tuple[str, str]:
    """What is ordered by, and which way: "" when the term does not say."""
    field, *rest = term.rsplit(maxsplit=1)[:2] or [""]
    return (field, rest[0].upper()) if rest and rest[0].upper() in ("ASC", "DESC") else (term, "")


def _looks_like_list(field: str) -> bool:
    return "," in re.sub(r"`[^`]*`|\"[^\"]*\"", "", field)


def _explained(error: UnexpectedInput, text: str) -> SearchError:
    """What a person can do about a text that the parser refused."""
    column = error.pos_in_stream
    if column is None or column < 0 or (isinstance(error, UnexpectedToken) and error.token.type == "$END"):
        word = text.strip()
        hint = f"To find a name, write run_name LIKE '%{word}%'." if _WORD_ALONE.fullmatch(word) else _expected(error)
        return SearchError(f"The filter ends too early. {hint}", len(text.rstrip()))
    rest = text[column:]
    if rest[0] in "'\"`" and rest.count(rest[0]) % 2:
        return SearchError(f"The {rest[0]} at character {column + 1} is never closed.", column)
    word = re.match(r"\w+|[^\w\s]+|\s+", rest)
    found = word[0] if word else rest[:1]
    if found.upper() in ("OR", "NOT"):
        return SearchError(f"{found!r} at character {column + 1} is not known here. Join conditions with AND.", column)
    return SearchError(f"{found!r} at character {column + 1} is out of place. {_expected(error)}", column)


def _expected(error: UnexpectedInput) -> str:
    if isinstance(error, UnexpectedToken):
        names = set(error.accepts or error.expected)
    else:
        names = set(error.allowed if isinstance(error, UnexpectedCharacters) else ()) - {"WS"}
    words = {
        "COMPARATOR": "Expected a comparator: =, !=, <, <=, >, >=, LIKE, ILIKE, IN, IS NULL.",
        "STRING": "Expected a value: a number, or text in quotes.",
        "LPAR": "Expected a list such as ('a', 'b').",
        "_AND": "Expected AND and another condition.",
        "FIELD": "Expected a condition such as metrics.loss < 0.1.",
        "RPAR": "Expected , or ).",
    }
    return next((text for name, text in words.items() if name in names), "Expected a condition.")


def _clause(node: Tree[Token]) -> Clause:
    field, operator = node.children[0], node.children[1]
    assert isinstance(field, Token)
    assert isinstance(operator, Token)
    kind, key = _field(str(field), field.start_pos or 0, "filter")
    column, end = node.meta.start_pos, node.meta.end_pos
    name = _operator(operator, kind, key)
    if node.data == "absence":
        return Clause(kind, key, name, None, column, end)
    if node.data == "membership":
        items = [item for item in node.children[2].children if item is not None]  # type: ignore[union-attr]
        if not items:
            raise _at(operator, f"The list after {name} is empty. Name at least one value")
        return Clause(kind, key, name, tuple(_value(item, kind, key, name) for item in items), column, end)
    return Clause(kind, key, name, _value(node.children[2], kind, key, name), column, end)


def _field(text: str, column: int, field: str) -> tuple[Kind, str]:
    """`metrics.val/loss`, "params.`a b`" or `status`, taken apart."""
    head, dot, rest = text.partition(".")
    if not dot or text[0] in '`"':
        return Kind.ATTRIBUTE, _attribute(_bare(text), column, field)
    kind = ENTITIES.get(head.strip())
    if kind is None:
        near = get_close_matches(head.strip(), ENTITIES, 1)
        hint = f"Did you mean {ENTITIES[near[0]]}.{rest}?" if near else "Use metrics., params., tags. or attributes."
        raise SearchError(f"Unknown kind {head.strip()[:80]!r} at character {column + 1}. {hint}", column, field)
    key = _bare(rest.strip())
    if not key:
        raise SearchError(f"A key is missing after {head}. at character {column + 1}.", column, field)
    return kind, _attribute(key, column, field) if kind is Kind.ATTRIBUTE else key


def _bare(text: str) -> str:
    return text[1:-1] if len(text) >= 2 and text[0] == text[-1] and text[0] in "`\"'" else text


def _attribute(name: str, column: int, field: str) -> str:
    if name in ATTRIBUTES:
        return ATTRIBUTES[name]
    near = get_close_matches(name, ATTRIBUTES, 1)
    hint = f"Did you mean {near[0]}?" if near else f"Metrics are written metrics.{name[:80]}, params and tags alike."
    raise SearchError(f"Unknown attribute {name[:80]!r} at character {column + 1}. {hint}", column, field)


def _at(token: Token, message: str) -> SearchError:
    return SearchError(f"{message} (character {(token.start_pos or 0) + 1}).", token.start_pos)


def _operator(token: Token, kind: Kind, key: str) -> str:
    name = " ".join(str(token).upper().split())
    if name not in OPERATORS:
        near = _MEANT.get(name)
        hint = f"Did you mean '{near}'?" if near else f"Use one of: {', '.join(OPERATORS)}."
        raise SearchError(
            f"Unknown comparator '{name}' at character {(token.start_pos or 0) + 1}. {hint}", token.start_pos
        )
    allowed = _operators_of(kind, key)
    if name not in allowed:
        raise _at(token, f"{name} can't be used on {kind}.{key}. Use one of: {', '.join(allowed)}")
    return name


def _operators_of(kind: Kind, key: str) -> tuple[str, ...]:
    if kind is Kind.METRIC or (kind is Kind.ATTRIBUTE and key in NUMERIC_ATTRIBUTES):
        return COMPARE
    if kind is Kind.ATTRIBUTE:
        return (*MATCH, *MEMBER)
    if kind is Kind.PARAM:
        return OPERATORS
    return (*MATCH, *MEMBER, *ABSENCE)


def _value(token: Any, kind: Kind, key: str, operator: str) -> Value:
    text = str(token)
    if _is_numeric(kind, key):
        return _number(token)
    if token.type == "STRING":
        if kind is Kind.PARAM and operator in ("<", "<=", ">", ">="):
            raise _at(token, f"{operator} compares numbers. Write {text[1:-1] or 0} without quotes")
        return text[1:-1].replace(text[0] * 2, text[0])
    if kind is Kind.PARAM and operator in COMPARE and token.type == "NUMBER":
        return _number(token)
    raise _at(token, f"{kind}.{key} is text. Put {text[:80]} in quotes: '{text[:80]}'")


def _is_numeric(kind: Kind, key: str) -> bool:
    return kind is Kind.METRIC or (kind is Kind.ATTRIBUTE and key in NUMERIC_ATTRIBUTES)


def _number(token: Any) -> float:
    text = str(token)
    if token.type != "NUMBER":
        raise _at(token, f"{text[:80]} is not a number. Write it bare, like 0.1")
    return float(text)
