"""Groups of runs: of all runs of a filter, not of a page. A group opens into the next level, at last into its runs."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from experiments.models import Direction
from runs.configurations import is_seed
from runs.models import Metric, Param, Run, Tag
from runs.search import SearchError, grammar, tree
from runs.search.languages import SPELLED_OUT, Kind
from runs.search.tree import Clause
from runs.table.columns import Column
from runs.table.state import BY_SEEDS, State
from runs.table.statistics import Summary, summarise

#: What runs can be grouped by beside params, tags and their seeds, and what it is called.
FIELDS = {
    "status": "Status",
    "day": "Day",
    "git_commit": "Commit",
    "source_name": "Script",
    "user_id": "User",
    "experiment": "Experiment",
}
_COLUMNS = {
    "status": "status",
    "day": "start_time",
    "git_commit": "git_commit",
    "source_name": "source_name",
    "user_id": "user",
    "experiment": "experiment__name",
}
_DAY = 86_400_000
#: With fewer runs on a page of groups than this, their values are looked up run by run; otherwise key by key.
_FEW_RUNS = 2000


@dataclass(frozen=True)
class Level:
    """What runs are grouped by at one level. `text` is how an address says it."""

    text: str
    label: str
    kind: Kind | None = None
    key: str = ""

    @classmethod
    def of(cls, text: str) -> "Level | None":
        """Read `seeds`, `params.lr`, `tags.team` or a field; None for anything else."""
        if text == BY_SEEDS:
            return cls(text, "all params but seeds")
        if text in FIELDS:
            return cls(text, FIELDS[text], Kind.ATTRIBUTE, text)
        try:
            (order,) = grammar.parse_order([text], SPELLED_OUT)
        except SearchError:
            return None
        return cls(text, order.key, order.kind, order.key) if order.kind in (Kind.PARAM, Kind.TAG) else None

    @property
    def is_seeds(self) -> bool:
        """Whether it groups repetitions."""
        return self.text == BY_SEEDS

    def values(self, found: Any) -> dict[int, Any]:
        """The value of each run that has one, by the run's key."""
        if self.is_seeds:
            return dict(found.values_list("pk", "configuration"))
        if self.kind is Kind.ATTRIBUTE:
            values = dict(found.values_list("pk", _COLUMNS[self.key]))
            return {pk: value // _DAY for pk, value in values.items()} if self.key == "day" else values
        model = Param if self.kind is Kind.PARAM else Tag
        return dict(model.objects.filter(key=self.key).values_list("run_id", "value"))

    def clause(self, value: Any, member: str) -> str:
        """The condition that a run of a group meets, as a filter; `member` is the run_id of one of them."""
        if self.is_seeds:
            return tree.printed(Clause(Kind.ATTRIBUTE, "same_params_as", "=", member), SPELLED_OUT)
        if self.key == "day" and self.kind is Kind.ATTRIBUTE:
            return f"start_time = '{_day(value)}'"
        column = _COLUMNS[self.key] if self.kind is Kind.ATTRIBUTE else self.key
        assert self.kind is not None
        if value in (None, "") and (value is None or self.kind is Kind.ATTRIBUTE):
            return tree.printed(Clause(self.kind, column, "IS NULL", None), SPELLED_OUT)
        return tree.printed(Clause(self.kind, column, "=", value), SPELLED_OUT)

    def words(self, value: Any) -> str:
        """A value for people."""
        if self.key == "day" and self.kind is Kind.ATTRIBUTE:
            return _day(value)
        return "none" if value in (None, "") else str(value)


def _day(number: int) -> str:
    try:
        return f"{datetime.fromtimestamp(number * _DAY / 1000, UTC):%Y-%m-%d}"
    except (OverflowError, ValueError, OSError):
        return str(number)


@dataclass
class Group:
    """Runs with one value: how many, the newest of them, and what their metrics come to."""

    value: Any
    runs: list[int]
    newest: int
    newest_start: int
    summaries: dict[str, Summary]
    sample: Run | None = None


@dataclass(frozen=True)
class GroupRow:
    """A group with its cells; `address` opens it as a page of its own."""

    group: Group
    label: str
    address: str
    params: list[tuple[Column, str | None]]
    metrics: list[tuple[Column, Summary | None, bool]]

    @property
    def size(self) -> int:
        """Its runs."""
        return len(self.group.runs)


class Groups:
    """The runs found, grouped at the first of some levels."""

    def __init__(self, found: Any, state: State, level: Level) -> None:
        self._found, self._state, self.level = found.order_by(), state, level

    @cached_property
    def all(self) -> list[Group]:
        """Every group, in the order asked for."""
        values = self.level.values(self._found)
        groups: dict[Any, Group] = {}
        for pk, start in self._found.values_list("pk", "start_time"):
            value = values.get(pk)
            group = groups.get(value)
            if group is None:
                groups[value] = Group(value, [pk], pk, start, {})
                continue
            group.runs.append(pk)
            if start > group.newest_start:
                group.newest, group.newest_start = pk, start
        return self._sorted(list(groups.values()))

    @property
    def run_count(self) -> int:
        """Runs in all of the groups."""
        return sum(len(group.runs) for group in self.all)

    def _sorted(self, groups: list[Group]) -> list[Group]:
        column = self.sorted_by
        if column is not None:
            self.summarise(groups, [column])
            return sorted(groups, key=lambda group: _rank(group.summaries.get(column.field), self._state.descending))
        if self._state.sort == "start_time" or self.level.is_seeds:
            return sorted(groups, key=lambda group: -group.newest_start)
        return sorted(groups, key=lambda group: _natural(group.value))

    @property
    def sorted_by(self) -> Column | None:
        """The metric that the groups are sorted by, if it is one."""
        order = next(iter(grammar.parse_order(self._state.order, SPELLED_OUT)), None)
        if order is None or order.kind is not Kind.METRIC:
            return None
        return Column(order.kind, order.key, order.statistic)

    def summarise(self, groups: Sequence[Group], columns: Iterable[Column]) -> None:
        """Fill in what the metrics of these columns come to."""
        owners = {pk: group for group in groups for pk in group.runs}
        for column in columns:
            values: dict[int, list[float]] = defaultdict(list)
            for pk, value in self._values(column, owners):
                group = owners.get(pk)
                if group is not None:
                    values[id(group)].append(value)
            for group in groups:
                summary = summarise(values[id(group)], self._state.spread)
                if summary is not None:
                    group.summaries[column.field] = summary

    def _values(self, column: Column, owners: dict[int, Group]) -> Iterable[tuple[int, float]]:
        rows = Metric.objects.filter(key=column.key, **{f"{column.statistic}__isnull": False})
        if len(owners) <= _FEW_RUNS:
            rows = rows.filter(run__in=list(owners))
        return rows.order_by().values_list("run_id", column.statistic)


def _rank(summary: Summary | None, descending: bool) -> tuple[bool, float]:
    if summary is None:
        return True, 0.0
    return False, -summary.middle if descending else summary.middle


def _natural(value: Any) -> tuple[int, float, str]:
    """Numbers first, as numbers; then texts; nothing last."""
    if value in (None, ""):
        return 2, 0.0, ""
    try:
        return 0, float(value), ""
    except (TypeError, ValueError):
        return 1, 0.0, str(value)


def best_of(rows: Sequence[Summary | None], better: Direction | None) -> float | None:
    """The best of some means."""
    middles = [row.middle for row in rows if row is not None]
    if better is None or len(middles) < 2:
        return None
    return max(middles) if better is Direction.MAX else min(middles)


def seed_ranges(groups: Sequence[Group], keys: Sequence[str]) -> dict[int, dict[str, str]]:
    """For each group (by its newest run) what its seeds are: `1–5`, or how many there are."""
    seeds = [key for key in keys if is_seed(key)]
    owners = {pk: group.newest for group in groups for pk in group.runs}
    if not seeds or len(owners) > _FEW_RUNS:
        return {}
    values: dict[int, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    rows = Param.objects.filter(run__in=list(owners), key__in=seeds)
    for pk, key, value in rows.values_list("run_id", "key", "value"):
        values[owners[pk]][key].add(value)
    return {newest: {key: _range(found) for key, found in by_key.items()} for newest, by_key in values.items()}


def _range(values: set[str]) -> str:
    if len(values) == 1:
        return next(iter(values))
    if all(value.isdigit() and len(value) < 10 for value in values):
        return f"{min(map(int, values))}–{max(map(int, values))}"
    return f"{len(values)} values"
