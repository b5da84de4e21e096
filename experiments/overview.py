"""What the experiments page shows."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import F, Max, Min, Q, QuerySet

from experiments.models import Direction, Experiment, ExperimentTag
from experiments.querysets import MAX_NAME_LENGTH
from trackerweb.clock import now_ms

DAYS = 30
DAY_MS = 86_400_000
PAGE_SIZE = 100
#: Names of orders in the address, and what they sort by.
SORTS = {"last": "-last_change", "name": "name", "runs": "-run_count"}


@dataclass
class Row:
    """One experiment with its figures. `best` is None where no primary metric is set or logged."""

    experiment: Any
    activity: list[int] = field(default_factory=list)
    best: float | None = None
    tags: list[str] = field(default_factory=list)

    @property
    def about(self) -> str:
        """The first line of its note."""
        return str(self.experiment.note).strip().partition("\n")[0]

    @property
    def arrow(self) -> str:
        """Which way its primary metric is good."""
        return {Direction.MAX: "↑", Direction.MIN: "↓"}.get(self.experiment.primary_direction, "")


@dataclass
class Section:
    """The experiments of one folder; `path` is empty for those in none."""

    path: str
    rows: list[Row] = field(default_factory=list)

    @property
    def run_count(self) -> int:
        """Runs of its experiments."""
        return sum(row.experiment.run_count for row in self.rows)


class Overview:
    """The active experiments whose name, note or tags hold `text`, all of them or those in a folder, sorted, a page of
    them. Five queries, however many there are.
    """

    def __init__(self, text: str = "", sort: str = "last", page: str | None = None, folder: str = "") -> None:
        self.text, self.sort = text.strip()[:MAX_NAME_LENGTH], sort if sort in SORTS else "last"
        self.folder = folder.strip("/")[:MAX_NAME_LENGTH]
        found = _holding(Experiment.objects.active(), self.text).with_run_counts()
        if self.folder:
            found = found.filter(name__startswith=f"{self.folder}/")
        order = F("last_change").desc(nulls_last=True) if self.sort == "last" else SORTS[self.sort]
        self.page: Page[Any] = Paginator(found.order_by(order, "pk"), PAGE_SIZE).get_page(page)
        self.rows = _rows(list(self.page.object_list))

    @property
    def sections(self) -> list[Section]:
        """The experiments by their folders, in the order of the first of each; those in none come last."""
        sections: dict[str, Section] = {}
        for row in self.rows:
            path = row.experiment.folders[-1].path if row.experiment.folders else ""
            sections.setdefault(path, Section(path)).rows.append(row)
        return sorted(sections.values(), key=lambda section: not section.path)

    @property
    def has_folders(self) -> bool:
        """Whether some experiment is in a folder."""
        return any(row.experiment.folders for row in self.rows)

    @property
    def run_count(self) -> int:
        """Runs of the experiments shown."""
        return sum(row.experiment.run_count for row in self.rows)

    @property
    def running_count(self) -> int:
        """Those of them that run now."""
        return sum(row.experiment.running_count for row in self.rows)


def _rows(experiments: Sequence[Any]) -> list[Row]:
    activity, best, tags = _activity(experiments), _best(experiments), _tags(experiments)
    return [Row(item, activity.get(item.pk, [0] * DAYS), best.get(item.pk), tags[item.pk]) for item in experiments]


def _holding(experiments: Any, text: str) -> Any:
    if not text:
        return experiments
    tags = ExperimentTag.objects.filter(Q(key__icontains=text) | Q(value__icontains=text))
    return experiments.filter(Q(name__icontains=text) | Q(note__icontains=text) | Q(pk__in=tags.values("experiment")))


def _tags(experiments: Sequence[Any]) -> dict[int, list[str]]:
    """Tags that people wrote."""
    found: dict[int, list[str]] = defaultdict(list)
    rows = ExperimentTag.objects.filter(experiment__in=[item.pk for item in experiments]).order_by("key")
    for experiment, key, value in rows.exclude(key__startswith="mlflow.").values_list("experiment_id", "key", "value"):
        found[experiment].append(f"{key}: {value}" if value else key)
    return found


def _activity(experiments: Sequence[Any]) -> dict[int, list[int]]:
    """Runs started a day, the last DAYS days, by experiment."""
    first = now_ms() // DAY_MS - DAYS + 1
    started = Experiment.objects.filter(pk__in=[item.pk for item in experiments]).runs_started_since(first * DAY_MS)
    days: dict[int, list[int]] = defaultdict(lambda: [0] * DAYS)
    for experiment, day, count in started:
        if day - first < DAYS:
            days[experiment][day - first] = count
    return days


def _best(experiments: Sequence[Any]) -> dict[int, float]:
    """The best value of each primary metric that is set."""
    chosen = {item.pk: item for item in experiments if item.primary_metric and item.primary_direction}
    if not chosen:
        return {}
    wanted = Q()
    for item in chosen.values():
        wanted |= Q(pk=item.pk, runs__metrics__key=item.primary_metric)
    ends = _ends(Experiment.objects.filter(wanted, runs__lifecycle_stage="active"))
    return {
        pk: highest if chosen[pk].primary_direction == Direction.MAX else lowest
        for pk, lowest, highest in ends
        if lowest is not None
    }


def _ends(experiments: QuerySet[Any]) -> QuerySet[Any, Any]:
    ends = experiments.annotate(lowest=Min("runs__metrics__min"), highest=Max("runs__metrics__max"))
    return ends.values_list("pk", "lowest", "highest")
