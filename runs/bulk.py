"""Changes many runs at once: all of them, or none."""

from collections.abc import Sequence

from runs.models import Run
from trackerweb.errors import Conflict, NotFound
from trackerweb.transactions import write_transaction


def chosen_runs(run_ids: Sequence[str]) -> list[Run]:
    """The runs with these ids, in their order, trashed or not; an id that comes twice once.

    Errors: NotFound with the index of the first that is not there.
    """
    found = {run.run_id: run for run in Run.objects.kept().filter(run_id__in=run_ids).select_related("experiment")}
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
        return [run for run in chosen_runs(run_ids) if _trash(run)]


def restore_runs(run_ids: Sequence[str]) -> list[Run]:
    """Take runs out of the trash, with what went with them. Returns those chosen that were there.

    Errors: as of `chosen_runs`; those of Run.restore, with the index.
    """
    with write_transaction():
        return [run for index, run in enumerate(chosen_runs(run_ids)) if _restore(run, index)]


def _trash(run: Run) -> bool:
    """Whether it was active; its parent may have taken it along a moment ago."""
    was_active = run.is_active
    run.refresh_from_db(fields=["lifecycle_stage"])
    run.trash()
    return was_active


def _restore(run: Run, index: int) -> bool:
    was_trashed = not run.is_active
    run.refresh_from_db(fields=["lifecycle_stage"])
    try:
        run.restore()
    except Conflict as error:
        raise Conflict(f"run_ids, item {index}: {error.message}", field="run_ids", index=index) from None
    return was_trashed
