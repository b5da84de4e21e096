"""Whether repetitions of one configuration are better than those of another, in words, with the interval."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from experiments.models import Direction
from runs.comparing.contenders import Contender
from runs.comparing.params import Value
from runs.configurations import is_seed
from runs.table.statistics import t_95
from trackerweb.formatting import change_in_words, decimals_for

#: Fewer values than this have no spread.
LEAST = 2


@dataclass(frozen=True)
class Verdict:
    """A contender against the base: the mean difference, its 95 % interval, and what that means."""

    name: str
    change: float
    low: float
    high: float
    is_better: bool | None
    how: str
    decimals: int

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves no difference out."""
        return self.low > 0 or self.high < 0

    @property
    def words(self) -> str:
        """What a reader can say of it."""
        if not self.is_clear:
            return "no difference beyond chance"
        if self.is_better is None:
            return "higher" if self.change > 0 else "lower"
        return "better" if self.is_better else "worse"

    @property
    def interval(self) -> str:
        """`+0.0022, 95 % interval +0.0010 to +0.0034`."""
        change, low, high = (change_in_words(number, self.decimals) for number in (self.change, self.low, self.high))
        return f"{change}, 95 % interval {low} to {high}"


def verdicts(
    contenders: Sequence[Contender],
    values: Sequence[Mapping[int, float]],
    params: Mapping[str, Mapping[int, Value]],
    direction: Direction | None,
) -> list[Verdict]:
    """Each contender against the first. `values` are one finite number a run, by the run's key, for each contender.

    Runs are paired by their seeds where both sides have the same ones (paired t interval); otherwise the means are
    held against each other (Welch 1947). None for sides with fewer than two runs.
    """
    if not contenders:
        return []
    base = _by_seed(contenders[0], values[0], params)
    decimals = decimals_for(number for numbers in values for number in numbers.values()) + 1
    found = []
    for contender, numbers in zip(contenders[1:], values[1:], strict=True):
        compared = _paired(base, _by_seed(contender, numbers, params)) or _unpaired(values[0], numbers)
        if compared is None:
            continue
        change, half, how = compared
        is_better = None if direction is None else (change > 0) == (direction is Direction.MAX)
        found.append(Verdict(contender.name, change, change - half, change + half, is_better, how, decimals))
    return found


def _by_seed(
    contender: Contender, values: Mapping[int, float], params: Mapping[str, Mapping[int, Value]]
) -> dict[tuple[str, ...], float]:
    """The numbers of a contender by what its seeds are; nothing where seeds do not tell its runs apart."""
    keys = [key for key in params if is_seed(key)]
    found = {}
    for run in contender.runs:
        if run.pk in values:
            seeds = tuple(params[key][run.pk].text if run.pk in params[key] else "" for key in keys)
            found[seeds] = values[run.pk]
    return found if keys and len(found) == len(values) else {}


def _paired(
    base: Mapping[tuple[str, ...], float], other: Mapping[tuple[str, ...], float]
) -> tuple[float, float, str] | None:
    common = [seeds for seeds in base if seeds in other]
    if len(common) < LEAST:
        return None
    changes = [other[seeds] - base[seeds] for seeds in common]
    half = t_95(len(changes) - 1) * stdev(changes) / math.sqrt(len(changes))
    return fmean(changes), half, f"paired over {len(changes)} seeds"


def _unpaired(base: Mapping[int, float], other: Mapping[int, float]) -> tuple[float, float, str] | None:
    if len(base) < LEAST or len(other) < LEAST:
        return None
    parts = [stdev(side.values()) ** 2 / len(side) for side in (base, other)]
    change = fmean(other.values()) - fmean(base.values())
    error = sum(parts)
    if not error:
        return change, 0.0, _sizes(base, other)
    # Welch and Satterthwaite's degrees of freedom, rounded down: the interval is rather too wide.
    freedom = error**2 / sum(part**2 / (len(side) - 1) for part, side in zip(parts, (base, other), strict=True))
    return change, t_95(max(1, math.floor(freedom))) * math.sqrt(error), _sizes(base, other)


def _sizes(base: Mapping[int, float], other: Mapping[int, float]) -> str:
    return f"{len(other)} runs against {len(base)}, not paired"
