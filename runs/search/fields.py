"""What stands left of an operator, and which operators may follow."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from lark import Token

from runs.search.errors import SearchError, at
from runs.search.languages import DATASET_KEYS, OPERATORS, Kind, Language

_MEANT = {"==": "=", "=>": ">=", "=<": "<=", "<>": "!=", "!": "!=", "=!": "!=", "=~": "~", "~~": "~", "~=": "~"}


@dataclass(frozen=True)
class Field:
    """What a condition is about, such as `min(metrics.loss)`."""

    kind: Kind
    key: str
    statistic: str = "last"


def read(text: str, column: int, source: str, language: Language, statistic: str = "") -> Field:
    """`metrics.val/loss`, "params.`a b`", `status` or, in short forms, `loss`; `source` is what it stands in."""
    kind, key = _kind_and_key(text, column, source, language)
    if not statistic:
        return Field(kind, key)
    if kind is Kind.ANY:
        kind = Kind.METRIC
    if kind is not Kind.METRIC:
        message = f"{statistic}() at character {column + 1} is of metrics alone. Write {statistic}(metrics.loss)."
        raise SearchError(message, column, source)
    return Field(kind, key, statistic.lower())


def _kind_and_key(text: str, column: int, source: str, language: Language) -> tuple[Kind, str]:
    head, dot, rest = text.partition(".")
    if not dot or text[0] in '`"':
        return _alone(unquoted(text), column, source, language)
    kind = language.entities.get(head.strip())
    if kind is None:
        return _unknown_kind(text, column, source, language)
    key = unquoted(rest.strip())
    if not key:
        raise SearchError(f"A key is missing after {head}. at character {column + 1}.", column, source)
    if kind is Kind.DATASET and key not in DATASET_KEYS:
        raise SearchError(f"Datasets have no {key[:80]!r}. Use one of {', '.join(DATASET_KEYS)}.", column, source)
    return kind, _attribute(key, column, source, language.attributes) if kind is Kind.ATTRIBUTE else key


def _alone(name: str, column: int, source: str, language: Language) -> tuple[Kind, str]:
    if language.short_forms and name and name not in language.attributes:
        return Kind.ANY, name
    return Kind.ATTRIBUTE, _attribute(name, column, source, language.attributes)


def _unknown_kind(text: str, column: int, source: str, language: Language) -> tuple[Kind, str]:
    head, _, rest = text.partition(".")
    near = get_close_matches(head.strip(), language.entities, 1)
    if language.short_forms and not near:
        return Kind.ANY, text
    known = ", ".join(f"{kind}." for kind in dict.fromkeys(language.entities.values()))
    hint = f"Did you mean {language.entities[near[0]]}.{rest}?" if near else f"Use one of {known}"
    raise SearchError(f"Unknown kind {head.strip()[:80]!r} at character {column + 1}. {hint}", column, source)


def _attribute(name: str, column: int, source: str, known: Mapping[str, str]) -> str:
    if name in known:
        return known[name]
    near = get_close_matches(name, known, 1)
    hint = f"Did you mean {near[0]}?" if near else f"Metrics are written metrics.{name[:80]}, params and tags alike."
    raise SearchError(f"Unknown attribute {name[:80]!r} at character {column + 1}. {hint}", column, source)


def unquoted(text: str) -> str:
    """A key or word without the quotes round it; a quote inside is written twice."""
    if len(text) < 2 or text[0] != text[-1] or text[0] not in "`\"'":
        return text
    quote = text[0]
    return text[1:-1] if quote == '"' else text[1:-1].replace(quote * 2, quote)


def refuse_unfinished(word: Token, language: Language) -> None:
    """A field on its own, such as `metrics.loss`, of which nothing is said."""
    head, dot, _ = str(word).partition(".")
    if dot and head in language.entities:
        read(str(word), word.start_pos or 0, "filter", language)
        end = word.end_pos or 0
        raise SearchError(f"{word} needs a comparator after it, as in {word} = 1, or has({word}).", end)


def operator_name(operator: Token) -> str:
    """As the manual writes it."""
    return " ".join(str(operator).upper().split())


def operator_of(operator: Token, field: Field, language: Language) -> str:
    """The operator, known and fit for the field."""
    name = operator_name(operator)
    if name not in OPERATORS:
        near = _MEANT.get(name)
        hint = f"Did you mean '{near}'?" if near else f"Use one of: {', '.join(OPERATORS)}."
        column = operator.start_pos or 0
        raise SearchError(f"Unknown comparator '{name}' at character {column + 1}. {hint}", column)
    allowed = language.operators(field.kind, field.key)
    if name not in allowed:
        named = f"{field.kind}.{field.key}"
        raise at(operator, f"{name} can't be used on {named}. Use one of: {', '.join(allowed)}")
    return name
