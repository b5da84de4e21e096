"""What an experiment's page shows: its runs, filtered and sorted, a page at a time, in columns that tell them apart."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.db.models import Count, Q

from experiments.models import Direction, Experiment
from runs import direction, paging, samples
from runs.models import Metric, Param, Run, Tag
from runs.querysets import stale_q
from runs.search import SearchError, grammar, tree
from runs.search.languages import Kind
from trackerweb.formatting import decimals_for
from trackerweb.lifecycle import LifecycleStage

PAGE_SIZES = (25, 50, 100, 250)
DEFAULT_SIZE = 50
MAX_PARAM_COLUMNS = 8
MAX_METRIC_COLUMNS = 6
SPARKLINE_POINTS = 20
#: Tags that clients write for themselves.
INTERNAL_TAGS = "mlflow."
_KEYED: dict[str, Any] = {Kind.METRIC: Metric, Kind.PARAM: Param}


@dataclass(frozen=True)
class Request:
    """What the address asks for: all of the page's state."""

    text: str = ""
    sort: str = ""
    descending: bool = False
    cursor: str | None = None
    size: int = DEFAULT_SIZE
    every_param: bool = False
    trash: bool = False

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Request":
        """Read the query of an address; what makes no sense there counts as nothing said."""
        size = query.get("rows", "")
        return cls(
            text=query.get("q", "").strip(),
            sort=query.get("sort", ""),
            descending=query.get("desc") == "1",
            cursor=query.get("cursor") or None,
            size=int(size) if size in map(str, PAGE_SIZES) else DEFAULT_SIZE,
            every_param=query.get("params") == "all",
            trash=query.get("trash") == "1",
        )

    @property
    def order(self) -> list[str]:
        """What to sort by, in the words of `Run.objects.search`; nothing for the usual order."""
        return [f"{self.sort} {'DESC' if self.descending else 'ASC'}"] if self.sort else []

    def with_known_order(self) -> "Request":
        """The same, without an order that can't be read."""
        try:
            grammar.parse_order(self.order)
        except SearchError:
            return replace(self, sort="", descending=False)
        return self

    def address(self, **changes: str | None) -> str:
        """This state with changes, as a query; a new filter or order starts at the first page."""
        state = {
            "q": self.text,
            "sort": self.sort,
            "desc": "1" if self.descending else "",
            "rows": "" if self.size == DEFAULT_SIZE else str(self.size),
            "params": "all" if self.every_param else "",
            "trash": "1" if self.trash else "",
        } | changes
        return "?" + urlencode({name: value for name, value in state.items() if value})


@dataclass(frozen=True)
class Column:
    """A column of params or metrics. `field` is its name in filters and orders."""

    key: str
    field: str
    is_number: bool = True
    decimals: int = 0
    better: Direction | None = None
    best: float | None = None

    @property
    def arrow(self) -> str:
        """Which way is good, where its name tells."""
        return "" if self.better is None else "↑" if self.better is Direction.MAX else "↓"


@dataclass(frozen=True)
class Cell:
    """A metric of a run: its last value and a few points of its curve."""

    value: float | None
    curve: list[float]
    is_best: bool


@dataclass
class Row:
    """One run with its cells beside their columns."""

    run: Run
    param_cells: list[tuple[Column, str | None]]
    metric_cells: list[tuple[Column, Cell | None]]
    tags: list[str]
    digest: str


@dataclass(frozen=True)
class Heading:
    """A column's head: a link that sorts by it, turning round when it is sorted by already."""

    label: str
    address: str
    css_class: str = ""
    direction: str = ""
    how: str = ""


@dataclass(frozen=True)
class Chip:
    """One condition of the filter, and the address of the page without it."""

    text: str
    without: str


