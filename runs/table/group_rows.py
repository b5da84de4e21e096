"""The rows of groups and their cells."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from experiments.models import Direction
from runs.configurations import is_seed
from runs.models import Param, Run
from runs.search.grammar import MAX_LENGTH
from runs.table.columns import Column
from runs.table.contents import Contents
from runs.table.groups import FEW_RUNS, Group, Level
from runs.table.state import State
from runs.table.statistics import Summary
from trackerweb.formatting import cut_name


@dataclass(frozen=True)
class GroupRow:
    """A group with its cells; `address` opens it as a page of its own."""

    group: Group
    label: str
    address: str
    params: list[tuple[Column, str | None]]
    metrics: list[tuple[Column, Summary | None, bool]]

    @property
    def digest(self) -> str:
        """Its size and params in a line, for cards on phones."""
        shown = [f"{column.key} {value}" for column, value in self.params if value is not None]
        return " · ".join([f"n = {self.size:,}", *shown])

    @property
    def size(self) -> int:
        """Its runs."""
        return len(self.group.runs)


class GroupRows:
    """Makes rows of the groups of a page. `text` is the filter that they were found by."""

    def __init__(
        self, state: State, text: str, level: Level, metrics: Sequence[Column], params: Sequence[Column]
    ) -> None:
        self._state, self._text, self._level = state, text, level
        self._metrics, self._params = metrics, params

    def of(self, groups: Sequence[Group], contents: Contents) -> list[GroupRow]:
        """The rows, given what the newest run of each group holds."""
        keys = [column.key for column in self._params]
        params = contents.params(keys)
        ranges = seed_ranges(groups, keys) if self._level.is_seeds else {}
        best = {
            column.field: best_of([group.summaries.get(column.field) for group in groups], column.better)
            for column in self._metrics
        }
        samples = {run.pk: run for run in contents.runs}
        return [
            self._row(group, samples[key], {**params.get(key, {}), **ranges.get(key, {})}, best)
            for group in groups
            if (key := group.newest) in samples
        ]

    def _row(self, group: Group, sample: Run, params: dict[str, str], best: dict[str, float | None]) -> GroupRow:
        clause = self._level.clause(group.value, sample.run_id)
        text = f"({self._text}) AND {clause}" if self._text else clause
        fits = len(text) <= MAX_LENGTH
        return GroupRow(
            group,
            label=_name_of(group, sample) if self._level.is_seeds else self._level.words(group.value),
            address=self._state.address(q=text, group=self._state.groups[1:]) if fits else "",
            params=[(column, params.get(column.key)) for column in self._params],
            metrics=[self._cell(group, column, best[column.field]) for column in self._metrics],
        )

    def _cell(self, group: Group, column: Column, best: float | None) -> tuple[Column, Summary | None, bool]:
        summary = group.summaries.get(column.field)
        return column, summary, summary is not None and summary.middle == best


def _name_of(group: Group, sample: Run) -> str:
    """What repetitions are called: the name of one of them, without the seed at its end."""
    return cut_name(sample.name)[0] if len(group.runs) > 1 else sample.name


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
    if not seeds or len(owners) > FEW_RUNS:
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
