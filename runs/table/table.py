"""A page of runs: filtered, sorted, grouped, in columns that tell them apart."""

from functools import cached_property
from typing import Any

from django.db.models import Count, Q

from experiments.models import Direction, Experiment
from runs import paging
from runs.configurations import is_seed
from runs.models import Run
from runs.querysets import stale_q
from runs.search.languages import Kind
from runs.table import family
from runs.table.columns import Column, Columns
from runs.table.contents import Contents
from runs.table.family import Family
from runs.table.filtering import Filter
from runs.table.group_rows import GroupRow, GroupRows
from runs.table.groups import Group, Groups, Level
from runs.table.headings import Heading, headings
from runs.table.links import Links
from runs.table.rows import Row, Rows
from runs.table.state import State
from trackerweb.lifecycle import LifecycleStage


class RunTable:
    """The runs of an experiment, or of all, as an address asks for them."""

    def __init__(self, experiment: Experiment | None, state: State, below: str = "", in_groups: bool = False) -> None:
        """`below` is the run_id of a run whose children alone are wanted. `in_groups`: the rows go among those of
        groups, which have no columns but params and metrics.
        """
        self.experiment, self.state, self._below = experiment, state.with_known_order(), below
        self.in_groups = in_groups
        self.filter = Filter(self._scope(), self.state)

    def _scope(self) -> Any:
        runs = Run.objects.trashed() if self.state.trash else Run.objects.active()
        if self.experiment is not None:
            return runs.filter(experiment=self.experiment)
        return runs.filter(experiment__lifecycle_stage=LifecycleStage.ACTIVE).select_related("experiment")

    @cached_property
    def counts(self) -> dict[str, int]:
        """Runs of the experiment: active ones, of these running, failed and stale, and those in the trash."""
        runs = Run.objects.all() if self.experiment is None else Run.objects.filter(experiment=self.experiment)
        active = Q(lifecycle_stage=LifecycleStage.ACTIVE)
        return runs.aggregate(
            all=Count("pk", filter=active),
            running=Count("pk", filter=active & Q(status="RUNNING") & ~stale_q()),
            stale=Count("pk", filter=active & stale_q()),
            failed=Count("pk", filter=active & Q(status="FAILED")),
            trashed=Count("pk", filter=Q(lifecycle_stage=LifecycleStage.DELETED)),
        )

    @property
    def total(self) -> int:
        """Runs of the experiment, or of it in the trash where these are shown."""
        return self.counts["trashed" if self.state.trash else "all"]

    @cached_property
    def hits(self) -> int:
        """Runs that the filter finds."""
        return self.filter.found.order_by().count() if self.filter.text else self.total

    @cached_property
    def levels(self) -> list[Level]:
        """What the runs are grouped by."""
        return [level for text in self.state.groups if (level := Level.of(text)) is not None]

    @cached_property
    def is_tree(self) -> bool:
        """Whether nested runs stand below what started them."""
        if self.state.flat or self.levels or self._below:
            return False
        return self._scope().filter(parent_run_id__isnull=False).order_by().exists()

    @cached_property
    def page(self) -> paging.Page:
        """The runs of this page."""
        found = self.filter.found
        if self._below:
            found = Family(found).children_of(self._below)
        elif self.is_tree:
            found = Family(found).roots()
        cursor = self.state.cursor or paging.cursor_behind(found, self.state.first - 1)
        return paging.page(found, cursor, self.state.size)

    @cached_property
    def pinned(self) -> list[Run]:
        """The baseline and the pinned runs, which stay on top under any filter."""
        wanted = dict.fromkeys([self.state.base, *self.state.pins])
        if self._below or not any(wanted):
            return []
        found = {run.run_id: run for run in self._pinnable().filter(run_id__in=wanted)}
        return [found[run_id] for run_id in wanted if run_id in found]

    def _pinnable(self) -> Any:
        runs = Run.objects.kept().select_related("experiment")
        return runs if self.experiment is None else runs.filter(experiment=self.experiment)

    @cached_property
    def base(self) -> Run | None:
        """The run that the others are held against."""
        if self._below and self.state.base:
            return self._pinnable().filter(run_id=self.state.base).first()
        return next((run for run in self.pinned if run.run_id == self.state.base), None)

    @cached_property
    def groups(self) -> Groups | None:
        """The runs in groups, if they are grouped."""
        return Groups(self.filter.found, self.state, self.levels[0]) if self.levels else None

    @cached_property
    def _group_page(self) -> list[Group]:
        assert self.groups is not None
        return self.groups.page(self._offset, self.state.size)

    @property
    def _offset(self) -> int:
        """Groups before this page: they have no cursor, for they are counted anew each time."""
        text = self.state.cursor or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else self.state.first - 1

    @cached_property
    def _shown(self) -> list[Run]:
        """All runs that take part in choosing columns."""
        if self.groups is not None:
            newest = [group.newest for group in self._group_page]
            runs = {run.pk: run for run in Run.objects.filter(pk__in=newest).select_related("experiment")}
            return [runs[pk] for pk in newest if pk in runs]
        known = {run.pk for run in self.pinned}
        others = [run for run in self.page.items if run.pk not in known]
        extra = [self.base] if self.base is not None and self.base.pk not in known else []
        return [*self.pinned, *others, *(run for run in extra if run not in others)]

    @cached_property
    def contents(self) -> Contents:
        """What the runs shown hold."""
        return Contents(self._shown)

    @cached_property
    def columns(self) -> Columns:
        """The columns."""
        # Rows that are put among others are no judges of what is best.
        is_part = bool(self._below) or self.in_groups
        return Columns(self.state, self.contents, self.experiment, marks_best=not is_part)

    @cached_property
    def _rows(self) -> Rows:
        return Rows(self.state, self.contents, self.columns, self.base)

    @cached_property
    def pinned_rows(self) -> list[Row]:
        """Rows that stay on top."""
        return [] if self.groups is not None else self._rows.of(self.pinned)

    @cached_property
    def rows(self) -> list[Row]:
        """The rows of this page but for those on top."""
        if self.groups is not None:
            return []
        known = {run.pk for run in self.pinned}
        rows = self._rows.of([run for run in self.page.items if run.pk not in known])
        counts = Family(self.filter.found).counts(self.page.items) if self.is_tree or self._below else {}
        for row in rows:
            row.children = counts.get(row.run.run_id, 0)
            row.children_address = self.children_address(row.run.run_id)
        return rows

    def children_address(self, run_id: str) -> str:
        """The page of a run's children."""
        return self.state.address(q=family.condition(run_id), tree="off")

    @cached_property
    def group_rows(self) -> list[GroupRow]:
        """The groups of this page with their cells."""
        if self.groups is None:
            return []
        self.groups.summarise(self._group_page, self.columns.metrics)
        made = GroupRows(self.state, self.filter.text, self.groups.level, self.columns.metrics, self.group_params)
        return made.of(self._group_page, self.contents)

    @cached_property
    def group_params(self) -> list[Column]:
        """Params of groups: what all runs of a group share, which is known of repetitions alone."""
        if not self.levels or not self.levels[0].is_seeds:
            return []
        shown, known = self.columns.params, {column.key for column in self.columns.params}
        seeds = [key for key in sorted(self.contents.params_in_use) if is_seed(key) and key not in known]
        return shown if self.state.columns else [*shown, *(Column(Kind.PARAM, key) for key in seeds)]

    @cached_property
    def headings(self) -> list[Heading]:
        """The heads of all columns but the check box and the list of tags."""
        return headings(self.state, self.columns, self.shown_params, is_grouped=bool(self.levels))

    @property
    def has_seeds(self) -> bool:
        """Whether some of the runs shown tell their repetitions apart."""
        return any(map(is_seed, self.contents.params_in_use))

    @property
    def links(self) -> Links:
        """Where its controls lead."""
        return Links(self)

    @property
    def shown_params(self) -> list[Column]:
        """The columns of params, of runs or of groups."""
        return self.group_params if self.levels else self.columns.params

    @property
    def tag_columns(self) -> int:
        """How many columns tags have."""
        return len(self.columns.tags) + self.columns.has_all_tags

    @cached_property
    def drawn_rows(self) -> list[Row]:
        """The rows that the charts draw."""
        return [row for row in (*self.pinned_rows, *self.rows) if row.is_drawn]

    @property
    def is_cut(self) -> bool:
        """Whether only some of the children asked for are shown."""
        return bool(self._below) and self.page.next_cursor is not None

    @property
    def all_children(self) -> str:
        """The page of all children asked for."""
        return self.children_address(self._below)

    @property
    def next_page(self) -> str | None:
        """The address of the next page."""
        if self.groups is not None:
            end = self._offset + self.state.size
            return self._with_cursor(str(end)) if end < self.groups.count else None
        return self.page.next_cursor and self._with_cursor(self.page.next_cursor)

    @property
    def previous_page(self) -> str | None:
        """The address of the page before."""
        if self.groups is not None:
            return self._with_cursor(str(max(0, self._offset - self.state.size))) if self._offset else None
        return self.page.previous_cursor and self._with_cursor(self.page.previous_cursor)

    def _with_cursor(self, cursor: str) -> str:
        return self.state.address(cursor=cursor)

    @property
    def example(self) -> str:
        """A filter that fits the runs shown, in short forms."""
        metric = next((column for column in self.columns.metrics), None)
        good = (
            f"{metric.key}>0.9"
            if metric and metric.better is Direction.MAX
            else f"{metric.key if metric else 'loss'}<0.2"
        )
        param = next((column.key for column in self.columns.params if column.is_number), "lr")
        return f"{param}<0.1 {good} status:failed -tag:old since:7d"