class RunTable:
    """A page of an experiment's runs. Eight queries whatever it shows, nine with a filter."""

    def __init__(self, experiment: Experiment, request: Request) -> None:
        self.experiment, self.request = experiment, request.with_known_order()
        self.error: SearchError | None = None
        self.counts = _counts(experiment)
        found = self._found()
        self.hits = self._count_hits()
        self.page = paging.page(found, request.cursor, request.size)
        self.runs = self.page.items
        self._params = _texts(Param, self.runs)
        self._metrics = _metrics(self.runs)
        self._tags = _texts(Tag, self.runs)

    def _found(self):  # type: ignore[no-untyped-def]  # RunQuerySet, which mypy knows by another name
        runs = self._runs()
        try:
            return runs.search(self.request.text, self.request.order)
        except SearchError as error:
            self.error = error
            return runs.search("", self.request.order)

    def _count_hits(self) -> int:
        if not self.request.text or self.error is not None:
            return self.total
        return self._runs().search(self.request.text).count()

    def _runs(self):  # type: ignore[no-untyped-def]  # as above
        runs = Run.objects.trashed() if self.request.trash else Run.objects.active()
        return runs.filter(experiment=self.experiment)

    @property
    def example(self) -> str:
        """A filter that fits the runs shown."""
        metric = next((column.field for column in self.metric_columns), "metrics.loss")
        param = next((column.field for column in self.param_columns), "params.lr")
        return f"{metric} < 0.2 AND {param} = '0.1'"

    @property
    def total(self) -> int:
        """Runs of the experiment, or of it in the trash where these are shown."""
        return self.counts["trashed" if self.request.trash else "all"]

    @property
    def unknown_keys(self) -> list[tuple[str, str | None]]:
        """Metrics and params of the filter that no run of the experiment has, each with the nearest one that is."""
        found = []
        for clause in tree.clauses_of(grammar.parse(self.request.text)):
            if clause.kind not in _KEYED:
                continue
            keys = set(
                _KEYED[clause.kind]
                .objects.filter(run__experiment=self.experiment)
                .values_list("key", flat=True)
                .distinct()
            )
            if clause.key not in keys:
                found.append((f"{clause.kind}.{clause.key}", _nearest(clause.key, keys)))
        return found

    @cached_property
    def rows(self) -> list[Row]:
        """The runs with their cells."""
        return [
            Row(
                run,
                param_cells=[(column, self._params[run.pk].get(column.key)) for column in self.param_columns],
                metric_cells=[(column, self._cell(run, column)) for column in self.metric_columns],
                tags=self._shown_tags(run),
                digest=self._digest(run),
            )
            for run in self.runs
        ]

    @cached_property
    def param_columns(self) -> list[Column]:
        """Params that differ among the runs shown; all of them on request."""
        keys = sorted({key for params in self._params.values() for key in params})
        if not self.request.every_param:
            keys = [key for key in keys if self._varies(key)][:MAX_PARAM_COLUMNS]
        return [Column(key, _field("params", key), is_number=self._is_number(key)) for key in keys]

    @cached_property
    def param_count(self) -> int:
        """Params of the runs shown."""
        return len({key for params in self._params.values() for key in params})

    def _varies(self, key: str) -> bool:
        return len({self._params[run.pk].get(key) for run in self.runs}) > 1 or len(self.runs) == 1

    def _is_number(self, key: str) -> bool:
        return all(_is_number(params[key]) for params in self._params.values() if key in params)

    @cached_property
    def metric_columns(self) -> list[Column]:
        """The metrics that most of the runs shown have, the primary one first."""
        usage = Counter(key for metrics in self._metrics.values() for key in metrics)
        keys = sorted(usage, key=lambda key: (key.startswith("system/"), -usage[key], key))[:MAX_METRIC_COLUMNS]
        primary = self.experiment.primary_metric
        return [self._metric_column(key) for key in sorted(keys, key=lambda key: (key != primary, key))]

    def _metric_column(self, key: str) -> Column:
        values = [metrics[key].last for metrics in self._metrics.values() if key in metrics]
        shown = [value for value in values if value is not None]
        better = self._better(key)
        best = None if better is None or len(shown) < 2 else (max if better is Direction.MAX else min)(shown)
        return Column(key, _field("metrics", key), decimals=decimals_for(shown), better=better, best=best)

    def _better(self, key: str) -> Direction | None:
        if key == self.experiment.primary_metric and self.experiment.primary_direction:
            return Direction(self.experiment.primary_direction)
        return direction.guess(key)

    @cached_property
    def _curves(self) -> dict[int, list[float]]:
        keys = {column.key for column in self.metric_columns}
        shown = [metric for metrics in self._metrics.values() for key, metric in metrics.items() if key in keys]
        spread = samples.spread([metric for metric in shown if metric.count > 1], SPARKLINE_POINTS)
        return {series: [sample.value for sample in taken] for series, taken in spread.items()}

    def _cell(self, run: Run, column: Column) -> Cell | None:
        metric = self._metrics[run.pk].get(column.key)
        if metric is None or not metric.count:
            return None
        value = float("nan") if metric.last is None else metric.last
        return Cell(value, self._curves.get(metric.pk, []), is_best=column.best is not None and value == column.best)

    def _shown_tags(self, run: Run) -> list[str]:
        """Tags that people wrote; those that all runs shown share tell nothing."""
        return [
            key if value in ("", "true", "True") else f"{key}: {value}"
            for key, value in sorted(self._tags[run.pk].items())
            if not key.startswith(INTERNAL_TAGS) and not self._is_shared(key, value)
        ]

    def _is_shared(self, key: str, value: str) -> bool:
        return len(self.runs) > 1 and all(self._tags[run.pk].get(key) == value for run in self.runs)

    def _digest(self, run: Run) -> str:
        """The varying params in a line, for cards on phones."""
        params = self._params[run.pk]
        return " · ".join(f"{column.key} {params[column.key]}" for column in self.param_columns if column.key in params)

    @cached_property
    def headings(self) -> list[Heading]:
        """The heads of all columns but the check box and the tags."""
        params, metrics = self.param_columns, self.metric_columns
        return [
            self._heading("Name", "run_name", "name"),
            self._heading("Started", "start_time"),
            self._heading("Duration", "duration", "number ends-group"),
            *(
                self._heading(column.key, column.field, _edges(place, params, "number" if column.is_number else "text"))
                for place, column in enumerate(params)
            ),
            *(
                self._heading(column.key, column.field, _edges(place, metrics, "number"), column.arrow)
                for place, column in enumerate(metrics)
            ),
        ]

    def _heading(self, label: str, field: str, css_class: str = "", how: str = "") -> Heading:
        sort, descending = self.request.sort or "start_time", self.request.descending or not self.request.sort
        if sort != field:
            first_descending = field in ("start_time", "duration") or how == "↑"
            return Heading(
                label, self.request.address(sort=field, desc="1" if first_descending else ""), css_class, how=how
            )
        address = self.request.address(sort=field, desc="" if descending else "1")
        return Heading(label, address, css_class, "descending" if descending else "ascending", how)

    @property
    def more_params(self) -> str:
        """The address that shows all params."""
        return self.request.address(params="all")

    @property
    def fewer_params(self) -> str:
        """The address that shows the params that differ."""
        return self.request.address(params=None)

    @property
    def next_page(self) -> str | None:
        """The address of the next page."""
        return self.page.next_cursor and self.request.address(cursor=self.page.next_cursor)

    @property
    def previous_page(self) -> str | None:
        """The address of the page before."""
        return self.page.previous_cursor and self.request.address(cursor=self.page.previous_cursor)

    @property
    def kept_state(self) -> list[tuple[str, str]]:
        """What a change of the number of rows keeps of the address."""
        return [(name, value) for name, value in parse_qsl(self.request.address().lstrip("?")) if name != "rows"]

    @cached_property
    def chips(self) -> list[Chip]:
        """The filter's conditions."""
        if self.error is not None:
            return []
        parts = tree.conjuncts(grammar.parse(self.request.text))
        texts = [self.request.text[part.place.column : part.place.end] for part in parts]
        return [
            Chip(text, self.request.address(q=" AND ".join(texts[:place] + texts[place + 1 :])))
            for place, text in enumerate(texts)
        ]

    @property
    def mistake(self) -> tuple[str, str, str] | None:
        """A wrong filter as (before, what is wrong, after); None where no place is known."""
        if self.error is None or self.error.column is None:
            return None
        text, place = self.request.text, self.error.column
        end = next((at for at in range(place + 1, len(text)) if text[at].isspace()), len(text))
        return text[:place], text[place:end] or " ", text[end:]


