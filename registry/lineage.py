"""Notes which models a run took in and gave out."""

from collections.abc import Mapping

from registry.models import RunModel
from runs.models import Run
from trackerweb.errors import AlreadyExists
from trackerweb.transactions import write_transaction


def note_inputs(run_id: str, model_ids: list[str]) -> None:
    """Store that an active run took these models. Again is fine.

    Errors: NotFound; Conflict for a run in the trash.
    """
    with write_transaction():
        run = _active(run_id)
        rows = [RunModel(run=run, role=RunModel.Role.INPUT, model_id=model_id) for model_id in model_ids]
        RunModel.objects.bulk_create(rows, ignore_conflicts=True)


def note_outputs(run_id: str, steps: Mapping[str, int]) -> None:
    """Store that an active run gave out models, each at a step; keys are model ids.

    Errors: NotFound; Conflict for a run in the trash; AlreadyExists for a model that it gave out before.
    """
    with write_transaction():
        run = _active(run_id)
        known = run.model_uses.filter(role=RunModel.Role.OUTPUT, model_id__in=list(steps)).first()
        if known is not None:
            raise AlreadyExists(f"models: run {run_id!r} gave out {known.model_id!r} before.", field="models")
        rows = [
            RunModel(run=run, role=RunModel.Role.OUTPUT, model_id=model_id, step=step)
            for model_id, step in steps.items()
        ]
        RunModel.objects.bulk_create(rows)


def _active(run_id: str) -> Run:
    run = Run.objects.by_id(run_id)
    run.require_active()
    return run
