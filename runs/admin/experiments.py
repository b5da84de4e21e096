"""Actions on experiments. They take runs along, which experiments know nothing of: imports point one way."""

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.template.defaultfilters import filesizeformat, pluralize

from experiments.admin import ExperimentDesk
from experiments.models import Experiment
from runs.admin.actions import purge_and_tell
from runs.admin.filters import StageFilter
from runs.purging import Purge
from trackerweb.admin_site import NAMED, Asked, Look
from trackerweb.lifecycle import LifecycleStage


def _look(rows: "QuerySet[Any]", stage: LifecycleStage, why_not: str) -> Look:
    meant = Experiment.objects.filter(pk__in=rows.values("pk"), lifecycle_stage=stage)
    names = list(meant.values_list("name", flat=True)[:NAMED])
    runs = meant.aggregate(runs=Count("runs", filter=Q(runs__lifecycle_stage__in=["active", "deleted"])))["runs"]
    count, others = meant.count(), rows.count() - meant.count()
    return Look(
        {"Experiments": f"{count:,}", "Runs": f"{runs:,}"},
        names=names,
        skipped=[f"{others:,} experiment{pluralize(others)} {why_not}"] if others else [],
        is_empty=not count,
    )


def _in_stage(rows: "QuerySet[Any]", stage: LifecycleStage) -> list[Experiment]:
    return list(Experiment.objects.filter(pk__in=rows.values("pk"), lifecycle_stage=stage))


def _trash(rows: "QuerySet[Any]", answers: dict[str, Any]) -> str:
    experiments = _in_stage(rows, LifecycleStage.ACTIVE)
    for experiment in experiments:
        experiment.trash()
    return f"{len(experiments)} experiment{pluralize(experiments)} moved to the trash, with their runs."


def _taken(rows: "QuerySet[Any]") -> list[Experiment]:
    """Those in the trash whose name another one has by now."""
    trashed = _in_stage(rows, LifecycleStage.DELETED)
    return [item for item in trashed if Experiment.objects.named(item.name) is not None]


def _look_restorable(rows: "QuerySet[Any]") -> Look:
    look = _look(rows, LifecycleStage.DELETED, "not in the trash")
    for experiment in _taken(rows):
        look.skipped.append(f"{experiment.name}: its name was taken. Restore it under another one on the trash page.")
    return look


def _restore(rows: "QuerySet[Any]", answers: dict[str, Any]) -> str:
    taken = {item.pk for item in _taken(rows)}
    experiments = [item for item in _in_stage(rows, LifecycleStage.DELETED) if item.pk not in taken]
    for experiment in experiments:
        experiment.restore()
    return f"{len(experiments)} experiment{pluralize(experiments)} restored, with their runs."


def _purge_of(rows: "QuerySet[Any]") -> Purge:
    return Purge.of(experiment_ids=[item.pk for item in _in_stage(rows, LifecycleStage.DELETED)])


def _look_purge(rows: "QuerySet[Any]") -> Look:
    look, preview = _look(rows, LifecycleStage.DELETED, "not in the trash"), _purge_of(rows).preview()
    figures = look.figures | {
        "Points": f"{preview.points:,}",
        "Files": f"{preview.artifacts:,}",
        "Bytes of files that only they have": filesizeformat(preview.artifact_bytes),
        "Bytes of rows, about": filesizeformat(preview.row_bytes),
    }
    return Look(figures, look.names, look.skipped, look.is_empty)


def _purge(rows: "QuerySet[Any]", answers: dict[str, Any]) -> str:
    return purge_and_tell(_purge_of(rows))


ExperimentDesk.list_filter = [StageFilter]
ExperimentDesk.actions = [  # type: ignore[misc]  # a class attribute like any other
    Asked("trash", "Move to the trash…", lambda rows: _look(rows, LifecycleStage.ACTIVE, "in the trash"), _trash),
    Asked("restore", "Restore from the trash…", _look_restorable, _restore),
    Asked("purge", "Delete for good…", _look_purge, _purge, is_final=True),
]