def _counts(experiment: Experiment) -> dict[str, int]:
    """Runs of the experiment: active ones, of these running, failed and stale, and those in the trash."""
    active = Q(lifecycle_stage=LifecycleStage.ACTIVE)
    return Run.objects.filter(experiment=experiment).aggregate(
        all=Count("pk", filter=active),
        running=Count("pk", filter=active & Q(status="RUNNING") & ~stale_q()),
        stale=Count("pk", filter=active & stale_q()),
        failed=Count("pk", filter=active & Q(status="FAILED")),
        trashed=Count("pk", filter=Q(lifecycle_stage=LifecycleStage.DELETED)),
    )


def _nearest(key: str, keys: Iterable[str]) -> str | None:
    """The key that was probably meant: one that ends so (`loss`, `val/loss`), or is spelled nearly so."""
    alike = [known for known in sorted(keys) if known.rpartition("/")[2] == key.rpartition("/")[2]]
    return next(iter(alike or get_close_matches(key, keys, 1)), None)


def _texts(model: type[Param] | type[Tag], runs: Sequence[Run]) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for run, key, value in model.objects.filter(run__in=_keys(runs)).values_list("run_id", "key", "value"):
        found[run][key] = value
    return found


def _metrics(runs: Sequence[Run]) -> dict[int, dict[str, Metric]]:
    found: dict[int, dict[str, Metric]] = defaultdict(dict)
    for metric in Metric.objects.filter(run__in=_keys(runs)):
        found[metric.run_id][metric.key] = metric
    return found


def _edges(place: int, columns: Sequence[Column], css_class: str) -> str:
    """CSS classes of a column, with those of the first and the last in its group."""
    first = " starts-group" if place == 0 else ""
    return css_class + first + (" ends-group" if place == len(columns) - 1 else "")


def _keys(runs: Iterable[Run]) -> list[int]:
    return [run.pk for run in runs]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _field(kind: str, key: str) -> str:
    return f"{kind}.{key}" if key.replace("_", "").isalnum() and key.isascii() else f"{kind}.`{key}`"
