"""Reads filters and orders into plain clauses. Knows no Django and no database; docs/search.md is its manual."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from runs.search.languages import COMPARE, DATASET_KEYS, OPERATORS, RUNS, Kind, Language
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


_MEANT = {"==": "=", "=>": ">=", "=<": "<=", "<>": "!=", "!": "!=", "=!": "!="}

_PARSER = Lark(Path(__file__).with_name("grammar.lark").read_text(), parser="lalr", propagate_positions=True)
_FIELD = re.compile(_PARSER.get_terminal("FIELD").pattern.to_regexp())
_WORD_ALONE = re.compile(r"[\w-]{1,80}")


def parse(text: str, language: Language = RUNS) -> tuple[Clause, ...]:
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
    return tuple(_clause(node, language) for node in nodes)


def parse_order(terms: Sequence[str], language: Language = RUNS) -> tuple[Order, ...]:
    """The terms of an order, such as `["metrics.loss DESC", "params.lr"]`; ascending where nothing is said.

    Errors: SearchError names the term.
    """
    if len(terms) > MAX_ORDER_TERMS:
        raise SearchError(f"order_by has {len(terms)} terms. {MAX_ORDER_TERMS} are allowed.", field="order_by")
    return tuple(_order(term, language) for term in terms)


def _refuse_unstorable(text: str, field: str) -> None:
    """NUL and halves of surrogate pairs, which no database takes even to look for."""
    found = re.search("[\0\ud800-\udfff]", text)
    if found is not None:
        name = f"U+{ord(found[0]):04X}"
        message = f"The character {name} at character {found.start() + 1} can't be searched for. Remove it."
        raise SearchError(message, found.start(), field)


def _order(term: str, language: Language) -> Order:
    _refuse_unstorable(term, "order_by")
    field, direction = _halves(term.strip())
    if _looks_like_list(field):
        raise SearchError(f"order_by {term[:80]!r} holds several terms. Send them apart.", field="order_by")
    if len(term) > MAX_LENGTH or not _FIELD.fullmatch(field):
        hint = "Use such as metrics.loss DESC, and backticks for odd keys: metrics.`a b`."
        raise SearchError(f"order_by {term[:80]!r} can't be read. {hint}", field="order_by")
    kind, key = _field(field, 0, "order_by", language)
    if kind is Kind.DATASET:
        raise SearchError(f"order_by {term[:80]!r}: a run may have several datasets.", field="order_by")
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


def _clause(node: Tree[Token], language: Language) -> Clause:
    field, operator = node.children[0], node.children[1]
    assert isinstance(field, Token)
    assert isinstance(operator, Token)
    kind, key = _field(str(field), field.start_pos or 0, "filter", language)
    column, end = node.meta.start_pos, node.meta.end_pos
    name = _operator(operator, kind, key, language)
    if node.data == "absence":
        return Clause(kind, key, name, None, column, end)
    if node.data == "membership":
        items = [item for item in node.children[2].children if item is not None]  # type: ignore[union-attr]
        if not items:
            raise _at(operator, f"The list after {name} is empty. Name at least one value")
        return Clause(kind, key, name, tuple(_value(item, kind, key, name, language) for item in items), column, end)
    return Clause(kind, key, name, _value(node.children[2], kind, key, name, language), column, end)


def _field(text: str, column: int, field: str, language: Language) -> tuple[Kind, str]:
    """`metrics.val/loss`, "params.`a b`" or `status`, taken apart."""
    head, dot, rest = text.partition(".")
    if not dot or text[0] in '`"':
        return Kind.ATTRIBUTE, _attribute(_bare(text), column, field, language.attributes)
    entities = language.entities
    kind = entities.get(head.strip())
    if kind is None:
        near = get_close_matches(head.strip(), entities, 1)
        known = ", ".join(f"{kind}." for kind in dict.fromkeys(entities.values()))
        hint = f"Did you mean {entities[near[0]]}.{rest}?" if near else f"Use one of {known}"
        raise SearchError(f"Unknown kind {head.strip()[:80]!r} at character {column + 1}. {hint}", column, field)
    key = _bare(rest.strip())
    if not key:
        raise SearchError(f"A key is missing after {head}. at character {column + 1}.", column, field)
    if kind is Kind.DATASET and key not in DATASET_KEYS:
        raise SearchError(f"Datasets have no {key[:80]!r}. Use one of {', '.join(DATASET_KEYS)}.", column, field)
    return kind, _attribute(key, column, field, language.attributes) if kind is Kind.ATTRIBUTE else key


def _bare(text: str) -> str:
    return text[1:-1] if len(text) >= 2 and text[0] == text[-1] and text[0] in "`\"'" else text


def _attribute(name: str, column: int, field: str, known: Mapping[str, str]) -> str:
    if name in known:
        return known[name]
    near = get_close_matches(name, known, 1)
    hint = f"Did you mean {near[0]}?" if near else f"Metrics are written metrics.{name[:80]}, params and tags alike."
    raise SearchError(f"Unknown attribute {name[:80]!r} at character {column + 1}. {hint}", column, field)


def _at(token: Token, message: str) -> SearchError:
    return SearchError(f"{message} (character {(token.start_pos or 0) + 1}).", token.start_pos)


def _operator(token: Token, kind: Kind, key: str, language: Language) -> str:
    name = " ".join(str(token).upper().split())
    if name not in OPERATORS:
        near = _MEANT.get(name)
        hint = f"Did you mean '{near}'?" if near else f"Use one of: {', '.join(OPERATORS)}."
        raise SearchError(
            f"Unknown comparator '{name}' at character {(token.start_pos or 0) + 1}. {hint}", token.start_pos
        )
    allowed = language.operators(kind, key)
    if name not in allowed:
        raise _at(token, f"{name} can't be used on {kind}.{key}. Use one of: {', '.join(allowed)}")
    return name


def _value(token: Any, kind: Kind, key: str, operator: str, language: Language) -> Value:
    text = str(token)
    if language.is_numeric(kind, key):
        return _number(token)
    if token.type == "STRING":
        if kind is Kind.PARAM and operator in ("<", "<=", ">", ">="):
            raise _at(token, f"{operator} compares numbers. Write {text[1:-1] or 0} without quotes")
        return text[1:-1].replace(text[0] * 2, text[0])
    if kind is Kind.PARAM and operator in COMPARE and token.type == "NUMBER":
        return _number(token)
    raise _at(token, f"{kind}.{key} is text. Put {text[:80]} in quotes: '{text[:80]}'")


def _number(token: Any) -> float:
    text = str(token)
    if token.type != "NUMBER":
        raise _at(token, f"{text[:80]} is not a number. Write it bare, like 0.1")
    return float(text)
