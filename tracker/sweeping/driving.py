"""Drives a sweep: starts its trials, follows them, gives up those that promise nothing, and knows when to stop."""

from __future__ import annotations

import contextlib
import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tracker import couriers
from tracker.delivery.server import Server
from tracker.errors import Refused, TrackerError, Unavailable
from tracker.notices import hushed, warn
from tracker.open_run import now_ms
from tracker.projects import asking
from tracker.projects.asking import Asked
from tracker.projects.following import SubmittedRun
from tracker.projects.running import launch
from tracker.run import Run
from tracker.sweeping.spec import Spec
from tracker.sweeping.stopping import best_of, reason_to_stop
from tracker.sweeping.suggesting import Suggester
from tracker.sweeping.trials import (
    DONE,
    ENDED,
    NUMBER,
    PRUNED,
    VALUES,
    Trial,
    points_after,
    say,
    set_aside,
    superseded,
    trial_of,
)

LOOK_SECONDS = 0.1
#: How often the metric of a trial that runs is read, for the pruner.
PRUNE_SECONDS = 1.0
#: How long the server may take to hear how a trial ended; after that it was told something else.
SETTLE_SECONDS = 60.0
WAIT_SECONDS = 1.0
#: How long to hurry what a trial that ended has said, which else is sent now and then.
HURRY_SECONDS = 1.0
BEST = "tracker.sweep.best"


@dataclass
class Going:
    """A trial that runs. `asked_at` is when its metric was read last, `known_steps` the step to go on from."""

    trial: Trial
    submitted: SubmittedRun
    asked_at: float
    known_steps: int = 0
    ended_at: float = 0.0
    pruned_at: int | None = None


Tell = Callable[[Trial, "Driver"], None]


