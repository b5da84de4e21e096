"""Actions on many runs: each says first what it would do, and to what it would not."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from django import forms
from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.template.defaultfilters import filesizeformat, pluralize

from experiments.models import Experiment
from runs import bulk, purging
from runs.batches import MAX_KEY_LENGTH
from runs.models import Run
from runs.moving import copy_run, move_runs
from runs.purging import Purge
from trackerweb.admin_site import NAMED, Asked, Look
from trackerweb.errors import Conflict
from trackerweb.lifecycle import LifecycleStage

#: Runs that are changed in one transaction.
_CHUNK = 100
#: Copies that one request makes.
MAX_COPIES = 100
PATIENCE_SECONDS = 1.5

Rows = QuerySet[Any]


def _in_stage(rows: Rows, stage: LifecycleStage) -> Rows:
    return rows.filter(lifecycle_stage=stage)


def _look(rows: Rows, stage: LifecycleStage, why_not: str) -> Look:
    """Those of the rows in a stage, and how many are not."""
    meant = _in_stage(rows, stage)
    figures = meant.aggregate(
        runs=Count("pk"), points=Coalesce(Sum("point_count"), 0), size=Coalesce(Sum("artifact_bytes"), 0)
    )
    others = rows.count() - figures["runs"]
    return Look(
        {
            "Runs": f"{figures['runs']:,}",
            "Points": f"{figures['points']:,}",
            "Bytes of files": filesizeformat(figures["size"]),
        },
        names=list(meant.values_list("name", flat=True)[:NAMED]),
        skipped=[f"{others:,} run{pluralize(others)} {why_not}"] if others else [],
        is_empty=not figures["runs"],
    )


def _chunks(rows: Rows) -> Iterator[list[Any]]:
    """The runs as they are now, some at a time; keys first, for what is changed leaves the query."""
    keys = list(rows.values_list("pk", flat=True))
    for start in range(0, len(keys), _CHUNK):
        yield list(Run.objects.filter(pk__in=keys[start : start + _CHUNK]).select_related("experiment"))


def _look_active(rows: Rows) -> Look:
    return _look(rows, LifecycleStage.ACTIVE, "in the trash")


def _trash(rows: Rows, answers: dict[str, Any]) -> str:
    moved = 0
    for runs in _chunks(_in_stage(rows, LifecycleStage.ACTIVE)):
        moved += len(bulk.trash_runs([run.run_id for run in runs]))
    return f"{moved:,} run{pluralize(moved)} moved to the trash."


def _look_trashed(rows: Rows) -> Look:
    return _look(rows, LifecycleStage.DELETED, "not in the trash")


def _look_restorable(rows: Rows) -> Look:
    here = rows.filter(experiment__lifecycle_stage=LifecycleStage.ACTIVE)
    look = _look_trashed(here)
    waiting = rows.count() - here.count()
    if waiting:
        look.skipped.append(f"{waiting:,} whose experiment is in the trash: restore that first")
    return look


def _restore(rows: Rows, answers: dict[str, Any]) -> str:
    restored = 0
    here = rows.filter(experiment__lifecycle_stage=LifecycleStage.ACTIVE)
    for runs in _chunks(_in_stage(here, LifecycleStage.DELETED)):
        restored += len(bulk.restore_runs([run.run_id for run in runs]))
    return f"{restored:,} run{pluralize(restored)} restored."


def _look_purge(rows: Rows) -> Look:
    look, preview = _look_trashed(rows), Purge.of_rows(_in_stage(rows, LifecycleStage.DELETED)).preview()
    words = {"runs": "Runs, with what went with them", "points": "Points", "artifacts": "Files"}
    figures = {word: f"{asdict(preview)[name]:,}" for name, word in words.items()}
    figures["Bytes of files that only they have"] = filesizeformat(preview.artifact_bytes)
    figures["Bytes of rows, about"] = filesizeformat(preview.row_bytes)
    return Look(figures, look.names, look.skipped, look.is_empty)


def purge_and_tell(chosen: Purge) -> str:
    """Delete for good; a small purge is over when the page shows."""
    preview = chosen.preview()
    chosen.mark()
    purging.sweep_soon(PATIENCE_SECONDS)
    left = purging.remaining()
    ending = f"{left:,} are being freed." if left else "Their room is free again."
    return f"{preview.runs:,} run{pluralize(preview.runs)} deleted for good. {ending}"


def _purge(rows: Rows, answers: dict[str, Any]) -> str:
    return purge_and_tell(Purge.of_rows(_in_stage(rows, LifecycleStage.DELETED)))


class ExperimentNameForm(forms.Form):
    """Where to: an experiment by name, made if there is none."""

    experiment = forms.CharField(label="To the experiment (made if there is none)", max_length=500)


def _move(rows: Rows, answers: dict[str, Any]) -> str:
    experiment, _ = Experiment.objects.get_or_add(answers["experiment"].strip())
    moved = 0
    for runs in _chunks(_in_stage(rows, LifecycleStage.ACTIVE)):
        moved += len(move_runs(runs, experiment))
    return f"{moved:,} run{pluralize(moved)} moved to {experiment.name}, children included."


def _copy(rows: Rows, answers: dict[str, Any]) -> str:
    active = _in_stage(rows, LifecycleStage.ACTIVE)
    count = active.count()
    if count > MAX_COPIES:
        raise Conflict(f"{count:,} copies are too many at once; {MAX_COPIES} are allowed. Choose fewer.")
    experiment, _ = Experiment.objects.get_or_add(answers["experiment"].strip())
    for runs in _chunks(active):
        for run in runs:
            copy_run(run, experiment)
    return f"{count:,} run{pluralize(count)} copied to {experiment.name}."


class TagForm(forms.Form):
    """A tag and its value."""

    tag = forms.CharField(max_length=MAX_KEY_LENGTH)
    value = forms.CharField(required=False)


def _set_tag(rows: Rows, answers: dict[str, Any]) -> str:
    count = 0
    for runs in _chunks(_in_stage(rows, LifecycleStage.ACTIVE)):
        for run in runs:
            run.set_tag(answers["tag"].strip(), answers["value"])
        count += len(runs)
    return f"{answers['tag']} is set on {count:,} run{pluralize(count)}."


RUN_ACTIONS = (
    Asked("trash", "Move to the trash…", _look_active, _trash),
    Asked("restore", "Restore from the trash…", _look_restorable, _restore),
    Asked("purge", "Delete for good…", _look_purge, _purge, is_final=True),
    Asked("move", "Move to another experiment…", _look_active, _move, ExperimentNameForm),
    Asked("copy", "Copy to an experiment…", _look_active, _copy, ExperimentNameForm),
    Asked("set_tag", "Set a tag…", _look_active, _set_tag, TagForm),
)
