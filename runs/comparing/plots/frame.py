"""The table behind the plots: a row a contender, a column a param that varies or a metric."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from experiments.models import Direction
from runs.comparing.contenders import Contender
from runs.comparing.metrics import MetricTable
from runs.comparing.params import Value, meaning
from runs.configurations import is_seed

Kind = Literal["number", "log", "category"]
Cell = float | str | None

#: Where the largest is so many times the smallest, magnitudes matter and not distances.
LOG_RATIO = 50
#: A text with more different values than this is a name, and no category.
MOST_CATEGORIES = 40
DURATION = "duration (s)"


@dataclass(frozen=True)
class Column:
    """A column. Values are numbers, or texts of a category, or None where a contender has none."""

    name: str
    kind: Kind
    values: tuple[Cell, ...]
    direction: Direction | None = None

    @property
    def is_number(self) -> bool:
        """Its values can be reckoned with."""
        return self.kind != "category"

    @cached_property
    def numbers(self) -> tuple[float | None, ...]:
        """Its values; those of a category as the places of their texts in order."""
        if self.is_number:
            return tuple(value if isinstance(value, float) else None for value in self.values)
        places = {text: float(place) for place, text in enumerate(self.categories)}
        return tuple(places[value] if isinstance(value, str) else None for value in self.values)

    @cached_property
    def categories(self) -> list[str]:
        """The texts of a category, in order; numbers among them by size."""
        texts = {value for value in self.values if isinstance(value, str)}
        return sorted(texts, key=lambda text: (_number(text) is None, _number(text) or 0.0, text))

    @property
    def distinct(self) -> int:
        """How many different values there are."""
        return len({value for value in self.values if value is not None})


class Frame:
    """The contenders as rows."""

    def __init__(
        self, contenders: Sequence[Contender], params: Mapping[str, Mapping[int, Value]], metrics: MetricTable
    ) -> None:
        self.contenders, self._params, self._metrics = contenders, params, metrics

    @cached_property
    def params(self) -> list[Column]:
        """Params that vary, but for seeds and for names."""
        made = (self._param(key, by_run) for key, by_run in self._params.items() if not is_seed(key))
        return [column for column in made if column is not None and column.distinct > 1]

    @cached_property
    def metrics(self) -> list[Column]:
        """Metrics that some two contenders have, in the statistic of the page, and how long runs took."""
        made = [
            Column(row.key, "number", tuple(_finite(cell.value) for cell in row.cells), row.direction)
            for row in self._metrics.rows
        ]
        made.append(Column(DURATION, "number", tuple(map(_seconds, self.contenders)), Direction.MIN))
        return [column for column in made if column.distinct > 1]

    def named(self, name: str) -> Column | None:
        """The column of a name."""
        return next((column for column in [*self.params, *self.metrics] if column.name == name), None)

    def _param(self, key: str, by_run: Mapping[int, Value]) -> Column | None:
        values = [_agreed([by_run.get(run.pk) for run in contender.runs]) for contender in self.contenders]
        there = [value for value in values if value is not None]
        numbers = [value.number for value in there]
        if there and all(number is not None and math.isfinite(number) for number in numbers):
            found = tuple(None if value is None else value.number for value in values)
            return Column(key, _scale(number for number in numbers if number is not None), found)
        column = Column(key, "category", tuple(None if value is None else _text(value) for value in values))
        return column if column.distinct <= MOST_CATEGORIES else None


def _agreed(values: Sequence[Value | None]) -> Value | None:
    """What all runs of a contender have alike."""
    first = values[0]
    if first is None or any(value is None or meaning(*value) != meaning(*first) for value in values):
        return None
    return first


def _text(value: Value) -> str:
    kind, meant = meaning(*value)
    return str(meant) if kind == "boolean" else value.text[:60]


def _scale(numbers: Iterable[float]) -> Kind:
    found = list(numbers)
    return "log" if min(found) > 0 and max(found) / min(found) >= LOG_RATIO else "number"


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _seconds(contender: Contender) -> float | None:
    lengths = [run.duration_ms for run in contender.runs if run.duration_ms is not None]
    return sum(lengths) / len(lengths) / 1000 if lengths else None


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
