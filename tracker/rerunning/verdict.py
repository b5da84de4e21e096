"""Whether a rerun came out as the run before: params equal, last values of metrics within a tolerance."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TypeVar

#: Relative. What is summed in another order, by more threads say, differs by less.
TOLERANCE = 1e-9
#: What machines measure about themselves is never the same.
SYSTEM = "system/"

_Value = TypeVar("_Value", str, float)


@dataclass(frozen=True)
class Difference:
    """A param or metric before and after; None where one side does not have it."""

    key: str
    before: str | float | None
    after: str | float | None

    @property
    def words(self) -> str:
        """`accuracy 0.91 → 0.92 (+1.1 %)`."""
        before, after = ("none" if value is None else f"{value}" for value in (self.before, self.after))
        if not isinstance(self.before, float) or not isinstance(self.after, float):
            return f"{self.key} {before} → {after}"
        change = (self.after - self.before) / abs(self.before) if self.before else math.inf
        return f"{self.key} {before} → {after}" + (f" ({change:+.2g} of it)" if math.isfinite(change) else "")


@dataclass(frozen=True)
class Verdict:
    """What differs between a run and its rerun, and how many were equal."""

    params: tuple[Difference, ...]
    metrics: tuple[Difference, ...]
    equal_params: int
    equal_metrics: int

    @property
    def is_reproduced(self) -> bool:
        """Nothing differs, and there was something that could have."""
        return not self.params and not self.metrics and self.equal_params + self.equal_metrics > 0


def verdict(
    before: tuple[Mapping[str, str], Mapping[str, float]],
    after: tuple[Mapping[str, str], Mapping[str, float]],
    tolerance: float = TOLERANCE,
) -> Verdict:
    """Hold (params, last values of metrics) of a run against those of its rerun."""
    params, equal_params = _compared(before[0], after[0], is_same)
    metrics, equal_metrics = _compared(
        _own(before[1]), _own(after[1]), lambda one, other: is_close(one, other, tolerance)
    )
    return Verdict(params, metrics, equal_params, equal_metrics)


def is_same(one: str, other: str) -> bool:
    """Whether two params say the same: 0.1 is 1e-1."""
    if one == other:
        return True
    try:
        return Decimal(one) == Decimal(other)
    except InvalidOperation:
        return False


def is_close(one: float, other: float, tolerance: float) -> bool:
    """Whether two values differ by no more than a part of the larger; NaN is NaN."""
    if math.isnan(one) or math.isnan(other):
        return math.isnan(one) and math.isnan(other)
    return math.isclose(one, other, rel_tol=tolerance, abs_tol=0.0)


def _own(metrics: Mapping[str, float]) -> dict[str, float]:
    return {key: value for key, value in metrics.items() if not key.startswith(SYSTEM)}


def _compared(
    one: Mapping[str, _Value], other: Mapping[str, _Value], is_equal: Callable[[_Value, _Value], bool]
) -> tuple[tuple[Difference, ...], int]:
    keys = sorted({*one, *other})
    unlike = [key for key in keys if key not in one or key not in other or not is_equal(one[key], other[key])]
    return tuple(Difference(key, one.get(key), other.get(key)) for key in unlike), len(keys) - len(unlike)
