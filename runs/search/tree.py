"""What a filter and an order are once they are read, and how a filter is written down again."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from runs.search.languages import Kind, Language

_PLAIN_KEY = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_WORDS_OF_THE_LANGUAGE = {"AND", "OR", "NOT", "IN", "IS", "BETWEEN", "LIKE", "ILIKE"}

Value = str | float


@dataclass(frozen=True)
class Place:
    """Where in the text something stands, for messages: `column` is 0-based, `end` lies behind its last character."""

    column: int = 0
    end: int = 0


@dataclass(frozen=True)
class Clause:
    """One condition, such as `metrics.loss < 0.1`. The value of a range is its two ends."""

    kind: Kind
    key: str
    operator: str  # one of languages.OPERATORS
    value: Value | tuple[Value, ...] | None
    statistic: str = "last"  # of a metric: one of languages.STATISTICS
    place: Place = field(default=Place(), compare=False)


@dataclass(frozen=True)
class Not:
    """What must not hold."""

    part: "Node"
    place: Place = field(default=Place(), compare=False)


@dataclass(frozen=True)
class All:
    """Conditions that must all hold; of none of them, nothing is asked."""

    parts: tuple["Node", ...] = ()
    place: Place = field(default=Place(), compare=False)


@dataclass(frozen=True)
class AnyOf:
    """Conditions of which one must hold."""

    parts: tuple["Node", ...]
    place: Place = field(default=Place(), compare=False)


Node = Clause | Not | All | AnyOf


@dataclass(frozen=True)
class Order:
    """One term of an order, such as `metrics.loss DESC`."""

    kind: Kind
    key: str
    descending: bool
    statistic: str = "last"


def clauses_of(node: Node) -> Iterator[Clause]:
    """All conditions of a filter, from left to right."""
    if isinstance(node, Clause):
        yield node
        return
    for part in (node.part,) if isinstance(node, Not) else node.parts:
        yield from clauses_of(part)


def conjuncts(node: Node) -> tuple[Node, ...]:
    """The parts that must all hold: what can be taken away one by one."""
    return node.parts if isinstance(node, All) else (node,)


def printed(node: Node, language: Language) -> str:
    """The filter in full words, which read as the same tree."""
    if isinstance(node, Clause):
        return _clause(node, language)
    if isinstance(node, Not):
        return f"NOT {_inner(node.part, language)}"
    joint = " AND " if isinstance(node, All) else " OR "
    return joint.join(_inner(part, language) for part in node.parts)


def _inner(node: Node, language: Language) -> str:
    text = printed(node, language)
    return f"({text})" if isinstance(node, All | AnyOf) else text


def _clause(clause: Clause, language: Language) -> str:
    if clause.kind in _PRINTED:
        return _PRINTED[clause.kind](str(clause.value))
    name = field_text(clause.kind, clause.key, language, clause.statistic)
    if clause.value is None:
        return f"{name} {clause.operator}"
    if not isinstance(clause.value, tuple):
        return f"{name} {clause.operator} {_literal(clause.value)}"
    items = [_literal(value) for value in clause.value]
    if clause.operator.endswith("BETWEEN"):
        return f"{name} {clause.operator} {items[0]} AND {items[1]}"
    return f"{name} {clause.operator} ({', '.join(items)})"


def field_text(kind: Kind, key: str, language: Language, statistic: str = "last") -> str:
    """What a filter and an order call it: `metrics.loss`, ``params.`a b` ``, `min(metrics.loss)`, `run_name`."""
    if kind is Kind.ATTRIBUTE:
        return next(name for name, column in language.attributes.items() if column == key)
    name = _quoted(key) if kind is Kind.ANY else f"{kind}.{_quoted(key)}"
    return name if statistic == "last" else f"{statistic}({name})"


def _quoted(key: str) -> str:
    if _PLAIN_KEY.fullmatch(key) and key.upper() not in _WORDS_OF_THE_LANGUAGE:
        return key
    return "`" + key.replace("`", "``") + "`"


def _literal(value: Value) -> str:
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


_PRINTED: dict[Kind, Callable[[str], str]] = {
    Kind.WORD: _literal,
    Kind.LABEL: lambda value: f'tag:"{value}"' if "'" in value else f"tag:'{value}'",
}
