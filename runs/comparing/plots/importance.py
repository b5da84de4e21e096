"""Which params matter for a metric: by rank correlation always, by a random forest where scikit-learn is installed."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec

from runs.comparing.plots.frame import Column
from runs.comparing.plots.ranks import ranks, signed, strength

#: Fewer runs than this teach a forest nothing.
FEWEST_RUNS = 10
#: More make the answer slow and hardly other.
MOST_RUNS = 500
TREES, REPEATS = 100, 5
#: Params that a forest sees: those that say most by rank.
MOST_PARAMS = 24


@dataclass(frozen=True)
class Importance:
    """A param: `strength` from 0 to 1, `correlation` from −1 to 1 where it is a number, `share` of the forest's."""

    name: str
    strength: float | None
    correlation: float | None
    share: float | None = None

    @property
    def bar(self) -> float:
        """The length of its bar, from 0 to 100."""
        return 100 * (self.share if self.share is not None else self.strength or 0.0)

    @property
    def correlation_bar(self) -> tuple[float, float]:
        """Where the bar of its correlation begins, and how long it is, on a line from 0 to 100 with 0 in its middle."""
        length = abs(self.correlation or 0.0) * 50
        return (50 - length if (self.correlation or 0) < 0 else 50.0), length

    @property
    def is_positive(self) -> bool:
        """More of it goes with more of the metric."""
        return (self.correlation or 0) > 0


@dataclass(frozen=True)
class Forest:
    """Shares of importance by param, which add up to 1; R² on runs that a tree did not see; over how many runs."""

    shares: dict[str, float]
    r2: float
    runs: int


def by_rank(params: Sequence[Column], target: Column) -> list[Importance]:
    """The params, those that say most first."""
    made = [
        Importance(param.name, strength(param, target), signed(param, target) if param.is_number else None)
        for param in params
    ]
    return sorted(made, key=lambda one: (-(one.strength if one.strength is not None else -1.0), one.name))


def by_forest(ranked: Sequence[Importance], forest: Forest) -> list[Importance]:
    """The params with their shares, those with most first."""
    made = [
        Importance(one.name, one.strength, one.correlation, forest.shares[one.name])
        for one in ranked
        if one.name in forest.shares
    ]
    return sorted(made, key=lambda one: (-(one.share or 0.0), one.name))


def has_forest() -> bool:
    """Whether scikit-learn is installed."""
    return find_spec("sklearn") is not None


def grow_forest(params: Sequence[Column], target: Column) -> Forest | None:
    """Permutation importance (Breiman 2001) in a random forest of regression trees; of many `params` the first.

    None where scikit-learn is not installed, or too few runs have the metric.
    """
    rows = [row for row, number in enumerate(target.numbers) if number is not None][:MOST_RUNS]
    if not has_forest() or len(rows) < FEWEST_RUNS or not params:
        return None
    # It takes a second to load, and few need it: not before it is asked for.
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.inspection import permutation_importance

    columns = [_places(param) for param in params[:MOST_PARAMS]]
    known = [[column[row] for column in columns] for row in rows]
    wanted = _scaled([number for row in rows if (number := target.numbers[row]) is not None])
    forest = RandomForestRegressor(TREES, oob_score=True, random_state=0).fit(known, wanted)
    found = permutation_importance(forest, known, wanted, n_repeats=REPEATS, random_state=0).importances_mean
    positive = [max(0.0, float(value)) for value in found]
    total = sum(positive)
    if not total:
        return None
    shares = {param.name: value / total for param, value in zip(params[:MOST_PARAMS], positive, strict=True)}
    return Forest(shares, float(forest.oob_score_), len(rows))


def _places(param: Column) -> list[float]:
    """Its numbers by rank, which is all that a tree asks for. What is not set lies below all others."""
    there = [number for number in param.numbers if number is not None]
    ranked = dict(zip(there, ranks(there), strict=True))
    return [0.0 if number is None else ranked[number] for number in param.numbers]


def _scaled(numbers: Sequence[float]) -> list[float]:
    """Between −1 and 1: neither R² nor importance asks for a unit, and squares of huge numbers are none."""
    largest = max(map(abs, numbers)) or 1.0
    return [number / largest for number in numbers]
