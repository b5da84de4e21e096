"""The projects that runs were of, each with how its runs ended."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Max, Q

from runs.models import Run, RunStatus
from runs.provenance.projects import PROJECT, runs_address
from runs.provenance.snapshot import without_userinfo
from trackerweb.lifecycle import LifecycleStage

PROJECTS_A_PAGE = 50
#: Entry points that a row names.
MOST_ENTRY_POINTS = 8


@dataclass
class ProjectRow:
    """A project: `source_name` is what its runs say of where it came from."""

    source_name: str
    runs: int
    running: int
    finished: int
    failed: int
    last_time: int
    last: Run | None = None
    entry_points: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        """The page of its runs."""
        return runs_address(self.source_name)

    @property
    def place(self) -> str:
        """Where it came from, without the folder in it."""
        return without_userinfo(self.source_name).partition("#")[0]

    @property
    def folder(self) -> str:
        """Its folder in the repository; empty for the whole."""
        return self.source_name.partition("#")[2].lstrip("/")

    @property
    def short_name(self) -> str:
        """The last word of where it came from: `digits` of `file:///code#digits`."""
        return (self.folder or self.place).rstrip("/").rpartition("/")[2].removesuffix(".git") or self.place

    @property
    def success_percent(self) -> int | None:
        """How many of the runs that came to an end did so well; None before any did."""
        ended = self.finished + self.failed
        return 100 * self.finished // ended if ended else None


def _runs() -> Any:
    return Run.objects.active().filter(source_type=PROJECT, experiment__lifecycle_stage=LifecycleStage.ACTIVE)


def projects(number: str | None = None, find: str = "") -> Page:
    """A page of projects, the one that ran last first; those whose address holds `find`. Three queries."""
    ended_badly = [RunStatus.FAILED, RunStatus.KILLED]
    counts = {
        "running": Count("pk", filter=Q(status=RunStatus.RUNNING)),
        "finished": Count("pk", filter=Q(status=RunStatus.FINISHED)),
        "failed": Count("pk", filter=Q(status__in=ended_badly)),
    }
    wanted = _runs().exclude(source_name="").filter(source_name__icontains=find)
    grouped = wanted.order_by().values("source_name").annotate(runs=Count("pk"), last_time=Max("start_time"), **counts)
    # All of them at once: to count them costs as much as to read them.
    rows = [ProjectRow(**row) for row in grouped.order_by("-last_time", "source_name")]
    page = Paginator(rows, PROJECTS_A_PAGE).get_page(number)
    _fill(list(page))
    return page


def _fill(rows: Sequence[ProjectRow]) -> None:
    """Name the last run and the entry points of each."""
    by_name = {row.source_name: row for row in rows}
    ends = Q(pk=None)
    for row in rows:
        ends |= Q(source_name=row.source_name, start_time=row.last_time)
    for run in _runs().filter(ends, start_time__in=[row.last_time for row in rows]).order_by("pk"):
        by_name[run.source_name].last = run
    found: dict[str, list[str]] = defaultdict(list)
    named = _runs().filter(source_name__in=by_name).exclude(entry_point="").order_by()
    for name, entry_point in sorted(named.values_list("source_name", "entry_point").distinct()):
        found[name].append(entry_point)
    for name, entry_points in found.items():
        by_name[name].entry_points = entry_points
