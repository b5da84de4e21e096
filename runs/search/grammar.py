"""Reads filters and orders into plain trees. Knows no Django and no database; docs/search.md is its manual."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput

from runs.search import fields, short_forms, tree
from runs.search.errors import SearchError, at, bare_word, explained, refuse_unstorable
from runs.search.fields import Field
from runs.search.languages import RUNS, Kind, Language
from runs.search.tree import All, Clause, Node, Not, Order, Place
from runs.search.values import Values
from trackerweb.clock import now_ms

MAX_LENGTH = 10_000
MAX_CLAUSES = 200
MAX_DEPTH = 40
MAX_ORDER_TERMS = 10

_PARSER = Lark(Path(__file__).with_name("grammar.lark").read_text(), parser="lalr", propagate_positions=True)
_FIELD = _PARSER.get_terminal("FIELD").pattern.to_regexp()
_ORDERED_BY = re.compile(rf"(?:(min|max|mean|last|count)\s*\(\s*)?({_FIELD})\s*(\))?", re.IGNORECASE)


def parse(text: str, language: Language = RUNS) -> Node:
    """The tree of a filter; a conjunction of nothing for an empty text.

    Errors: SearchError with the place and what would be right.
    """
    refuse_unstorable(text, "filter")
    if len(text) > MAX_LENGTH:
        raise SearchError(f"This filter has {len(text)} characters. {MAX_LENGTH} are allowed.")
    try:
        found = _PARSER.parse(text)
    except UnexpectedInput as error:
        raise explained(error, text) from None
    part = found.children[0]
    if part is None:
        return All()
    read = _Reader(language).node(cast("Tree[Token]", part), 0)
    count = sum(1 for _ in tree.clauses_of(read))
    if count > MAX_CLAUSES:
        raise SearchError(f"This filter has {count} conditions. {MAX_CLAUSES} are allowed.")
    return read


class _Reader:
    """Makes our tree of the parser's."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._values = Values(language, now_ms())

    def node(self, found: Tree[Token], depth: int) -> Node:
        if depth > MAX_DEPTH:
            column = found.meta.start_pos
            raise SearchError(f"Parentheses and NOT may stand {MAX_DEPTH} deep, no deeper.", column)
        place = Place(found.meta.start_pos, found.meta.end_pos)
        make = getattr(self, f"_{found.data}", None)
        if make is not None:
            return cast("Node", make(found, place))
        parts = [self.node(cast("Tree[Token]", part), depth + 1) for part in found.children]
        if found.data == "negation":
            return Not(parts[0], place)
        if found.data == "parentheses":
            return replace(parts[0], place=place)
        return (All if found.data == "all" else tree.AnyOf)(tuple(parts), place)

    def _comparison(self, found: Tree[Token], place: Place) -> Clause:
        field, operator, token = found.children
        return self._clause(field, cast("Token", operator), [token], place)

    def _range(self, found: Tree[Token], place: Place) -> Clause:
        field, operator, *ends = found.children
        return self._clause(field, cast("Token", operator), ends, place)

    def _membership(self, found: Tree[Token], place: Place) -> Clause:
        field, operator, items = found.children
        tokens = [item for item in cast("Tree[Token]", items).children if item is not None]
        if not tokens:
            name = fields.operator_name(cast("Token", operator))
            raise at(cast("Token", operator), f"The list after {name} is empty. Name at least one value")
        return self._clause(field, cast("Token", operator), tokens, place)

    def _absence(self, found: Tree[Token], place: Place) -> Clause:
        field, operator = found.children
        return self._clause(field, cast("Token", operator), [], place)

    def _presence(self, found: Tree[Token], place: Place) -> Clause:
        field = self._field(found.children[0])
        return Clause(field.kind, field.key, "IS NOT NULL", None, field.statistic, place)

    def _word(self, found: Tree[Token], place: Place) -> Clause:
        token = cast("Token", found.children[0])
        fields.refuse_unfinished(token, self._language)
        if not self._language.short_forms:
            raise bare_word(token)
        return Clause(Kind.WORD, "", "=", fields.unquoted(str(token)), place=place)

    def _short(self, found: Tree[Token], place: Place) -> Clause:
        token = cast("Token", found.children[0])
        if not self._language.short_forms:
            raise bare_word(token)
        return short_forms.read(token, self._values, place)

    def _field(self, operand: Any) -> Field:
        *statistic, name = operand.children
        return fields.read(str(name), name.start_pos, "filter", self._language, *(str(word) for word in statistic))

    def _clause(self, operand: Any, operator: Token, tokens: Sequence[Any], place: Place) -> Clause:
        field = self._field(operand)
        name = fields.operator_of(operator, field, self._language)
        operator_, value = self._values.read(field, name, tokens)
        return Clause(field.kind, field.key, operator_, value, field.statistic, place)


def parse_order(terms: Sequence[str], language: Language = RUNS) -> tuple[Order, ...]:
    """The terms of an order, such as `["metrics.loss DESC", "min(metrics.loss)"]`; ascending where nothing is said.

    Errors: SearchError names the term.
    """
    if len(terms) > MAX_ORDER_TERMS:
        raise SearchError(f"order_by has {len(terms)} terms. {MAX_ORDER_TERMS} are allowed.", field="order_by")
    return tuple(_order(term, language) for term in terms)


def _order(term: str, language: Language) -> Order:
    refuse_unstorable(term, "order_by")
    name, direction = _halves(term.strip())
    if _looks_like_list(name):
        raise SearchError(f"order_by {term[:80]!r} holds several terms. Send them apart.", field="order_by")
    match = _ORDERED_BY.fullmatch(name) if len(term) <= MAX_LENGTH else None
    if match is None or bool(match[1]) != bool(match[3]):
        hint = "Use such as metrics.loss DESC, and backticks for odd keys: metrics.`a b`."
        raise SearchError(f"order_by {term[:80]!r} can't be read. {hint}", field="order_by")
    field = fields.read(match[2], 0, "order_by", replace(language, short_forms=False), match[1] or "")
    is_unsorted = field.kind is Kind.ATTRIBUTE and field.key in language.unsorted
    if field.kind is Kind.DATASET or is_unsorted:
        raise SearchError(f"order_by {term[:80]!r}: runs can't be sorted by that.", field="order_by")
    return Order(field.kind, field.key, direction == "DESC", field.statistic)


def _halves(term: str) -> tuple[str, str]:
    """What is ordered by, and which way: "" when the term does not say."""
    field, *rest = term.rsplit(maxsplit=1)[:2] or [""]
    return (field, rest[0].upper()) if rest and rest[0].upper() in ("ASC", "DESC") else (term, "")


def _looks_like_list(field: str) -> bool:
    return "," in re.sub(r"`(?:[^`]|``)*`|\"[^\"]*\"", "", field)