class Driver:
    """One session of a sweep. `known` are the trials of earlier sessions, of which those that are done stay so."""

    def __init__(
        self, spec: Spec, parent: Run, server: Server, suggester: Suggester, known: Sequence[Trial], tell: Tell
    ) -> None:
        self.spec, self._parent, self._server, self._suggester, self._tell = spec, parent, server, suggester, tell
        done = [trial for trial in known if trial.is_done]
        #: In the order of their ends.
        self.ended = sorted(done, key=lambda trial: trial.ended_ms)
        self._again = {trial.number: trial for trial in known if not trial.is_done}
        self._numbers = self._left({trial.number for trial in done})
        self._going: list[Going] = []
        self._experiment_id = server.get(f"runs/{parent.run_id}/")["experiment_id"]
        self._has_started, self._is_waiting = bool(self.ended), False
        for trial in self.ended:
            suggester.ended(trial)

    @property
    def best(self) -> Trial | None:
        """The best trial so far, by the metric."""
        return best_of(self.spec, self.ended)

    def drive(self, jobs: int) -> str:
        """Run what is left, `jobs` at once. Why it stopped early, in words; empty when all were run.

        Errors: TrackerError when not even the first trial can be started.
        """
        while True:
            try:
                self._look()
                reason = reason_to_stop(self.spec, self.ended)
                if reason:
                    self.stop()
                    self._collect()
                is_over = bool(reason) or (not self._fill(jobs) and not self._going)
                if is_over:
                    self._tidy()
                    return reason
                self._is_waiting = False
            except Unavailable as error:
                self._wait(error)
            time.sleep(LOOK_SECONDS)

    def stop(self) -> None:
        """End the trials that run, all at the same time."""
        enders = [threading.Thread(target=going.submitted.cancel) for going in self._going]
        for ender in enders:
            ender.start()
        for ender in enders:
            ender.join()

    def _collect(self) -> None:
        """Hear how trials ended that were stopped: one may have come to its end before. The others count as not run."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while self._going and time.monotonic() < deadline:
            couriers.flush(HURRY_SECONDS)
            for going in list(self._going):
                trial = self._settled(going)
                if trial is not None:
                    self._going.remove(going)
                if trial is not None and trial.is_done:
                    self._end(trial)

    def _left(self, done: set[int]) -> Iterator[int]:
        return (number for number in range(self.spec.total) if number not in done)

    def _wait(self, error: Unavailable) -> None:
        """Trials that run go on without the server; new ones wait until it tells how they went."""
        if not self._is_waiting:
            warn(f"the sweep waits for its server: {error}")
        self._is_waiting = True
        time.sleep(WAIT_SECONDS)

    def _look(self) -> None:
        if any(going.submitted.status != "RUNNING" for going in self._going):
            couriers.flush(HURRY_SECONDS)
        for going in list(self._going):
            if going.submitted.status == "RUNNING":
                self._prune(going)
            elif trial := self._settled(going):
                self._going.remove(going)
                self._end(trial)

    def _fill(self, jobs: int) -> bool:
        """Start what there is room for; whether anything was started."""
        started = False
        while len(self._going) < jobs and (number := next(self._numbers, None)) is not None:
            self._start(number)
            started = True
        return started

    def _start(self, number: int) -> None:
        before = self._again.pop(number, None)
        values = self._suggester.begin(number, before.values if before and before.values else None)
        trial = Trial(number, values, uuid.uuid4().hex)
        asked = self._asked(trial)
        try:
            # The first one says what is fetched and installed; for the others it is the same.
            with hushed() if self._has_started else contextlib.nullcontext():
                submitted = launch(asked, show=_unseen)
        except TrackerError as error:
            if not self._has_started:
                raise
            self._end(self._unstarted(trial, asked, error))
        except KeyboardInterrupt:
            self._abandon(trial)
            raise
        else:
            self._going.append(Going(trial, submitted, time.monotonic()))
        self._has_started = True
        if before is not None:
            # Where the server does not answer, _tidy does it in the end; one in the trash counts no more anyhow.
            with contextlib.suppress(Unavailable, Refused):
                set_aside(self._server, before.run_id)

    def _asked(self, trial: Trial) -> Asked:
        fields = {
            "experiment_id": self._experiment_id,
            "parent_run_id": self._parent.run_id,
            "name": f"trial {trial.number}",
            "tags": {NUMBER: str(trial.number), VALUES: json.dumps(trial.values)},
        }
        spec = self.spec
        return Asked(
            spec.uri, spec.entry_point, spec.version, trial.values, spec.backend, asking.options(spec.backend_config),
            spec.env_manager, run_id=trial.run_id, fields=fields,
        )  # fmt: skip

    def _unstarted(self, trial: Trial, asked: Asked, error: TrackerError) -> Trial:
        """A trial that could not be started, kept as a failed run: a sweep that is resumed does not try it again."""
        trial.state, trial.failure = "failed", str(error)
        told = {"status": "FAILED", "failure": trial.failure, "end_time": now_ms()}
        with contextlib.suppress(Unavailable, Refused):
            self._server.put_run(trial.run_id, {"start_time": now_ms()} | dict(asked.fields))
            say(self._server, trial.run_id, told)
        return trial

    def _abandon(self, trial: Trial) -> None:
        """Ctrl-C came while a trial was being started: its run may be on the server already, and nobody's."""
        with contextlib.suppress(TrackerError):
            if self._server.get(f"runs/{trial.run_id}/")["status"] not in ENDED:
                say(self._server, trial.run_id, {"status": "KILLED", "end_time": now_ms()})

    def _settled(self, going: Going) -> Trial | None:
        """The trial as the server has it; None while how it ended is on its way there.

        Errors: Unavailable.
        """
        trial, status = going.trial, going.submitted.status
        try:
            run = self._server.get(f"runs/{trial.run_id}/")
        except Refused as error:
            trial.state, trial.failure = "failed", str(error)
            return trial
        going.ended_at = going.ended_at or time.monotonic()
        # In the trash it hears nothing more.
        is_on_its_way = run["status"] != status and run["lifecycle_stage"] == "active"
        if is_on_its_way and time.monotonic() - going.ended_at < SETTLE_SECONDS:
            return None
        if self.spec.pruner is not None and going.pruned_at is None:
            # It may have ended before it was looked at: the others are compared with all that it came to.
            self._hear(going)
        trial = trial_of(run | {"status": status}, self.spec.metric) or trial
        if going.pruned_at is not None and trial.state == "stopped":
            with contextlib.suppress(Refused):
                say(self._server, trial.run_id, {"tags": {PRUNED: str(going.pruned_at)}})
            trial.state = "pruned"
        return trial

    def _end(self, trial: Trial) -> None:
        self._suggester.ended(trial)
        self.ended.append(trial)
        best = self.best
        if best is not None and best is trial:
            self._parent.set_tag(BEST, best.run_id)
        self._tell(trial, self)

    def _prune(self, going: Going) -> None:
        """End a trial when the pruner says so of what its metric came to since."""
        is_due = time.monotonic() - going.asked_at >= PRUNE_SECONDS
        if self.spec.pruner is None or going.pruned_at is not None or not is_due:
            return
        going.asked_at = time.monotonic()
        going.pruned_at = self._hear(going)
        if going.pruned_at is not None:
            threading.Thread(target=going.submitted.cancel, name="tracker-prune", daemon=True).start()

    def _hear(self, going: Going) -> int | None:
        """Tell the pruner of new points of a trial: the step at which it should be given up, if it should."""
        points = points_after(self._server, going.trial.run_id, str(self.spec.metric), going.known_steps)
        if not points:
            return None
        going.known_steps = points[-1][0] + 1
        return self._suggester.hopeless_at(going.trial.number, points)

    def _tidy(self) -> None:
        """Let runs of trials that were run again count no more, whatever became known of them meanwhile."""
        for run_id in superseded(self._server, self._parent.run_id, self.ended):
            set_aside(self._server, run_id)


def counts_of(trials: Sequence[Trial]) -> dict[str, int]:
    """How many trials there are in each of the states in which one is done."""
    return {state: sum(trial.state == state for trial in trials) for state in DONE}


def _unseen(stream: str, piece: bytes) -> None:
    """What a trial prints is on the page of its run."""
