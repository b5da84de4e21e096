"""Moves runs to another experiment, and copies them."""

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models

from experiments.models import AuditEntry, Experiment
from runs import ingest, points
from runs.bulk import chosen_runs, parents_among
from runs.models import Artifact, ConsoleChunk, DatasetUse, Metric, Param, Run, Tag
from trackerweb.errors import Conflict
from trackerweb.transactions import write_transaction

#: The tag of a copy that names its origin.
COPIED_FROM = "copied_from"
#: Runs that are moved in one statement.
MOVED_AT_ONCE = 10_000
#: Points that are copied in one transaction: some 20 ms.
COPY_PIECE = 20_000
#: What a series costs beside its points, in points, so that a transaction of many short series stays short too.
SERIES_COST = 20
#: What hangs on a run beside its series.
_PARTS: tuple[type[models.Model], ...] = (Param, Tag, ConsoleChunk, Artifact, DatasetUse)


def move_runs(runs: Sequence[Run], experiment: Experiment) -> list[Run]:
    """Move runs and their descendants, all or none. Returns those that were elsewhere before.

    Errors: Conflict for an experiment or a run in the trash, the latter with its index.
    """
    with write_transaction():
        _require_active(experiment)
        for index, run in enumerate(runs):
            _require_here(run, index)
        moving = [run for run in _with_descendants(runs) if run.experiment_id != experiment.pk]
        before = [(run, {"experiment": run.experiment.name, "experiment_id": run.experiment_id}) for run in moving]
        AuditEntry.note_each("move", before)
        for start in range(0, len(moving), MOVED_AT_ONCE):
            keys = [run.pk for run in moving[start : start + MOVED_AT_ONCE]]
            Run.objects.filter(pk__in=keys).update(experiment=experiment)
    return moving


def _require_active(experiment: Experiment) -> None:
    if not Experiment.objects.by_id(experiment.pk).is_active:
        raise Conflict(f"Experiment {experiment.name!r} is in the trash. Restore it first.", field="experiment")


def _require_here(run: Run, index: int) -> None:
    if not Run.objects.by_id(run.run_id).is_active:
        raise Conflict(f"Run {run.run_id!r} is in the trash. Restore it first.", field="run_ids", index=index)


def _with_descendants(runs: Sequence[Run]) -> list[Run]:
    """The runs and what they started, each once. Those that went to the trash with an experiment stay with it."""
    found: dict[int, Run] = {}
    parents = parents_among(runs)
    for run in chosen_runs([run.run_id for run in runs]):
        found.setdefault(run.pk, run)
        if run.run_id not in parents:
            continue
        family = Run.objects.kept().descendants_of(run.run_id).exclude(deleted_with__startswith="experiment:")
        for member in family.select_related("experiment"):
            found.setdefault(member.pk, member)
    return list(found.values())


def copy_run(
    run: Run, experiment: Experiment | None = None, name: str | None = None, with_children: bool = False
) -> Run:
    """A run with a new id that holds all that this one holds: params, tags, series, console, note, environment, and
    files, whose content is not stored again. It has no parent; with its children, they are copied too.

    It is in the experiment it came from unless another is given. Whoever writes meanwhile waits for some 50 ms (150 for
    thousands of series), or for as long as it takes to copy a series again that grew while it was copied.

    Errors: NotFound for a run that is not there, Conflict for a run or experiment in the trash.
    """
    run.require_active()
    family = [run]
    if with_children:
        family += Run.objects.active().descendants_of(run.run_id)
    series = _ReservedSeries(family)
    try:
        series.copy_points()
        with write_transaction():
            copies = _copy_family(family, experiment, name)
            for member, copy in zip(family, copies, strict=True):
                series.settle(member, copy)
    except BaseException:
        series.give_up()
        raise
    return copies[0]


