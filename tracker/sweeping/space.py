"""What a parameter of a sweep may be: one of some texts, or a number in a range."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from tracker.errors import InvalidValue

MOST_VALUES = 10_000
#: More steps than this are not counted: a float does not tell them apart.
MOST_STEPS = 2**53
RANGE_KEYS = ("low", "high", "step", "log", "count")
_HOW = "Write values as 0.1,0.01 and a range as LOW:HIGH, LOW:HIGH:STEP, LOW:HIGH:log or LOW:HIGH:n=5."


@dataclass(frozen=True)
class Values:
    """One of some texts, in the order in which they were given."""

    texts: tuple[str, ...]

    def points(self) -> tuple[str, ...]:
        """Every value, for a grid."""
        return self.texts

    def at(self, share: float) -> str:
        """The value at a share of the way: 0 ≤ share < 1, all values alike."""
        return self.texts[min(int(share * len(self.texts)), len(self.texts) - 1)]

    def holds(self, text: str) -> bool:
        """Whether a text is one of them."""
        return text in self.texts

    def described(self) -> Any:
        """As in a file: a list."""
        return list(self.texts)


@dataclass(frozen=True)
class Range:
    """A number from `low` to `high`, both included; whole where all that was written is, or in steps from `low` on."""

    low: Decimal
    high: Decimal
    step: Decimal | None = None
    is_log: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether its numbers are whole: 1:10 is, 1.0:10 is not."""
        return all(_is_written_whole(bound) for bound in (self.low, self.high, self.step or self.low))

    @property
    def steps(self) -> int | None:
        """How many steps there are above `low`; None where any number will do."""
        if self.step is None and (self.is_log or not self.is_whole):
            return None
        return int((self.high - self.low) // (self.step or 1))

    def points(self) -> tuple[str, ...]:
        """Every value, for a grid.

        Errors: InvalidValue where they can't be counted, or are more than MOST_VALUES.
        """
        if self.steps is None:
            raise InvalidValue("a grid can't try every number of a range: give it a step, or n=5 for five values.")
        if self.steps >= MOST_VALUES:
            raise InvalidValue(f"{self.steps + 1:,} values are too many for a grid, which takes {MOST_VALUES:,}.")
        return tuple(self.step_text(number) for number in range(self.steps + 1))

    def at(self, share: float) -> str:
        """The number at a share of the way: 0 ≤ share < 1, with `log` on the scale of its logarithm."""
        if self.steps is not None:
            return self.step_text(min(int(share * (self.steps + 1)), self.steps))
        # As if every whole number reached half-way to its neighbours, so that the two at the ends are as likely.
        margin = 0.5 if self.is_whole else 0.0
        number = _between(float(self.low) - margin, float(self.high) + margin, share, self.is_log)
        return self.text(min(max(number, float(self.low)), float(self.high)))

    def text(self, number: float) -> str:
        """A number of the range as a program gets it: the nearest step, or whole number, where there are such."""
        if self.steps is not None:
            nearest = round((Decimal(repr(number)) - self.low) / (self.step or 1))
            return self.step_text(min(max(nearest, 0), self.steps))
        return str(round(number)) if self.is_whole else repr(float(number))

    def holds(self, text: str) -> bool:
        """Whether a text is a number of the range."""
        number = _number(text)
        is_written_well = number is not None and (not self.is_whole or _is_written_whole(number))
        return is_written_well and float(self.low) <= float(text) <= float(self.high)

    def described(self) -> Any:
        """As in a file: a mapping of RANGE_KEYS, numbers as they were written."""
        told: dict[str, Any] = {"low": str(self.low), "high": str(self.high)}
        if self.step is not None:
            told["step"] = str(self.step)
        return told | ({"log": True} if self.is_log else {})

    def step_text(self, number: int) -> str:
        """The value so many steps above `low`."""
        return _shown(self.low + number * (self.step or 1), self.is_whole)


Domain = Values | Range
Space = Mapping[str, Domain]


def parsed(said: str, name: str) -> Domain:
    """What `-p NAME=SAID` means: `0.1,0.01`, `1:10`, `0:1:0.25`, `1e-4:0.1:log`, `1e-4:0.1:log:n=4`, or one value.

    Errors: InvalidValue.
    """
    if "," in said:
        return values_of(_words(said, name), name)
    low, *rest = said.split(":")
    if not rest or _number(low) is None:
        return values_of([said], name)
    return range_of({"low": low, "high": rest[0]} | _options(rest[1:], said, name), name)


def described_domain(value: Any, name: str) -> Domain:
    """What a file says of a parameter: a list of values, a mapping of RANGE_KEYS, or one value.

    Errors: InvalidValue.
    """
    if isinstance(value, Mapping):
        return range_of(value, name)
    if isinstance(value, list):
        return values_of([text_of(one, name) for one in value], name)
    text = text_of(value, name)
    if isinstance(parsed_or_none(text, name), Range):
        raise InvalidValue(f"{name}: {text!r} is how the command line says a range. Write {{low: …, high: …}}.")
    return values_of([text], name)


def parsed_or_none(text: str, name: str) -> Domain | None:
    """What a text would mean on the command line; None where it is a mistake there."""
    try:
        return parsed(text, name)
    except InvalidValue:
        return None


def values_of(texts: Sequence[str], name: str) -> Values:
    """Some values, none of them twice.

    Errors: InvalidValue.
    """
    if not texts or len(texts) > MOST_VALUES:
        raise InvalidValue(f"{name}: {len(texts):,} values. Give 1 to {MOST_VALUES:,}.")
    twice = next((text for place, text in enumerate(texts) if text in texts[:place]), None)
    if twice is not None:
        raise InvalidValue(f"{name}: the value {twice!r} is there twice. Name each once.")
    return Values(tuple(texts))


def range_of(fields: Mapping[str, Any], name: str) -> Domain:
    """A range of the fields RANGE_KEYS; with `count` so many values of it, evenly spread, its ends among them.

    Errors: InvalidValue.
    """
    unknown = sorted(str(key) for key in fields if key not in RANGE_KEYS)
    if unknown:
        raise InvalidValue(f"{name}: a range has no {unknown[0]!r}; it has {', '.join(RANGE_KEYS)}.")
    low, high = (_needed(fields, key, name) for key in ("low", "high"))
    step = None if fields.get("step") is None else _needed(fields, "step", name)
    made = Range(low, high, step, _flag(fields.get("log", False), name))
    _check(made, name)
    count = fields.get("count")
    return made if count is None else _spread(made, count, name)


def text_of(value: Any, name: str) -> str:
    """A value of a file as a program gets it: `true` and `false` as YAML writes them, numbers as Python does.

    Errors: InvalidValue for what is no plain value.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise InvalidValue(f'{name}: {str(value)[:60]!r} is no value. Write a text or a number; "" for none.')


def _words(said: str, name: str) -> list[str]:
    """Values with commas between them; one in quotes may hold commas itself."""
    try:
        return next(csv.reader([said], skipinitialspace=True, strict=True))
    except csv.Error as error:
        raise InvalidValue(f"{name}: {said[:80]!r} can't be split at its commas: {error}.") from None


def _options(words: Iterable[str], said: str, name: str) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for word in words:
        key, value = ("log", True) if word == "log" else ("step", word)
        if word.startswith("n="):
            key, value = "count", word[2:]
        if key in told:
            raise InvalidValue(f"{name}: {said!r} says its {key} twice. {_HOW}")
        told[key] = value
    return told


def _needed(fields: Mapping[str, Any], key: str, name: str) -> Decimal:
    number = _number(fields.get(key))
    if number is None:
        raise InvalidValue(f"{name}: {key}={fields.get(key)!r} is no number. {_HOW}")
    return number


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    # Beyond what a float holds there is nothing to choose from.
    return number if number.is_finite() and math.isfinite(float(number)) else None


def _flag(value: Any, name: str) -> bool:
    if not isinstance(value, bool):
        raise InvalidValue(f"{name}: log={value!r} is not true or false.")
    return value


def _check(made: Range, name: str) -> None:
    if made.low > made.high:
        raise InvalidValue(f"{name}: low={made.low} is above high={made.high}. Swap them.")
    if not math.isfinite(float(made.high) - float(made.low)):
        raise InvalidValue(f"{name}: from low={made.low} to high={made.high} is too far. Narrow it.")
    if made.step is not None and made.step <= 0:
        raise InvalidValue(f"{name}: step={made.step} is not above 0.")
    if (made.step is not None or made.is_whole) and made.high - made.low > MOST_STEPS * (made.step or 1):
        raise InvalidValue(f"{name}: high={made.high} is more than 2^53 steps above low={made.low}. Take larger steps.")
    if made.is_log and float(made.low) <= 0:
        raise InvalidValue(f"{name}: low={made.low} has no logarithm. Start above 0, or leave log out.")
    if made.is_log and made.step is not None:
        raise InvalidValue(f"{name}: a range takes log or a step, not both. n=5 gives five values on the log scale.")


def _spread(made: Range, count: Any, name: str) -> Values:
    number = _number(count)
    if number is None or number != int(number) or not 2 <= number <= MOST_VALUES or made.step is not None:
        raise InvalidValue(f"{name}: count={count!r} is no number of values. Write 2 to {MOST_VALUES:,}, and no step.")
    shares = [place / (int(number) - 1) for place in range(int(number))]
    inner = [_between(float(made.low), float(made.high), share, made.is_log) for share in shares[1:-1]]
    ends = _shown(made.low, made.is_whole), _shown(made.high, made.is_whole)
    # Twelve digits: what was reckoned shows no rounding of the last bit (0.001, not 0.0010000000000000002).
    texts = [str(round(one)) if made.is_whole else repr(float(f"{one:.12g}")) for one in inner]
    return values_of(list(dict.fromkeys([ends[0], *texts, ends[1]])), name)


def _between(low: float, high: float, share: float, is_log: bool) -> float:
    if is_log:
        return math.exp(_between(math.log(low), math.log(high), share, False))
    return low * (1 - share) + high * share


def _shown(number: Decimal, is_whole: bool) -> str:
    return str(int(number)) if is_whole else repr(float(number))


def _is_written_whole(number: Decimal) -> bool:
    return number.as_tuple().exponent == 0
