"""Begins a sweep, or goes on with one, and ends its parent run as it went."""

from __future__ import annotations

import dataclasses
import json
import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from tracker import capture, couriers, fluent, settings, starting
from tracker.capture import environment, source
from tracker.delivery.server import Server
from tracker.ending import Outcome, outcome_of
from tracker.errors import InvalidProject, InvalidValue
from tracker.open_run import now_ms
from tracker.projects import asking, backends, signals, sources
from tracker.projects.definition import load
from tracker.projects.sources import Source
from tracker.run import Run
from tracker.sweeping import leftovers, trials
from tracker.sweeping.driving import BEST, Driver
from tracker.sweeping.spec import Spec, changed, spec_of
from tracker.sweeping.suggesting import Suggester, suggester
from tracker.sweeping.trials import Trial
from tracker.userinfo import without_secrets

#: How long the server may take to hear of the parent run.
FLUSH_SECONDS = 30.0
STOPPED = "tracker.sweep.stopped"
_TAGS = {"method": "method", "metric": "metric", "goal": "goal", "total": "total"}


@dataclass(frozen=True)
class Sweep:
    """How a sweep went: `stopped` says why it ended before all trials were run, empty if they were."""

    run_id: str
    url: str
    spec: Spec
    trials: Sequence[Trial]
    best: Trial | None
    stopped: str = ""

    @property
    def is_good(self) -> bool:
        """Whether any trial came to an end that can be used."""
        return any(trial.state in ("finished", "pruned") for trial in self.trials)


class Teller(Protocol):
    """Hears how a sweep goes."""

    def begins(self, sweep: Sweep, jobs: int) -> None:
        """It begins, or goes on: `sweep.trials` are those of earlier sessions."""

    def ended(self, trial: Trial, driver: Driver) -> None:
        """A trial ended."""


class Silent:
    """Tells nobody."""

    def begins(self, sweep: Sweep, jobs: int) -> None:
        """See Teller."""

    def ended(self, trial: Trial, driver: Driver) -> None:
        """See Teller."""


# Before there is a run, whose own handler of signals would end it and leave its trials.
@signals.raised()
def begin(spec: Spec, teller: Teller) -> Sweep:
    """Run a new sweep to its end.

    Errors: InvalidValue, InvalidProject, MissingLibrary before anything is made; TrackerError when not even the first
    trial can be started; KeyboardInterrupt, the trials being stopped then.
    """
    # Chosen here where it was not said: the sweep can be gone on with, and repeated.
    seed = secrets.randbelow(2**32) if spec.seed is None else spec.seed
    spec = dataclasses.replace(spec, seed=seed)
    chooser = suggester(spec)
    spec = _pinned(spec)
    server = Server(settings.uri(), settings.token())
    # The server has to be there: it tells how trials went.
    server.get("experiments/0/")
    jobs = _jobs(spec)
    parent = starting.own(uuid.uuid4().hex, _fields(spec))
    return _run(spec, jobs, parent, server, chooser, [], teller)


@signals.raised()
def resume(run_id: str, told: Mapping[str, Any], teller: Teller) -> Sweep:
    """Go on with a sweep: trials that are done stay, the others are run, those half run once more.

    `told` are fields that change; see `tracker.sweeping.spec.CHANGEABLE`.

    Errors: InvalidValue when the run is no sweep, or is driven by another process; and as `begin`.
    """
    server = Server(settings.uri(), settings.token())
    run = server.get(f"runs/{run_id}/")
    stored = (run["environment"] or {}).get("sweep")
    if not isinstance(stored, dict):
        raise InvalidValue(f"Run {run_id} is no sweep. Name the parent of its trials.")
    spec = changed(spec_of(_in_order(stored), f"the sweep of run {run_id}"), told)
    chooser = suggester(spec)
    jobs = _jobs(spec)
    leftovers.claim(server, run_id)
    known = _known(server, run_id, spec)
    parent = starting.own(run_id, {})
    return _run(spec, jobs, parent, server, chooser, known, teller)


