"""A run that this process has open: its journal, its end, its copies in forked children."""

import json
import os
import socket
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from tracker import couriers, settings
from tracker.ending import FINISHED, Outcome, at_end_of_child, outcome_of
from tracker.errors import InvalidValue, RunEnded
from tracker.journal import shelf
from tracker.journal.writing import JournalWriter, Nowhere

STATUSES = ("RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED")
#: In the order in which they were opened.
_open_runs: "dict[OpenRun, None]" = {}

_Self = TypeVar("_Self", bound="OpenRun")


@dataclass(frozen=True)
class Identity:
    """Which run it is, where it is logged to, and what it is made with if it is not there (`PUT` in docs/api.md)."""

    run_id: str
    uri: str
    token: str = field(default="", repr=False)
    fields: dict[str, Any] = field(default_factory=dict)


class OpenRun:
    """Keeps what is said in a journal, hands it to delivery, and ends once. `tracker.run.Run` says what may be said."""

    def __init__(self, identity: Identity, *, is_owner: bool, logs: bool = True) -> None:
        self._identity = identity
        self._is_owner = is_owner
        self._process = os.getpid()
        self._ended: Outcome | None = None
        self._started = now_ms()
        self._end_time: int | None = None
        self._at_end: list[Callable[[], None]] = []
        self._journal: JournalWriter | Nowhere | _Unopened = self._open() if logs else Nowhere()
        _open_runs[self] = None

    def __repr__(self) -> str:
        return f"<Run {self.run_id} at {self.url}>"

    def __enter__(self: _Self) -> _Self:
        """`with` ends it."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """FINISHED; with an exception FAILED, or KILLED for Ctrl-C."""
        self.end_as(outcome_of(error))

    @property
    def run_id(self) -> str:
        """Its id, chosen here."""
        return self._identity.run_id

    @property
    def url(self) -> str:
        """Its page."""
        return f"{self._identity.uri}/runs/{self.run_id}/"

    @property
    def uri(self) -> str:
        """The server it is logged to."""
        return self._identity.uri

    @property
    def fields(self) -> Mapping[str, Any]:
        """What it is made with if it is not there."""
        return self._identity.fields

    @property
    def has_ended(self) -> bool:
        """Whether it takes nothing more in this process."""
        return self._ended is not None

    @property
    def status(self) -> str:
        """RUNNING, or how it ended."""
        return "RUNNING" if self._ended is None else self._ended.status

    @property
    def is_owner(self) -> bool:
        """Whether this process ends it."""
        return self._is_owner and self._process == os.getpid()

    @property
    def logs(self) -> bool:
        """Whether it logs at all: in a distributed training rank 0 does."""
        return not isinstance(self._journal, Nowhere)

    @property
    def journal_folder(self) -> Path:
        """Where what was logged here waits, or waited, for delivery."""
        return self._journal.folder

    def end(self, status: str = "FINISHED") -> None:
        """End the run here. What was logged is delivered in the background; `tracker.flush()` waits for it.

        Errors: InvalidValue for a status that there is not.
        """
        if status not in STATUSES:
            raise InvalidValue(f"status={status!r} is not one of {', '.join(STATUSES)}.")
        self.end_as(Outcome(status))

    def end_as(self, outcome: Outcome = FINISHED) -> None:
        """End it as FINISHED, FAILED with a traceback, or KILLED. Again is fine, and changes nothing."""
        if self._ended is not None:
            return
        for step in reversed(self._at_end):
            step()
        # A step may have waited for another thread, which ended it.
        if self._ended is not None:
            return
        self._end_time = now_ms()
        if self.is_owner:
            told = {"status": outcome.status, "end_time": self._end_time}
            self.say(told | ({"failure": outcome.failure} if outcome.failure else {}))
        self._ended = outcome
        _open_runs.pop(self, None)
        self._journal.close()
        couriers.wake(self._identity)

    def arrives(self, seconds: float, patience_seconds: float) -> bool:
        """Wait until all that was said of it here is on the server, while that answers; whether it is."""
        return not self.logs or couriers.flush_run(self._identity, seconds, patience_seconds)

    def at_end(self, step: Callable[[], None]) -> None:
        """Call something just before it ends: what is still to be said can be said then."""
        self._at_end.append(step)

    def say(self, entry: Mapping[str, Any]) -> None:
        """Add an entry of docs/journal.md to the journal.

        Errors: RunEnded.
        """
        self._refuse_when_ended(", ".join(entry))
        self._journal.append(json.dumps(entry, separators=(",", ":")))

    def forked(self) -> None:
        """This is a copy in a child process, which needs a journal of its own once it logs."""
        if isinstance(self._journal, JournalWriter):
            self._journal.release()
            self._journal = _Unopened(self)

    def open_here(self) -> JournalWriter:
        """Open a journal of its own for this process."""
        self._journal = self._open()
        return self._journal

    def _open(self) -> JournalWriter:
        writer = os.urandom(8).hex()
        header = {
            "run_id": self.run_id,
            "writer": writer,
            "uri": self.uri,
            "opened": now_ms(),
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "is_owner": self.is_owner,
            "run": self._identity.fields,
        }
        journal = JournalWriter(shelf.folder_for(settings.journal_folder(), self.run_id, writer), header)
        journal.append("{}")
        couriers.deliver(self._identity, journal)
        at_end_of_child(end_all)
        return journal

    def _refuse_when_ended(self, what: str) -> None:
        if self._ended is not None:
            raise RunEnded(f"Run {self.run_id} has ended: {what} can't be logged to it.")


class _Unopened:
    """The journal of a run in a forked child, until the child logs."""

    dropped = files_taken = 0
    is_closed = False

    def __init__(self, run: OpenRun) -> None:
        self._run = run

    @property
    def folder(self) -> Path:
        return self._run.open_here().folder

    def append(self, text: str) -> None:
        self._run.open_here().append(text)

    def take_file(self, source: Path) -> tuple[str, int]:
        return self._run.open_here().take_file(source)

    def take_content(self, content: bytes) -> tuple[str, int]:
        return self._run.open_here().take_content(content)

    def move_files(self, sources: Iterable[Path]) -> list[tuple[str, int]]:
        return self._run.open_here().move_files(sources)

    def close(self) -> None:
        """Nothing was said, and nothing is open."""


def made_with(run_id: str) -> dict[str, Any]:
    """The fields that a run is made with which this process has open; none where it has no such run."""
    return next((dict(run.fields) for run in list(_open_runs) if run.run_id == run_id and run.is_owner), {})


def end_all(outcome: Outcome = FINISHED) -> None:
    """The process ends: so do its runs, and what is left is delivered."""
    for run in reversed(list(_open_runs)):
        run.end_as(outcome)
    couriers.finish(settings.exit_seconds())


def now_ms() -> int:
    """Milliseconds since 1970, UTC."""
    return time.time_ns() // 1_000_000


def _after_fork() -> None:
    for run in list(_open_runs):
        run.forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
