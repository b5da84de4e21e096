"""A project's run while it goes on: what it prints, how it ends, and how to end it."""

import atexit
import codecs
import contextlib
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable
from functools import cache

from tracker.capture.console import Lines
from tracker.ending import Outcome, outcome_of
from tracker.errors import TrackerError
from tracker.notices import say, warn_once
from tracker.projects.backends import Handle, Output
from tracker.projects.signals import Done, name_of
from tracker.run import Run

#: Signals by which people and their machines end a program.
_ENDED_BY_PEOPLE = {signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)}
#: How much of what it printed last on standard error is told as the reason of a failure.
TAIL_CHARACTERS = 8000
EXIT_STATUS = "tracker.exitStatus"
#: How long the end of a run is on its way to the server, and how long that may be silent meanwhile.
ARRIVAL_SECONDS, PATIENCE_SECONDS = 10.0, 1.0
#: Runs of this process that nobody has waited for yet.
_going_on: "dict[SubmittedRun, None]" = {}


class ProjectFailed(TrackerError):
    """The command of a project ended with an exit status that is not 0."""


class SubmittedRun:
    """A project's run that was started. It is ended as its command ends, whether anybody waits for it or not."""

    def __init__(self, run: Run, show: Output, *, keeps_output: bool = True) -> None:
        self._run = run
        #: Takes what the command prints.
        self.output = RunOutput(run, show, keeps=keeps_output)
        self._handle: Handle | None = None
        self._has_ended = Done()
        self._process = os.getpid()
        self._was_cancelled = False
        self._follower: threading.Thread | None = None
        self._steps: list[Callable[[], None]] = []
        #: The command's exit status, None while it runs; negative: it was ended by that signal.
        self.exit_status: int | None = None
        run.at_end(self._close)

    def __repr__(self) -> str:
        return f"<SubmittedRun {self.run_id} {self.status}>"

    @property
    def run_id(self) -> str:
        """The run's id."""
        return self._run.run_id

    @property
    def url(self) -> str:
        """The run's page."""
        return self._run.url

    @property
    def status(self) -> str:
        """RUNNING, FINISHED, FAILED or KILLED."""
        return self._run.status

    def get_status(self) -> str:
        """The status, as MLflow's users ask for it."""
        return self.status

    @property
    def ending(self) -> str:
        """How its command ended, in words; empty while it runs."""
        if self.exit_status is None:
            return "its command was not started" if self._run.has_ended else ""
        return described(self.exit_status)

    def wait(self) -> bool:
        """Wait for the end of the run: whether the command ended with 0. Ctrl-C meanwhile ends the run.

        Where a server answers, it knows of the end then.
        """
        try:
            if self._handle is not None:
                self._has_ended.wait()
                self._run.arrives(ARRIVAL_SECONDS, PATIENCE_SECONDS)
        except KeyboardInterrupt:
            self.cancel()
            raise
        return self.exit_status == 0

    def cancel(self) -> None:
        """End the command and all that it started; the run is KILLED. Of one that has ended nothing is changed."""
        if self.exit_status is None and self._handle is not None:
            self._was_cancelled = True
            try:
                self._handle.stop()
            finally:
                self._has_ended.wait()

    def at_end(self, step: Callable[[], None]) -> None:
        """Call something once the command has ended; what was registered last comes first."""
        self._steps.append(step)

    def fail(self, error: BaseException) -> None:
        """Its command does not start, because of this."""
        self._run.end_as(Outcome("FAILED", str(error)) if isinstance(error, TrackerError) else outcome_of(error))

    def follow(self, handle: Handle) -> None:
        """The command runs: see to its end."""
        self._handle = handle
        _wait_at_exit()
        _going_on[self] = None
        self._follower = threading.Thread(target=self._follow, args=(handle,), name="tracker-run", daemon=True)
        self._follower.start()

    def _follow(self, handle: Handle) -> None:
        try:
            status, problem = handle.wait(), ""
        except Exception as error:  # a backend of others: whatever it is, the run has to end
            status, problem = 1, f"The backend failed: {error}"
        self._run.set_tag(EXIT_STATUS, str(status))
        self.exit_status = status
        self._run.end_as(self._outcome(status, problem))
        _going_on.pop(self, None)
        self._has_ended.happen()

    def _outcome(self, status: int, problem: str) -> Outcome:
        if self._was_cancelled:
            return Outcome("KILLED", f"stopped: {described(status)}")
        if status == 0:
            return Outcome("FINISHED")
        if -status in _ENDED_BY_PEOPLE:
            # Such as a run of a project in a project, whose command hears of Ctrl-C before we do.
            return Outcome("KILLED", described(status))
        return Outcome("FAILED", "\n".join(filter(None, [self.output.tail(), problem, described(status)])))

    def _close(self) -> None:
        """The run is being ended: by us, or by a process that ends while the command runs."""
        if os.getpid() != self._process:
            return
        if self._follower is not None and self._follower is not threading.current_thread():
            self.cancel()
            self._has_ended.wait()
            return
        self.output.close()
        for step in reversed(self._steps):
            step()


