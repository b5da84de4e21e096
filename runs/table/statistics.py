"""What many values come to: mean with its spread, or median with its ends."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from trackerweb.formatting import significant

#: 97.5 % points of Student's t by degrees of freedom. Source: tables, as of NIST/SEMATECH e-Handbook 1.3.6.7.2.
_T = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
    2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
    2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip
_NORMAL = 1.95996


@dataclass(frozen=True)
class Summary:
    """`middle` is a mean or a median; `spread` is beside it on both sides, or `low` and `high` are the ends."""

    count: int
    middle: float
    spread: float | None = None
    low: float | None = None
    high: float | None = None

    def in_words(self, decimals: int) -> str:
        """What stands beside the middle: `± 0.0016`, or `0.1 to 0.3`; nothing for a single value."""
        if self.low is not None and self.high is not None:
            return f"{significant(self.low, decimals)} to {significant(self.high, decimals)}"
        return "" if self.spread is None else f"± {significant(self.spread, decimals)}"


def summarise(values: list[float], how: str) -> Summary | None:
    """Values, none of them NaN, as their mean with `sd` (standard deviation, n - 1), `se` (standard error) or `ci`
    (half the 95 % confidence interval, by Student's t), or as their `median` with lowest and highest. None for none.
    """
    if not values:
        return None
    if how == "median":
        return Summary(len(values), _median(values), low=min(values), high=max(values))
    mean = _mean(values)
    return Summary(len(values), mean, spread=_spread(values, mean, how))


def middle(values: list[float], how: str) -> float:
    """The mean or the median of some values, none of them NaN."""
    return _median(values) if how == "median" else _mean(values)


def _median(values: list[float]) -> float:
    values.sort()
    half = len(values) // 2
    return values[half] if len(values) % 2 else (values[half - 1] + values[half]) / 2


def _mean(values: Sequence[float]) -> float:
    try:
        return math.fsum(values) / len(values)
    except (OverflowError, ValueError):
        return sum(values) / len(values)


def _spread(values: Sequence[float], mean: float, how: str) -> float | None:
    """None for a single value: nobody knows."""
    count = len(values)
    if count < 2 or not math.isfinite(mean):
        return None
    # Around the mean, so that nothing cancels out: a plain sum is exact enough.
    deviation = math.sqrt(sum([(value - mean) * (value - mean) for value in values]) / (count - 1))
    if not math.isfinite(deviation):
        return None
    error = deviation / math.sqrt(count)
    return {"sd": deviation, "se": error, "ci": error * t_95(count - 1)}[how]


def t_95(freedom: int) -> float:
    """How many standard errors half of a 95 % confidence interval has."""
    if freedom <= len(_T):
        return _T[freedom - 1]
    # Cornish and Fisher's expansion, within 0.001 from there on.
    first = (_NORMAL**3 + _NORMAL) / 4
    second = (5 * _NORMAL**5 + 16 * _NORMAL**3 + 3 * _NORMAL) / 96
    return _NORMAL + first / freedom + second / freedom**2
