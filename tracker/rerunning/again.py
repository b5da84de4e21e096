"""Chooses how a run can be run again, and holds what came out against what came out before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tracker.delivery.server import Server
from tracker.errors import InvalidValue, TrackerError
from tracker.notices import warn
from tracker.rerunning import scripts
from tracker.rerunning.folders import Done
from tracker.rerunning.options import Options
from tracker.rerunning.recorded import Recorded, is_project, recorded
from tracker.rerunning.verdict import TOLERANCE, Verdict, is_same, verdict

#: The tag of every sweep's own run (docs/sweeps.md).
SWEEP = "tracker.sweep.method"


@dataclass(frozen=True)
class Outcome:
    """A rerun that ended. `missing` says what was not as before; `ignored` are changes that the new run shows nothing
    of: its program did not read them."""

    run_id: str
    exit_status: int
    missing: tuple[str, ...]
    verdict: Verdict
    ignored: tuple[str, ...] = ()


def rerun(server: Server, run_id: str, options: Options, tolerance: float = TOLERANCE) -> Outcome | None:
    """Run the run of an id again; None for a dry run.

    Errors: TrackerError where it can't be run again, with what is known of it; InvalidValue; Refused; Unavailable.
    """
    before = recorded(server, run_id)
    if before.status in ("RUNNING", "SCHEDULED"):
        warn(f"run {run_id} has not ended: what comes out is compared with what it has logged by now.")
    done = _rerun(server, before, options)
    if done is None:
        return None
    after = recorded(server, done.run_id)
    found = verdict((before.params, before.metrics), (after.params, after.metrics), tolerance)
    return Outcome(done.run_id, done.exit_status, done.missing, found, _ignored(after, options.changes))


def _rerun(server: Server, before: Recorded, options: Options) -> Done | None:
    if SWEEP in before.tags:
        raise TrackerError(
            f"Run {before.run_id} is a sweep: its trials can be run again. To go on with it: tracker sweep --resume "
            f"{before.run_id}"
        )
    if is_project(before):
        if options.without:
            raise InvalidValue("--without is for scripts: a project says itself which packages it needs.")
        from tracker.rerunning import projects

        return projects.rerun(server, before, options)
    _refuse(before)
    return scripts.rerun(server, before, options)


def _ignored(after: Recorded, changes: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(key for key, value in changes.items() if not is_same(after.params.get(key, value), value))


def _refuse(told: Recorded) -> None:
    if told.source_type == "NOTEBOOK":
        raise TrackerError(
            f"Run {told.run_id} was logged from a notebook: what ran there in which order is not known. Run the "
            "notebook again, or make a script of it."
        )
    if not told.command:
        raise TrackerError(f"Run {told.run_id} can't be run again: its command line was not captured. {_known(told)}")


def _known(told: Recorded) -> str:
    """What is known of a run that another client logged: MLflow's tells no command line and no packages."""
    facts = {
        "script": told.source_name,
        "commit": told.commit,
        "repository": told.tags.get("mlflow.source.git.repoURL", "") or told.git.remote,
    }
    known = ", ".join(f"{name} {value}" for name, value in facts.items() if value) or "nothing of its code"
    return f"Known is: {known}. Runs that import tracker capture it by themselves (TRACKER_CAPTURE=all)."