class RunOutput:
    """What a command prints: passed on as it comes, and kept line by line in its run."""

    def __init__(self, run: Run, show: Output, *, keeps: bool) -> None:
        self._run, self._show = run, show
        decoder = codecs.getincrementaldecoder("utf-8")
        self._decoders = {name: decoder("replace") for name in ("stdout", "stderr")}
        self._lines = {name: Lines(name, self._keep) for name in self._decoders if keeps}
        self._tail: deque[str] = deque()
        self._tail_length = 0

    def __call__(self, stream: str, piece: bytes) -> None:
        """More was printed."""
        self._show(stream, piece)
        self._take(stream, self._decoders[stream].decode(piece))

    def close(self) -> None:
        """Keep what was printed without a line feed."""
        for name, decoder in self._decoders.items():
            self._take(name, decoder.decode(b"", final=True))
            decoder.reset()
        for lines in self._lines.values():
            lines.close()

    def tail(self) -> str:
        """The end of what was printed on standard error."""
        return "".join(self._tail)[-TAIL_CHARACTERS:].strip()

    def _take(self, stream: str, text: str) -> None:
        if stream == "stderr":
            self._tail.append(text)
            self._tail_length += len(text)
            while self._tail_length - len(self._tail[0]) > TAIL_CHARACTERS:
                self._tail_length -= len(self._tail.popleft())
        if stream in self._lines:
            self._lines[stream].hear(text)

    def _keep(self, stream: str, offset: int, text: str) -> None:
        try:
            if not self._run.has_ended:
                self._run.say({"console": [{"stream": stream, "offset": offset, "text": text}]})
        except TrackerError as error:
            warn_once(f"not all that run {self._run.run_id} prints is kept: {error}")


def to_terminal(stream: str, piece: bytes) -> None:
    """Pass on a piece of output to the stream of this process that has the same name, unchanged."""
    to = getattr(sys, stream)
    # A terminal that is gone must not end a training.
    with contextlib.suppress(OSError, ValueError, AttributeError):
        to.flush()
        if hasattr(to, "buffer"):
            to.buffer.write(piece)
        else:
            to.write(piece.decode("utf-8", "replace"))
        to.flush()


def to_stderr(stream: str, piece: bytes) -> None:
    """Pass on a piece of output to standard error: standard output is for something else."""
    to_terminal("stderr", piece)


def described(status: int) -> str:
    """An exit status in words."""
    return f"ended by {name_of(-status)}" if status < 0 else f"exit status {status}"


@cache
def _wait_at_exit() -> None:
    """Have the runs waited for when this process ends: before it ends its runs, which was registered before."""
    atexit.register(_wait_for_all)


def _wait_for_all() -> None:
    """A program that ends waits for the runs it has started; Ctrl-C meanwhile ends them."""
    for submitted in list(_going_on):
        say(f"waiting for run {submitted.run_id}; Ctrl-C ends it")
        try:
            submitted.wait()
        except KeyboardInterrupt:
            continue


def _after_fork() -> None:
    _going_on.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
