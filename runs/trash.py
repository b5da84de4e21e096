"""What the trash page shows: what was thrown away, by whom, when, and how much room it still takes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, QuerySet, Sum

from experiments.models import AuditEntry, Experiment
from runs import purging
from runs.disk_use import bytes_of_rows
from runs.models import Run

PAGE_SIZE = 100
SORTS = {"time": "-deleted_time", "name": "name", "size": "-artifact_bytes"}
OLD_DAYS = 30


@dataclass(frozen=True)
class Entry:
    """One thing of the trash; `run_count` runs go and come with it."""

    thing: Experiment | Run
    who: str
    run_count: int
    size: int

    @property
    def is_experiment(self) -> bool:
        """An experiment, not a run."""
        return isinstance(self.thing, Experiment)


@dataclass(frozen=True)
class Weight:
    """What runs come to."""

    runs: int = 0
    points: int = 0
    artifact_bytes: int = 0

    @property
    def size(self) -> int:
        """Bytes on the disk, about; a file that others share counts whole."""
        return bytes_of_rows(self.runs, self.points) + self.artifact_bytes


@dataclass(frozen=True)
class Shelf:
    """Things of a room above this one that have a trash page of their own."""

    label: str
    address: str
    count: Callable[[], int]


_shelves: list[Shelf] = []


def put_up(shelf: Shelf) -> None:
    """Have the trash page lead to a shelf while something is in it."""
    _shelves.append(shelf)


class Trash:
    """The trash, filtered by name: all experiments, and a page of the runs that went by themselves."""

    def __init__(self, text: str = "", sort: str = "time", page: str | None = None) -> None:
        self.text, self.sort = text.strip(), sort if sort in SORTS else "time"
        self.experiments = list(_named(Experiment.objects.trashed(), self.text).order_by("-deleted_time", "pk"))
        runs = Run.objects.trashed().filter(deleted_with=None, experiment__lifecycle_stage="active")
        found = _named(runs, self.text).select_related("experiment").order_by(SORTS[self.sort], "pk")
        self.page: Page[Any] = Paginator(found, PAGE_SIZE).get_page(page)

    @property
    def count(self) -> int:
        """Things in the trash."""
        return len(self.experiments) + self.page.paginator.count

    @property
    def shelves(self) -> list[tuple[Shelf, int]]:
        """Where other things lie that were thrown away, and how many."""
        counted = [(shelf, shelf.count()) for shelf in _shelves]
        return [(shelf, count) for shelf, count in counted if count]

    @cached_property
    def entries(self) -> list[Entry]:
        """Experiments on the first page, and runs."""
        experiments = self.experiments if self.page.number == 1 else []
        return [*_experiment_entries(experiments), *_run_entries(list(self.page.object_list))]

    @cached_property
    def whole(self) -> purging.Preview:
        """What emptying it would take."""
        return purging.Purge.everything().preview()

    @property
    def being_purged(self) -> int:
        """Runs that are on their way out."""
        return purging.remaining()


def _named(found: "QuerySet[Any]", text: str) -> "QuerySet[Any]":
    return found.filter(name__icontains=text) if text else found


def _experiment_entries(experiments: Sequence[Experiment]) -> list[Entry]:
    keys = [item.pk for item in experiments]
    weights, who = _weights(Run.objects.trashed(), "experiment", keys), _who("experiment", keys)
    return [
        Entry(item, who.get(str(item.pk), ""), weight.runs, weight.size)
        for item in experiments
        for weight in [weights.get(item.pk, Weight())]
    ]


def _run_entries(runs: Sequence[Run]) -> list[Entry]:
    keys = [run.run_id for run in runs]
    weights, who = _weights(Run.objects.trashed(), "deleted_with", keys), _who("run", keys)
    return [
        Entry(run, who.get(run.run_id, ""), with_it.runs, with_it.size + _weight_of(run).size)
        for run in runs
        for with_it in [weights.get(run.run_id, Weight())]
    ]


def _weight_of(run: Run) -> Weight:
    return Weight(1, run.point_count, run.artifact_bytes)


def _weights(runs: "QuerySet[Any]", field: str, keys: Sequence[Any]) -> Mapping[Any, Weight]:
    """What the runs come to, by `field`."""
    rows = runs.filter(**{f"{field}__in": keys}).values_list(field)
    summed = rows.annotate(Count("pk"), Sum("point_count"), Sum("artifact_bytes"))
    return {key: Weight(*figures) for key, *figures in summed}


def _who(kind: str, keys: Sequence[Any]) -> dict[str, str]:
    """Who trashed each of them last."""
    told = AuditEntry.objects.filter(kind=kind, object_id__in=[str(key) for key in keys], action="trash")
    return dict(told.order_by("time").values_list("object_id", "who"))