def _copy_family(family: Sequence[Run], experiment: Experiment | None, name: str | None) -> list[Run]:
    """Everything but the series. The first is the one asked for."""
    new_ids = {member.run_id: uuid.uuid4().hex for member in family}
    copies: list[Run] = []
    for member in family:
        # Once more: it may have been changed, moved, trashed or deleted while its points were copied.
        origin = Run.objects.by_id(member.run_id)
        origin.require_active()
        target = experiment or origin.experiment
        _require_active(target)
        changed = {"run_id": new_ids[origin.run_id], "experiment": target, "parent_run_id": None}
        if copies:
            # One whose parent is not copied, for it is in the trash, hangs on the first.
            changed["parent_run_id"] = new_ids.get(origin.parent_run_id, copies[0].run_id)
        elif name:
            changed["name"] = name
        copies.append(_copy_one(origin, changed))
    return copies


def _copy_one(origin: Run, changed: dict[str, Any]) -> Run:
    kept = {field.name: getattr(origin, field.name) for field in Run._meta.fields if not field.primary_key}
    copy = Run.objects.create(**kept | changed)
    for part in _PARTS:
        _copy_rows(part, origin, copy)
    ingest.store_tags(copy.pk, {COPIED_FROM: origin.run_id})
    AuditEntry.note("copy", copy, {COPIED_FROM: origin.run_id})
    return copy


def _copy_rows(model: type[models.Model], origin: Run, copy: Run) -> None:
    columns = _columns(model)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} (run_id, {columns}) "
            f"SELECT %s, {columns} FROM {model._meta.db_table} WHERE run_id = %s",
            [copy.pk, origin.pk],
        )


def _columns(model: type[models.Model]) -> str:
    """Its columns but for its own key and its run's."""
    names = [field.column for field in model._meta.fields if not field.primary_key and field.column != "run_id"]
    return ", ".join(f'"{name}"' for name in names)


class _ReservedSeries:
    """New series of a family of runs: their points come first, under ids that nobody knows, in pieces that let others
    write in between; their rows come last, all at once. What a server that died meanwhile leaves are points without a
    series, which `manage.py check_data` finds.
    """

    def __init__(self, family: Sequence[Run]) -> None:
        found = Metric.objects.filter(run__in=[run.pk for run in family]).order_by("pk")
        self.seen = {fields["id"]: fields for fields in found.values()}
        self.ids = dict(zip(self.seen, _reserve(family[0], len(self.seen)), strict=True))

    def copy_points(self) -> None:
        """Copy what is there by now."""
        left = list(self.ids.items())
        while left:
            with write_transaction():
                room = COPY_PIECE
                while left and room > 0:
                    copied = points.copy_some(*left[-1], room)
                    if copied < room:
                        left.pop()
                    room -= copied + SERIES_COST

    def settle(self, origin: Run, copy: Run) -> None:
        """Give the series of `origin` to its copy, as they are now."""
        series = {fields["id"]: fields for fields in Metric.objects.filter(run=origin).values()}
        added = [pk for pk in series if pk not in self.ids]
        self.ids |= dict(zip(added, _reserve(copy, len(added)), strict=True))
        for pk, fields in series.items():
            if fields != self.seen.get(pk) or points.count(self.ids[pk]) != fields["count"]:
                points.delete_some([self.ids[pk]], points.ALL)
                points.copy_some(pk, self.ids[pk], points.ALL)
        _copy_series([(self.ids[pk], copy.pk, pk) for pk in series])
        points.copy_buckets([(pk, self.ids[pk]) for pk in series])

    def give_up(self) -> None:
        """Delete what was copied in vain."""
        points.delete_in_pieces(list(self.ids.values()))


def _reserve(run: Run, count: int) -> list[int]:
    """Keys for new series: rows that come and go at once, for a key is never given twice."""
    with write_transaction():
        rows = Metric.objects.bulk_create([Metric(run=run, key=f"\n{number}") for number in range(count)])
        keys = [row.pk for row in rows]
        Metric.objects.filter(run=run, key__startswith="\n").delete()
    return keys


def _copy_series(rows: Iterable[tuple[int, int, int]]) -> None:
    """Store series: (new key, its run's key, the key of the series that it is a copy of)."""
    columns = _columns(Metric)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO runs_metric (id, run_id, {columns}) SELECT %s, %s, {columns} FROM runs_metric WHERE id = %s",
            list(rows),
        )
