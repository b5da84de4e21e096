"""The trials of a sweep, as the server knows them: child runs of one parent, with tags that say what they are."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tracker.delivery.server import Server

PAGE = 1000
POINTS = 50_000
#: The tags of a trial's run: its number, its values (JSON), the step at which the pruner gave it up.
NUMBER, VALUES, PRUNED = "tracker.sweep.trial", "tracker.sweep.values", "tracker.sweep.pruned"
#: In place of NUMBER once a trial was begun again: the run counts no more.
INTERRUPTED = "tracker.sweep.interrupted"
ENDED = ("FINISHED", "FAILED", "KILLED")
#: A trial in one of these states is done. What was KILLED, and not by the pruner, is run again.
DONE = ("finished", "failed", "pruned")


@dataclass
class Trial:
    """One trial: `value` is the last of the sweep's metric, None where it logged none; times are its run's."""

    number: int
    values: dict[str, str]
    run_id: str
    state: str = "running"
    value: float | None = None
    seconds: float | None = None
    ended_ms: int = 0
    failure: str = ""
    points: list[tuple[int, float]] = field(default_factory=list)

    @property
    def is_done(self) -> bool:
        """Whether it is not run again."""
        return self.state in DONE


def trials_of(server: Server, parent_run_id: str, metric: str | None) -> list[Trial]:
    """The trials of a sweep, by their numbers; of two runs of one trial the one that came further.

    Errors: Unavailable, Refused.
    """
    best: dict[int, Trial] = {}
    for run in _children(server, parent_run_id):
        trial = trial_of(run, metric)
        known = best.get(trial.number) if trial else None
        if trial and (known is None or _rank(trial) < _rank(known)):
            best[trial.number] = trial
    return [best[number] for number in sorted(best)]


def trial_of(run: Mapping[str, Any], metric: str | None) -> Trial | None:
    """The trial that a run is, as the API describes runs; None for one that is none, or counts no more."""
    number = run["tags"].get(NUMBER, "")
    if not number.isdecimal():
        return None
    seconds = (run["end_time"] - run["start_time"]) / 1000 if run["end_time"] else None
    values = _mapping(run["tags"].get(VALUES, ""))
    return Trial(
        int(number),
        values,
        run["run_id"],
        _state(run),
        _last(run, metric),
        seconds,
        run["end_time"] or 0,
        run["failure"],
    )


def superseded(server: Server, parent_run_id: str, kept: Iterable[Trial]) -> list[str]:
    """The runs of trials that have another run among those kept.

    Errors: Unavailable, Refused.
    """
    known = {str(trial.number): trial.run_id for trial in kept}
    numbers = {run["run_id"]: run["tags"].get(NUMBER) for run in _children(server, parent_run_id)}
    return [run_id for run_id, number in numbers.items() if known.get(number, run_id) != run_id]


def set_aside(server: Server, run_id: str) -> None:
    """Let the run of a trial that is run again count no more; one that was still said to run is KILLED.

    Errors: Unavailable, Refused.
    """
    run = server.get(f"runs/{run_id}/")
    told: dict[str, Any] = {"tags": {INTERRUPTED: run["tags"].get(NUMBER, "")}, "removed_tags": [NUMBER]}
    if run["status"] not in ENDED:
        told |= {"status": "KILLED", "end_time": max(run["heartbeat_time"] or 0, run["start_time"])}
    say(server, run_id, told)


def say(server: Server, run_id: str, told: Mapping[str, Any]) -> None:
    """Say something of a run that another process logged."""
    server.log(run_id, json.dumps({"writer": os.urandom(8).hex(), "seq": 1} | dict(told)).encode())


def points_after(server: Server, run_id: str, metric: str, steps_known: int) -> list[tuple[int, float]]:
    """The metric's points at steps from `steps_known` on, in the order of the steps, one a step: the last."""
    asked = {"run": run_id, "key": metric, "points": POINTS, "from": steps_known}
    found = server.get("metrics/", **asked)["series"]
    if not found:
        return []
    pairs = zip(found[0]["steps"], map(float, found[0]["values"]), strict=True)
    return [(step, value) for step, value in dict(pairs).items() if step >= steps_known]


def _children(server: Server, parent_run_id: str) -> Iterable[dict[str, Any]]:
    asked: dict[str, Any] = {"filter": f"parent_run_id = '{parent_run_id}'", "limit": PAGE}
    while True:
        page = server.get("runs/", **asked)
        yield from page["runs"]
        if not page["next_cursor"]:
            return
        asked["cursor"] = page["next_cursor"]


def _state(run: Mapping[str, Any]) -> str:
    if run["status"] == "FINISHED":
        return "finished"
    if PRUNED in run["tags"]:
        return "pruned"
    if run["status"] == "FAILED":
        return "failed"
    return "stopped" if run["status"] == "KILLED" else "running"


def _last(run: Mapping[str, Any], metric: str | None) -> float | None:
    """The metric's last value; one that is no finite number says nothing of how good a trial is."""
    summary = run["metrics"].get(metric) if metric else None
    value = float(summary["last"]) if summary else math.nan
    return value if math.isfinite(value) else None


def _mapping(text: str) -> dict[str, str]:
    try:
        told = json.loads(text or "{}")
    except ValueError:
        return {}
    return {str(key): str(value) for key, value in told.items()} if isinstance(told, dict) else {}


def _rank(trial: Trial) -> int:
    order = [*DONE, "running", "stopped"]
    return order.index(trial.state)
