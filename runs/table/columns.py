"""The columns of a table: those that tell its runs apart, or those that a person chose."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from experiments.models import Direction, Experiment
from runs import direction
from runs.models import Metric
from runs.search import SearchError, grammar, tree
from runs.search.languages import SPELLED_OUT, STATISTICS, Kind
from runs.system_tags import OF_CLIENTS
from runs.table.contents import Contents, Usage
from runs.table.state import State
from trackerweb.formatting import decimals_for

MAX_PARAMS = 8
MAX_METRICS = 6
#: Groups read the values of all runs that a filter finds.
MAX_METRICS_OF_GROUPS = 3
#: How columns of a run's own fields are headed; the first two are shown unless others are chosen.
FIELDS = {
    "start_time": "Started",
    "duration": "Duration",
    "end_time": "Ended",
    "status": "Status",
    "user_id": "User",
    "experiment": "Experiment",
    "source_name": "Source",
    "entry_point": "Entry point",
    "git_commit": "Commit",
    "run_id": "Run id",
    "parent_run_id": "Parent",
    "note": "Note",
}
USUAL_FIELDS = ("start_time", "duration")
#: The column of all tags.
TAGS = "tags"
_NUMBERS = {"duration"}


@dataclass(frozen=True)
class Column:
    """A column. `best` is the best value among the runs shown, where its good end is known."""

    kind: Kind
    key: str
    statistic: str = "last"
    is_number: bool = True
    decimals: int = 0
    better: Direction | None = None
    best: float | None = None

    @property
    def field(self) -> str:
        """Its name in filters, orders and addresses."""
        return (
            self.key
            if self.kind is Kind.ATTRIBUTE
            else tree.field_text(self.kind, self.key, SPELLED_OUT, self.statistic)
        )

    @property
    def label(self) -> str:
        """Its head."""
        return FIELDS[self.key] if self.kind is Kind.ATTRIBUTE else self.key

    @property
    def how(self) -> str:
        """Which of the values of a series it shows, unless it is the last, and which way is good."""
        arrow = "" if self.better is None else "↑" if self.better is Direction.MAX else "↓"
        return " ".join(filter(None, ["" if self.statistic == "last" else self.statistic, arrow]))

    def with_values(self, values: Iterable[float | None], better: Direction | None) -> "Column":
        """The same, knowing the values that it shows."""
        shown = [value for value in values if value is not None and value == value]
        best = None if better is None or len(shown) < 2 else (max if better is Direction.MAX else min)(shown)
        return replace(self, decimals=decimals_for(shown), better=better, best=best)


@dataclass(frozen=True)
class Choice:
    """A line of the dialog that chooses columns. A metric's `statistic` is what is shown of it, "" for nothing."""

    label: str
    field: str
    is_shown: bool
    statistic: str = ""
    statistics: Sequence[tuple[str, str]] = ()


