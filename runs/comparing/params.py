"""Params side by side: what differs from the base, by what values mean and not by how they are spelled."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any, Literal, NamedTuple

from runs.comparing.contenders import Contender
from runs.models import Param, Run
from runs.sections import by_prefix, without_prefix

CellState = Literal["base", "same", "changed", "missing", "absent"]
Meaning = tuple[str, Any]

#: `optimizer/lr` and `optimizer.lr`.
SEPARATORS = "/."
#: Beyond so many characters a value does not fit its column.
SHORT = 24
_SPREAD_START, _SPREAD_WIDTH = 4.0, 80.0
_LOG_RATIO = 50


class Value(NamedTuple):
    """A param of a run: its text, and the number that it is, if it is one."""

    text: str
    number: float | None


@dataclass(frozen=True)
class ParamCell:
    """One contender's value of a param against the base's. Of repetitions that differ, `text` says how many values."""

    state: CellState
    text: str = ""
    is_set: bool = True
    is_number: bool = False
    title: str = ""

    @property
    def is_long(self) -> bool:
        """Does not fit its column."""
        return len(self.text) > SHORT


@dataclass(frozen=True)
class Dot:
    """A value's place on the spread bar, in the bar's own units, and its run's colour."""

    x: float
    token: str


@dataclass(frozen=True)
class ParamRow:
    """A key, its cells in the order of the contenders, and where its numbers lie between the lowest and the highest."""

    key: str
    cells: list[ParamCell]
    differs: bool
    spread: list[Dot] = field(default_factory=list)

    @property
    def label(self) -> str:
        """The key below its section's heading."""
        return without_prefix(self.key, SEPARATORS)

    @property
    def is_numeric(self) -> bool:
        """All values that are there are numbers."""
        return all(cell.is_number for cell in self.cells if cell.is_set)

    def at(self, places: Sequence[int]) -> "ParamRow":
        """The row with some of its cells."""
        return replace(self, cells=[self.cells[place] for place in places])


@dataclass(frozen=True)
class ParamSection:
    """Rows to show under one heading, and how many of its keys differ."""

    name: str
    rows: list[ParamRow]
    differing: int
    total: int


def values_of(runs: Sequence[Run]) -> dict[str, dict[int, Value]]:
    """The params of runs by key and then by run, keys in order. One query."""
    found: dict[str, dict[int, Value]] = {}
    rows = Param.objects.filter(run__in=[run.pk for run in runs]).order_by("key")
    for run, key, text, number in rows.values_list("run_id", "key", "value", "number"):
        found.setdefault(key, {})[run] = Value(text, number)
    return found


class ParamTable:
    """All params of the contenders."""

    def __init__(self, contenders: Sequence[Contender], values: Mapping[str, Mapping[int, Value]]) -> None:
        self._contenders, self._values = contenders, values

    @cached_property
    def rows(self) -> list[ParamRow]:
        """Every key, in order."""
        return [self._row(key, by_run) for key, by_run in self._values.items()]

    @property
    def differing(self) -> int:
        """How many params differ."""
        return sum(row.differs for row in self.rows)

    def differences(self, place: int) -> int:
        """In how many params a contender differs from the base."""
        return sum(row.cells[place].state in ("changed", "missing") for row in self.rows)

    def sections(self, equal: bool, places: Sequence[int]) -> list[ParamSection]:
        """Rows by prefix with the cells at `places`, differing ones first; equal ones are left out unless asked for."""
        made = []
        for section in by_prefix(self.rows, lambda row: row.key, SEPARATORS):
            differing = [row for row in section.items if row.differs]
            rows = differing + [row for row in section.items if not row.differs] if equal else differing
            shown = [row.at(places) for row in rows]
            made.append(ParamSection(section.name, shown, len(differing), len(section.items)))
        return [section for section in made if section.rows]

    def _row(self, key: str, by_run: Mapping[int, Value]) -> ParamRow:
        values = [[by_run.get(run.pk) for run in contender.runs] for contender in self._contenders]
        meanings = [_meanings(group) for group in values]
        cells = [_cell(place, group, meanings) for place, group in enumerate(values)]
        return ParamRow(key, cells, differs=len(set(meanings)) > 1, spread=self._spread(values))

    def _spread(self, values: Sequence[Sequence[Value | None]]) -> list[Dot]:
        """Later ones are drawn first, so that the base lies on top; of several in one place one is drawn."""
        given = [
            (value.number, contender.colour.token)
            for contender, group in zip(self._contenders, values, strict=True)
            for value in group
            if value is not None and value.number is not None and math.isfinite(value.number)
        ]
        place = _scale([number for number, _ in given])
        if place is None:
            return []
        dots = {round(place(number), 1): token for number, token in reversed(given)}
        return [Dot(x, token) for x, token in dots.items()]


def meaning(text: str, number: float | None) -> Meaning:
    """What a param's text stands for, so that 0.1 equals 0.10 and 1e-1, and True equals true, and "1" is not True."""
    if number is not None:
        try:
            return "number", Decimal(text)
        except InvalidOperation:
            return "number", number
    if text.lower() in ("true", "false"):
        return "boolean", text.lower()
    return "text", text


def _meanings(group: Sequence[Value | None]) -> frozenset[Meaning]:
    """What the runs of a contender say; nothing where none has the param."""
    return frozenset(meaning(*value) for value in group if value is not None)


def _cell(place: int, group: Sequence[Value | None], meanings: Sequence[frozenset[Meaning]]) -> ParamCell:
    mine, base = meanings[place], meanings[0]
    there = [value for value in group if value is not None]
    is_same = len(mine) == 1
    return ParamCell(
        state=_state(place, mine, base),
        text=there[0].text if is_same else f"{len(mine)} values" if mine else "",
        is_set=bool(mine),
        is_number=is_same and there[0].number is not None,
        title="" if is_same else ", ".join(dict.fromkeys(value.text for value in there))[:1000],
    )


def _state(place: int, mine: frozenset[Meaning], base: frozenset[Meaning]) -> CellState:
    if place == 0:
        return "base"
    if mine == base:
        return "same" if mine else "absent"
    return "changed" if mine else "missing"


def _scale(numbers: Sequence[float]) -> Any:
    """A function from a number to its place on the spread bar: by its logarithm where magnitudes differ.

    None where all are the same.
    """
    if not numbers or min(numbers) == max(numbers):
        return None
    low, high = min(numbers), max(numbers)
    if low > 0 and high / low >= _LOG_RATIO:
        low, width = math.log(low), math.log(high) - math.log(low)
        return lambda number: _SPREAD_START + _SPREAD_WIDTH * (math.log(number) - low) / width
    # Halved first: the difference of two huge numbers is no number.
    return lambda number: _SPREAD_START + _SPREAD_WIDTH * ((number / 2 - low / 2) / (high / 2 - low / 2))
