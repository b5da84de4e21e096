"""Changes many runs at once: all of them, or none."""

from collections.abc import Sequence

from django.db import connection

from experiments.models import AuditEntry
from runs import batches, system_tags
from runs.models import Run, Tag
from trackerweb.clock import now_ms
from trackerweb.errors import Conflict, NotFound
from trackerweb.lifecycle import LifecycleStage
from trackerweb.transactions import write_transaction

#: SQLite takes 32,766 values in one statement.
_CHUNK = 10_000


def chosen_runs(run_ids: Sequence[str]) -> list[Run]:
    """The runs with these ids, in their order, trashed or not; an id that comes twice once.

    Errors: NotFound with the index of the first that is not there.
    """
    found: dict[str, Run] = {}
    for start in range(0, len(run_ids), _CHUNK):
        some = Run.objects.kept().filter(run_id__in=run_ids[start : start + _CHUNK])
        found |= {run.run_id: run for run in some.select_related("experiment")}
    for index, run_id in enumerate(run_ids):
        if run_id not in found:
            raise NotFound(
                f"run_ids, item {index}: no run {run_id[:80]!r}. It may have been deleted for good.",
                field="run_ids",
                index=index,
            )
    return [found[run_id] for run_id in dict.fromkeys(run_ids)]


def trash_runs(run_ids: Sequence[str]) -> list[Run]:
    """Move runs and their descendants to the trash. Returns those chosen that were not there before.

    Errors: as of `chosen_runs`.
    """
    with write_transaction():
        active = [run for run in chosen_runs(run_ids) if run.is_active]
        parents = parents_among(active)
        for run in active:
            if run.run_id in parents:
                _trash_family(run)
        # Each by itself would take a minute for ten thousand.
        _trash_alone([run for run in active if run.run_id not in parents])
    return active


def parents_among(runs: Sequence[Run]) -> set[str]:
    """The ids of those that started others."""
    ids = [run.run_id for run in runs]
    found: set[str] = set()
    for start in range(0, len(ids), _CHUNK):
        below = Run.objects.filter(parent_run_id__in=ids[start : start + _CHUNK])
        found.update(parent for (parent,) in below.values_list("parent_run_id").distinct() if parent is not None)
    return found


def _trash_family(run: Run) -> None:
    # Its parent may have taken it along a moment ago.
    run.refresh_from_db(fields=["lifecycle_stage"])
    run.trash()


def _trash_alone(runs: Sequence[Run]) -> None:
    gone = {"lifecycle_stage": LifecycleStage.DELETED, "deleted_time": now_ms(), "deleted_with": None}
    AuditEntry.note_all("trash", runs)
    for start in range(0, len(runs), _CHUNK):
        # One that went with its parent a moment ago stays with it.
        some = Run.objects.active().filter(pk__in=[run.pk for run in runs[start : start + _CHUNK]])
        some.update(**gone)


def restore_runs(run_ids: Sequence[str]) -> list[Run]:
    """Take runs out of the trash, with what went with them. Returns those chosen that were there.

    Errors: as of `chosen_runs`; those of Run.restore, with the index.
    """
    with write_transaction():
        return [run for index, run in enumerate(chosen_runs(run_ids)) if _restore(run, index)]


def _restore(run: Run, index: int) -> bool:
    was_trashed = not run.is_active
    run.refresh_from_db(fields=["lifecycle_stage"])
    try:
        run.restore()
    except Conflict as error:
        raise Conflict(f"run_ids, item {index}: {error.message}", field="run_ids", index=index) from None
    return was_trashed


def tag_runs(run_ids: Sequence[str], key: str, value: str) -> list[Run]:
    """Set a tag of many runs. Returns those that had another value, or none.

    Errors: as of `chosen_runs`; InvalidValue for a key that can't be shown, Conflict for a run in the trash.
    """
    batches.check_key(key, "tags")
    with write_transaction():
        runs = chosen_runs(run_ids)
        for run in runs:
            run.require_active()
        if key in system_tags.FIELDS:
            for run in runs:
                run.set_tag(key, value)
            return runs
        before = _values(runs, key)
        changed = [run for run in runs if before.get(run.pk) != value]
        AuditEntry.note_each("set tag", [(run, {key: before.get(run.pk)}) for run in changed])
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO runs_tag (run_id, key, value) VALUES (%s, %s, %s) "
                "ON CONFLICT (run_id, key) DO UPDATE SET value = excluded.value",
                [(run.pk, key, value) for run in changed],
            )
    return changed


def _values(runs: Sequence[Run], key: str) -> dict[int, str]:
    found: dict[int, str] = {}
    for start in range(0, len(runs), _CHUNK):
        some = Tag.objects.filter(key=key, run__in=[run.pk for run in runs[start : start + _CHUNK]])
        found |= dict(some.values_list("run_id", "value"))
    return found
