"""Groups of runs: of all runs of a filter, not of a page. A group opens into the next level, at last into its runs."""

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models.functions import Length

from runs.models import INDEXED_CHARACTERS, Metric, Param, Tag
from runs.search import SearchError, grammar, tree
from runs.search.languages import SPELLED_OUT, Kind
from runs.search.lookups import Head
from runs.search.tree import Clause
from runs.table.columns import Column
from runs.table.state import BY_SEEDS, State
from runs.table.statistics import Summary, middle, summarise

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
FEW_RUNS = 2000


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
            return dict(_read(found.values_list("pk", "configuration")))
        if self.kind is Kind.ATTRIBUTE:
            values = dict(_read(found.values_list("pk", _COLUMNS[self.key])))
            return {pk: value // _DAY for pk, value in values.items()} if self.key == "day" else values
        return _texts(Param if self.kind is Kind.PARAM else Tag, self.key)

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


def _texts(model: type[Param] | type[Tag], key: str) -> dict[int, str]:
    """The values of a key by run. The index has their heads, in a third of the time of reading rows."""
    rows: Any = model.objects.filter(key=key).annotate(head=Head("value"))
    values = dict(_read(rows.values_list("run_id", "head")))
    cut = rows.annotate(size=Length("head")).filter(size=INDEXED_CHARACTERS)
    return values | dict(_read(cut.values_list("run_id", "value")))


def _day(number: int) -> str:
    try:
        return f"{datetime.fromtimestamp(number * _DAY / 1000, UTC):%Y-%m-%d}"
    except (OverflowError, ValueError, OSError):
        return str(number)


@dataclass
class Group:
    """Runs with one value, the key of the newest of them, and what their metrics come to, by the field of a column."""

    value: Any
    runs: list[int]
    newest: int
    summaries: dict[str, Summary] = field(default_factory=dict)


class Groups:
    """The runs found, grouped at the first of some levels. Of 100,000 runs in 60,000 groups, only those of a page are
    made; the others are counted.
    """

    def __init__(self, found: Any, state: State, level: Level) -> None:
        self._found, self._state, self.level = found, state, level

    @cached_property
    def _owners(self) -> dict[int, Any]:
        """The value of each run, the newest run first."""
        values = self.level.values(self._found.order_by())
        newest_first = _read(self._found.order_by("-start_time").values_list("pk"))
        return {pk: values.get(pk) for (pk,) in newest_first}

    @cached_property
    def _newest(self) -> dict[Any, int]:
        """The newest run of each value."""
        # Read from the oldest on, so that the newest stays.
        return {value: pk for pk, value in reversed(self._owners.items())}

    @property
    def count(self) -> int:
        """How many groups there are."""
        return len(self._newest)

    @cached_property
    def signature(self) -> int:
        """Changes when a run joins or leaves a group."""
        return hash(tuple(self._owners.items()))

    @cached_property
    def _ordered(self) -> list[Any]:
        """The values of all groups, in the order asked for."""
        values = list(self._newest)
        column = self._sorted_by
        if column is not None:
            middles = self._middles(column)
            values.sort(key=lambda value: middles.get(value, 0.0), reverse=self._state.descending)
            return sorted(values, key=lambda value: value not in middles)
        if self._state.sort == "start_time" or self.level.is_seeds:
            seen = dict.fromkeys(self._owners.values())
            return list(seen)
        return sorted(values, key=_natural)

    @property
    def _sorted_by(self) -> Column | None:
        """The metric that the groups are sorted by, if it is one."""
        order = next(iter(grammar.parse_order(self._state.order, SPELLED_OUT)), None)
        if order is None or order.kind is not Kind.METRIC:
            return None
        return Column(order.kind, order.key, order.statistic)

    def _middles(self, column: Column) -> dict[Any, float]:
        """The mean or median of a metric in each group that has it."""
        values: dict[Any, list[float]] = defaultdict(list)
        owners = self._owners
        for pk, value in self._values(column, owners):
            if pk in owners:
                values[owners[pk]].append(value)
        middles = {value: middle(kept, self._state.spread) for value, kept in values.items()}
        return {value: found for value, found in middles.items() if not math.isnan(found)}

    def page(self, first: int, size: int) -> list[Group]:
        """Some of the groups, with their runs."""
        shown = {value: Group(value, [], self._newest[value]) for value in self._ordered[first : first + size]}
        for pk, value in self._owners.items():
            group = shown.get(value)
            if group is not None:
                group.runs.append(pk)
        return list(shown.values())

    def summarise(self, groups: Sequence[Group], columns: Iterable[Column]) -> None:
        """Fill in what the metrics of these columns come to."""
        places = {pk: place for place, group in enumerate(groups) for pk in group.runs}
        for column in columns:
            values: list[list[float]] = [[] for _ in groups]
            for pk, value in self._values(column, places):
                place = places.get(pk)
                if place is not None:
                    values[place].append(value)
            name = column.field
            for group, kept in zip(groups, values, strict=True):
                summary = summarise(kept, self._state.spread)
                if summary is not None:
                    group.summaries[name] = summary

    def _values(self, column: Column, runs: Collection[int]) -> Iterable[tuple[int, float]]:
        rows = Metric.objects.filter(key=column.key, **{f"{column.statistic}__isnull": False})
        if len(runs) <= FEW_RUNS:
            rows = rows.filter(run__in=list(runs))
        return _read(rows.order_by().values_list("run_id", column.statistic))


def _read(rows: Any) -> list[Any]:
    """All rows at once, of columns that need no conversion: Django hands them on one by one in three times the time."""
    try:
        sql, params = rows.query.sql_with_params()
    except EmptyResultSet:
        return []
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def _natural(value: Any) -> tuple[int, float, str]:
    """Numbers first, as numbers; then texts; nothing last."""
    if value in (None, ""):
        return 2, 0.0, ""
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    return (1, 0.0, str(value)) if math.isnan(number) else (0, number, "")