def _in_order(stored: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that were stored, the parameters in the order that numbers of trials count on: JSON has none."""
    parameters, order = stored.get("parameters"), stored.get("order")
    told = {name: value for name, value in stored.items() if name != "order"}
    if not isinstance(parameters, dict) or not isinstance(order, list) or set(map(str, order)) != set(parameters):
        return told
    return told | {"parameters": {name: parameters[name] for name in map(str, order)}}


def _known(server: Server, run_id: str, spec: Spec) -> list[Trial]:
    """The trials so far, with what this machine still knew of them; other runs of theirs count no more."""
    children = [trial.run_id for trial in trials.trials_of(server, run_id, spec.metric)]
    leftovers.deliver(server, run_id, children)
    known = trials.trials_of(server, run_id, spec.metric)
    for other in trials.superseded(server, run_id, known):
        trials.set_aside(server, other)
    for trial in known:
        if not _is_of(spec, trial.values):
            # Somebody changed its tags: it is no example for others, and has new values where it is run again.
            trial.values = {}
        if spec.pruner and trial.is_done:
            trial.points = trials.points_after(server, trial.run_id, str(spec.metric), 0)
    return known


def _is_of(spec: Spec, values: Mapping[str, str]) -> bool:
    """Whether a sweep may have chosen the values."""
    domains = spec.parameters
    return values.keys() == domains.keys() and all(domains[name].holds(text) for name, text in values.items())


def _run(
    spec: Spec, jobs: int, parent: Run, server: Server, chooser: Suggester, known: Sequence[Trial], teller: Teller
) -> Sweep:
    """Drive it, and end the parent: FINISHED, FAILED when no trial was good, KILLED by Ctrl-C."""
    try:
        parent.say({"environment": _environment(spec)})
        parent.set_tags(_tags(spec))
        parent.delete_tag(STOPPED)
        couriers.flush(FLUSH_SECONDS)
        driver = Driver(spec, parent, server, chooser, known, teller.ended)
        if driver.best is not None:
            parent.set_tag(BEST, driver.best.run_id)
        teller.begins(Sweep(parent.run_id, parent.url, spec, driver.ended, driver.best), jobs)
        sweep = _driven(driver, parent, jobs)
    except BaseException as error:
        _end(parent, outcome_of(error))
        raise
    _end(parent, Outcome("FINISHED") if sweep.is_good else Outcome("FAILED", "No trial was finished."))
    couriers.flush(FLUSH_SECONDS)
    return sweep


def _end(parent: Run, outcome: Outcome) -> None:
    """End the parent, which no process drives any more."""
    parent.delete_tag(leftovers.PROCESS)
    parent.end_as(outcome)


def _driven(driver: Driver, parent: Run, jobs: int) -> Sweep:
    try:
        stopped = driver.drive(jobs)
    except BaseException:
        driver.stop()
        raise
    if stopped:
        parent.set_tag(STOPPED, stopped)
    return Sweep(parent.run_id, parent.url, driver.spec, driver.ended, driver.best, stopped)


def _jobs(spec: Spec) -> int:
    """How many trials run at once.

    Errors: InvalidValue, MissingLibrary for a backend that is not there; TrackerError for one that does not answer.
    """
    backend = backends.find(spec.backend)
    return spec.jobs or backend.slots(asking.options(spec.backend_config)) or 1


def _pinned(spec: Spec) -> Spec:
    """The sweep with all that another machine needs, and of one state of the project, so that its trials differ in
    their parameters alone: of a repository the commit, of a folder where it lies.

    Errors: InvalidValue, InvalidProject.
    """
    found = sources.fetched(spec.uri, spec.version)
    try:
        _check(spec, found)
    finally:
        found.delete()
    told: dict[str, Any] = {"uri": _absolute(spec.uri)}
    if spec.backend_config is not None:
        told["backend_config"] = json.dumps(asking.options(spec.backend_config))
    if found.is_copy and found.commit:
        told["version"] = found.commit
    return dataclasses.replace(spec, **told)


def _absolute(uri: str) -> str:
    """A folder of this machine by its whole path; other addresses as they are."""
    place, mark, below = uri.partition("#")
    return f"{Path(place).resolve()}{mark}{below}" if Path(place).is_dir() else uri


def _check(spec: Spec, found: Source) -> None:
    entry_point = load(found.folder).entry_point(spec.entry_point)
    needed = [name for name, one in entry_point.parameters.items() if one.default is None]
    missing = sorted(set(needed) - set(spec.parameters))
    if missing:
        raise InvalidProject(f"{', '.join(missing)} of entry point {spec.entry_point} has no value: -P {missing[0]}=….")


def _fields(spec: Spec) -> dict[str, Any]:
    """What the parent is made with (`PUT runs/{run_id}/`)."""
    told = fluent.home(spec.experiment, None) | {
        "start_time": now_ms(), "user": starting.user(), "entry_point": spec.entry_point,
        "source_name": without_secrets(spec.uri), "source_type": "LOCAL",
    }  # fmt: skip
    named = {"name": spec.name, "parent_run_id": settings.project_run()}
    return told | {name: value for name, value in named.items() if value}


def _environment(spec: Spec) -> dict[str, Any]:
    """What the parent runs in, and what it is to do: all that a machine needs that goes on with it."""
    kinds = capture.chosen(None)
    told: dict[str, Any] = {"command": source.command()} | environment.python() if "command" in kinds else {}
    told |= {"hardware": environment.hardware()} if "hardware" in kinds else {}
    kept = {"uri": without_secrets(spec.uri), "order": list(spec.parameters)}
    return told | {"sweep": spec.described() | kept}


def _tags(spec: Spec) -> dict[str, str]:
    told = {f"tracker.sweep.{tag}": getattr(spec, field) for tag, field in _TAGS.items()}
    return {tag: str(value) for tag, value in told.items() if value is not None} | {
        leftovers.PROCESS: leftovers.this_process()
    }
