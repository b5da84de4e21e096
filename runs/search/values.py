"""What stands right of an operator: numbers, texts, times, durations and patterns."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import re2

from runs.search import moments
from runs.search.errors import at
from runs.search.fields import Field
from runs.search.languages import COMPARE, RANGE, Kind, Language
from runs.search.tree import Value

MAX_PATTERN = 1000
_PATTERN_OPTIONS = re2.Options()
_PATTERN_OPTIONS.log_errors = False
#: Written without quotes, a status need not be in upper case.
_STATUS = Field(Kind.ATTRIBUTE, "status")
_WHOLE = re.compile(r"[0-9]{1,18}")
_ORDERED = ("<", "<=", ">", ">=", *RANGE)


@dataclass(frozen=True)
class Values:
    """Reads values of one language; `now` is what ages count from, in milliseconds."""

    language: Language
    now: int

    def read(self, field: Field, operator: str, tokens: Sequence[Any]) -> tuple[str, Any]:
        """The operator and the value of a condition: `= '2026-11-01'` is a range, the day.

        Errors: SearchError at the token that does not fit.
        """
        if not tokens:
            return operator, None
        if operator in ("=", "!=") and self._is_time(field) and moments.is_day(_bare(tokens[0])):
            start = self.one(field, operator, tokens[0])
            assert isinstance(start, float)
            return RANGE[operator == "!="], (start, moments.end_of_day(start))
        read = tuple(self.one(field, operator, token) for token in tokens)
        if len({type(value) for value in read}) > 1:
            text = next(token for token, value in zip(tokens, read, strict=True) if isinstance(value, float))
            raise at(text, f"The list holds text and numbers. Put {text} in quotes: '{text}'")
        return operator, read if operator in RANGE or operator.endswith("IN") else read[0]

    def one(self, field: Field, operator: str, token: Any) -> Value:
        """A single value."""
        if self._is_time(field) and token.type != "NUMBER":
            return self._time(token)
        if field.kind is Kind.ATTRIBUTE and field.key in self.language.spans and token.type != "NUMBER":
            return _span(token)
        if self.language.is_numeric(field.kind, field.key):
            return _quoted_number(token) if field.key in self.language.quotable else _number(token)
        if field.kind in (Kind.PARAM, Kind.ANY) and token.type == "NUMBER" and _takes_numbers(operator):
            return _number(token)
        text = self._text(field, operator, token)
        if operator in ("~", "!~"):
            _refuse_bad_pattern(token, text)
        return self._choice(field, token, text)

    def _is_time(self, field: Field) -> bool:
        return field.kind is Kind.ATTRIBUTE and field.key in self.language.times

    def _time(self, token: Any) -> float:
        found = moments.read_time(_bare(token), self.now)
        if found is None:
            raise at(token, f"{token} is no time. Write '2026-11-01', '2026-11-01 14:30' or '2 days ago'")
        return found

    def _text(self, field: Field, operator: str, token: Any) -> str:
        if token.type in ("SINGLE", "DOUBLE"):
            if operator in _ORDERED:
                raise at(token, f"{operator} compares numbers. Write {_bare(token) or 0} without quotes")
            return _bare(token)
        if operator in _ORDERED:
            raise at(token, f"{operator} compares numbers, and {str(token)[:80]} is none")
        if self.language.short_forms:
            return str(token).upper() if field == _STATUS else str(token)
        name = field.key if field.kind is Kind.ANY else f"{field.kind}.{field.key}"
        raise at(token, f"{name} is text. Put {str(token)[:80]} in quotes: '{str(token)[:80]}'")

    def _choice(self, field: Field, token: Any, text: str) -> str:
        choices = (self.language.choices or {}).get(field.key) if field.kind is Kind.ATTRIBUTE else None
        if choices is None:
            return text
        if text.upper() not in choices:
            raise at(token, f"{field.key} is never {text[:80]!r}. Use one of {', '.join(choices)}")
        return text.upper()


def _takes_numbers(operator: str) -> bool:
    return operator in (*COMPARE, *RANGE, "IN", "NOT IN")


def _number(token: Any) -> float:
    if token.type != "NUMBER":
        raise at(token, f"{str(token)[:80]} is not a number. Write it bare, like 0.1")
    return float(str(token))


def _quoted_number(token: Any) -> float:
    text = _bare(token)
    return float(text) if _WHOLE.fullmatch(text) else _number(token)


def _span(token: Any) -> float:
    found = moments.read_span(_bare(token))
    if found is None:
        raise at(token, f"{str(token)[:80]} is no duration. Write '90s', '2h' or '1h 30min', or milliseconds")
    return found


def _bare(token: Any) -> str:
    text = str(token)
    return text[1:-1].replace(text[0] * 2, text[0]) if token.type in ("SINGLE", "DOUBLE") else text


def _refuse_bad_pattern(token: Any, text: str) -> None:
    if len(text) > MAX_PATTERN:
        raise at(token, f"This pattern has {len(text)} characters. {MAX_PATTERN} are allowed")
    try:
        re2.compile(text, _PATTERN_OPTIONS)
    except re2.error as error:
        reason = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
        raise at(token, f"{text[:80]!r} is no regular expression: {reason}") from None
