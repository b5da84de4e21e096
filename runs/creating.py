"""Makes a run, or confirms that it is there: PUT sent twice is one run."""

import re
from typing import Any

from coolname import generate_slug
from django.db import IntegrityError, transaction

from experiments.models import AuditEntry, Experiment
from runs import batches, ingest, system_tags, telling
from runs.models import Environment, Run
from trackerweb import sqlite
from trackerweb.clock import now_ms
from trackerweb.errors import Conflict, InvalidValue
from trackerweb.lifecycle import LifecycleStage
from trackerweb.transactions import write_transaction

#: Each so many runs, the database looks again how large it has become.
RUNS_BETWEEN_LOOKS = 1000
#: What a run that was made for a program says of itself only once the program runs.
TOLD_LATER = ("user", "source_name", "source_type", "entry_point", "git_commit")
RUN_ID = re.compile(r"[a-zA-Z0-9][\w-]{0,255}", re.ASCII)


def put_run(
    run_id: str,
    experiment: Experiment | None = None,
    params: dict[str, str] | None = None,
    tags: dict[str, str] | None = None,
    environment: dict[str, Any] | None = None,
    **fields: Any,
) -> tuple[Run, bool]:
    """The run with this id, made if there is none: (run, made). A run that is there keeps what it has, and gets the
    params, tags and words on its source that it lacks.

    Errors: InvalidValue for an id that no address could hold; Conflict when the run is there in another experiment
    (unless it was moved away from this one), or the experiment is in the trash.
    """
    if not RUN_ID.fullmatch(run_id):
        raise InvalidValue(
            f"{run_id[:80]!r} is no run id: up to 256 letters, digits, - and _, the first a letter or digit.",
            field="run_id",
        )
    batches.check(batches.Batch(params=params or {}, tags=tags or {}), now_ms())
    parent = (tags or {}).get("mlflow.parentRunId", fields.get("parent_run_id"))
    Run.objects.refuse_circle(run_id, parent)
    with write_transaction():
        found = Run.objects.find(run_id)
        if found is not None and found.lifecycle_stage == LifecycleStage.PURGING:
            raise Conflict(f"Run {run_id!r} is being deleted for good. Send this again in a while.", field="run_id")
        if found is not None:
            run = _confirmed(found, experiment, params or {}, tags or {})
            _fill(run, fields)
            return run, False
        if environment:
            fields["environment"] = Environment.of(environment)
        tags = tags or {}
        run = _add(run_id, experiment or Experiment.objects.by_id(0), fields | system_tags.fields_in(tags))
        tags = system_tags.without_fields(tags)
        if params or tags:
            ingest.store(run_id, batches.Batch(params=params or {}, tags=tags))
        telling.tell_end(None, run.status, lambda: run)
        if run.pk % RUNS_BETWEEN_LOOKS == 0:
            transaction.on_commit(sqlite.learn_sizes)
        return run, True


def _confirmed(run: Run, experiment: Experiment | None, params: dict[str, str], tags: dict[str, str]) -> Run:
    """The run as it is, with the params and tags that it did not have; a tag that it has may have been edited since."""
    if experiment is not None and run.experiment_id != experiment.pk and not _was_moved_from(run, experiment):
        raise Conflict(
            f"Run {run.run_id!r} is there already, in experiment {run.experiment.name!r}. "
            "Name that experiment to go on with it. Use another id for a new run.",
            field="run_id",
        )
    known = set(run.tags.filter(key__in=list(tags)).values_list("key", flat=True)) if tags else set()
    known |= {key for key, _ in system_tags.told_by(run)}
    missing = {key: value for key, value in tags.items() if key not in known}
    if params or missing:
        ingest.store(run.run_id, batches.Batch(params=params, tags=missing))
    return run


def _fill(run: Run, fields: dict[str, Any]) -> None:
    lacking = {name: fields[name] for name in TOLD_LATER if fields.get(name) and not getattr(run, name)}
    if not lacking:
        return
    for name, value in lacking.items():
        setattr(run, name, value)
    run.save(update_fields=list(lacking))


def experiment_for(run_id: str, name: str) -> Experiment:
    """The experiment of that name, made if there is none.

    For a run that is there already it is the one that the run is in, if that one, or one that the run was moved from,
    has or had the name: a script that resumes says what it said first.
    """
    run = Run.objects.filter(run_id=run_id).select_related("experiment").first()
    if run is not None and name in _names_of_homes(run):
        return run.experiment
    return Experiment.objects.get_or_add(name)[0]


def _names_of_homes(run: Run) -> set[str]:
    """What the experiments that a run was in are and were called."""
    moves = AuditEntry.objects.filter(kind="run", object_id=run.run_id, action="move").values_list("before", flat=True)
    homes = {run.experiment_id, *(before["experiment_id"] for before in moves if "experiment_id" in before)}
    names = set(Experiment.objects.filter(pk__in=homes).values_list("name", flat=True))
    told = AuditEntry.objects.filter(kind="experiment", object_id__in=map(str, homes)).values_list("before", flat=True)
    return names | {before["name"] for before in told if "name" in before}


def _was_moved_from(run: Run, experiment: Experiment) -> bool:
    """Whether a person moved it away from there, where a script that resumes still believes it."""
    moves = AuditEntry.objects.filter(kind="run", object_id=run.run_id, action="move")
    return any(before.get("experiment_id") == experiment.pk for before in moves.values_list("before", flat=True))


def _add(run_id: str, experiment: Experiment, fields: dict[str, Any]) -> Run:
    if not experiment.is_active:
        raise Conflict(f"Experiment {experiment.name!r} is in the trash. Restore it first.", field="experiment")
    now = now_ms()
    values = {"start_time": now, "heartbeat_time": now} | fields
    values["name"] = values.get("name") or generate_slug(2)
    if values.get("status") in ingest.ENDED:
        values.setdefault("end_time", now)
    try:
        return Run.objects.create(run_id=run_id, experiment=experiment, **values)
    except IntegrityError:
        raise Conflict(f"Run {run_id!r} was made by someone else just now. Send this again.", field="run_id") from None