class Columns:
    """The columns of a page of runs, by what they show."""

    def __init__(self, state: State, contents: Contents, experiment: Experiment | None, marks_best: bool) -> None:
        self._state, self._contents, self._experiment = state, contents, experiment
        self._marks_best = marks_best
        self._chosen = [column for text in state.columns if (column := _read(text)) is not None]

    @cached_property
    def fields(self) -> list[Column]:
        """Fields of the run itself, beside its name."""
        if self._state.columns:
            return [column for column in self._chosen if column.kind is Kind.ATTRIBUTE]
        usual = USUAL_FIELDS if self._experiment else ("experiment", *USUAL_FIELDS)
        return [Column(Kind.ATTRIBUTE, key, is_number=key in _NUMBERS) for key in usual]

    @cached_property
    def params(self) -> list[Column]:
        """Params that differ among the runs; all of them on request."""
        usage = self._contents.params_in_use
        if self._state.columns:
            keys = [column.key for column in self._chosen if column.kind is Kind.PARAM]
        else:
            keys = sorted(usage)
            if not self._state.every_param:
                # Those that only some runs have come last: they tell less.
                keys = sorted((key for key in keys if self._varies(usage[key])), key=lambda key: usage[key].values == 1)
                keys = keys[:MAX_PARAMS]
        return [Column(Kind.PARAM, key, is_number=key in usage and usage[key].is_numeric) for key in keys]

    @cached_property
    def metrics(self) -> list[Column]:
        """The metrics that most of the runs have, the primary one first."""
        return [self._with_values(column) for column in self._metrics_shown]

    @cached_property
    def series(self) -> dict[int, dict[str, Metric]]:
        """The series that the columns of metrics show."""
        return self._contents.metrics({column.key for column in self._metrics_shown})

    @cached_property
    def _metrics_shown(self) -> list[Column]:
        if self._state.columns:
            return [column for column in self._chosen if column.kind is Kind.METRIC]
        usage, primary = self._contents.metrics_in_use, self._primary
        keys = sorted(usage, key=lambda key: (key != primary, key.startswith("system/"), -usage[key], key))
        most = MAX_METRICS_OF_GROUPS if self._state.groups else MAX_METRICS
        shown = sorted(keys[:most], key=lambda key: (key != primary, key))
        return [Column(Kind.METRIC, key) for key in shown]

    def _with_values(self, column: Column) -> Column:
        runs = [metrics[column.key] for metrics in self.series.values() if column.key in metrics]
        better = None if column.statistic == "count" else direction.of(column.key, self._experiment)
        shown = column.with_values([getattr(metric, column.statistic) for metric in runs], better)
        return shown if self._marks_best else replace(shown, best=None)

    @cached_property
    def tags(self) -> list[Column]:
        """Tags that have a column of their own."""
        return [replace(column, is_number=False) for column in self._chosen if column.kind is Kind.TAG]

    @property
    def has_all_tags(self) -> bool:
        """Whether tags are listed in a last column."""
        return not self._state.columns or TAGS in self._state.columns

    @property
    def param_count(self) -> int:
        """Params that the runs have."""
        return len(self._contents.params_in_use)

    @property
    def _primary(self) -> str:
        return self._experiment.primary_metric if self._experiment else ""

    def _varies(self, usage: Usage) -> bool:
        return usage.values > 1 or usage.runs < len(self._contents.runs) or len(self._contents.runs) == 1

    @property
    def choices(self) -> list[tuple[str, list[Choice]]]:
        """What the dialog offers: (heading, lines), those that are shown first and in their order."""
        contents = self._contents
        tags = {key for tags in contents.tags.values() for key in tags if not key.startswith(OF_CLIENTS)}
        return [
            ("Run", _choices(self.fields, Kind.ATTRIBUTE, FIELDS)),
            ("Params", _choices(self.params, Kind.PARAM, sorted(contents.params_in_use))),
            ("Metrics", _choices(self.metrics, Kind.METRIC, sorted(contents.metrics_in_use))),
            ("Tags", [Choice("All of them", TAGS, self.has_all_tags), *_choices(self.tags, Kind.TAG, sorted(tags))]),
        ]


def _read(text: str) -> Column | None:
    """The column of a field; None for what is none."""
    if text in FIELDS:
        return Column(Kind.ATTRIBUTE, text, is_number=text in _NUMBERS)
    try:
        (order,) = grammar.parse_order([text], SPELLED_OUT)
    except SearchError:
        return None
    return None if order.kind is Kind.ATTRIBUTE else Column(order.kind, order.key, order.statistic)


def _choices(shown: Sequence[Column], kind: Kind, keys: Iterable[str]) -> list[Choice]:
    """Columns that are shown, then those of other keys."""
    taken = {column.key for column in shown}
    others = [Column(kind, key) for key in keys if key not in taken]
    return [*(_choice(column, True) for column in shown), *(_choice(column, False) for column in others)]


def _choice(column: Column, is_shown: bool) -> Choice:
    if column.kind is not Kind.METRIC:
        return Choice(column.label, column.field, is_shown)
    statistics = [(replace(column, statistic=name).field, name) for name in STATISTICS]
    return Choice(column.label, column.field, is_shown, column.statistic if is_shown else "", statistics)
