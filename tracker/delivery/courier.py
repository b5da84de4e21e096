"""Delivers journals in the background, while the program trains.

Two threads a server: one for entries, one for files, each with a connection of its own. They read the journals, and
share nothing with the threads that log but the files on the disk.
"""

import contextlib
import json
import threading
import time
from collections.abc import Iterable
from pathlib import Path

from tracker import settings
from tracker.delivery.backoff import Backoff
from tracker.delivery.delivery import Delivery
from tracker.delivery.lanes import Lane
from tracker.delivery.server import Server
from tracker.errors import Refused, TrackerError, Unavailable
from tracker.journal import shelf
from tracker.journal.writing import JournalWriter
from tracker.notices import say, warn

POLL_SECONDS = 0.25
#: How long a run that takes nothing (it is in the trash, the token is wrong) is left alone.
PAUSE_SECONDS = 60.0
#: How long to wait between tries while somebody waits.
HURRIED_SECONDS = 0.5
#: How long a program that ends waits for a server that does not answer.
PATIENCE_SECONDS = 5.0


class Courier:
    """All journals of this process that go to one server."""

    def __init__(self, uri: str, token: str) -> None:
        self.uri = uri
        self._servers = (Server(uri, token), Server(uri, token))
        self._deliveries: dict[Path, Delivery] = {}
        #: The runs that this process logged to, by the folder of their journals.
        self._runs: dict[Path, set[str]] = {}
        self.changed = threading.Condition()
        self.is_hurried = False
        self._workers: dict[str, _Worker] = {}
        self._housekeeping = _Housekeeping(self)

    def add(self, writer: JournalWriter) -> None:
        """Deliver a journal that this process writes."""
        delivery = Delivery(writer.folder, self._servers, writer)
        self._runs.setdefault(writer.folder.parent, set()).add(delivery.run_id)
        self._take(delivery)
        self._work("entries")

    def adopt_orphans(self) -> None:
        """Deliver what processes left that logged to one of our runs, and are gone: forks that ended by `os._exit`."""
        for root, run_ids in list(self._runs.items()):
            for shelved in shelf.of_runs(root, run_ids):
                if not shelved.is_open:
                    self.adopt(shelved.folder)

    def adopt(self, folder: Path) -> None:
        """Deliver a journal whose writer is gone."""
        if folder in self._deliveries:
            return
        with contextlib.suppress(TrackerError):
            self._take(Delivery(folder, self._servers))
            self._work("entries")
            self.send_files()

    def send_files(self) -> None:
        """There are files to upload from now on."""
        self._work("files")

    def wake(self) -> None:
        """Don't wait for the next poll."""
        for worker in list(self._workers.values()):
            worker.wake()

    def deliveries(self) -> list[Delivery]:
        """What is on its way."""
        with self.changed:
            return list(self._deliveries.values())

    def left(self) -> list[Delivery]:
        """What has not arrived whole."""
        return [delivery for delivery in self.deliveries() if not delivery.is_delivered]

    def wait(
        self, seconds: float, patience_seconds: float = PATIENCE_SECONDS, run_id: str | None = None
    ) -> list[Delivery]:
        """Wait until all that was said so far (of one run) has arrived, or the time is up, or the server has been
        silent for longer than one's patience, or it takes nothing of what is left. Returns what is left."""
        begun = time.monotonic()
        self.is_hurried = True
        for worker in list(self._workers.values()):
            worker.try_again()
        self.wake()
        try:
            while left := [delivery for delivery in self.left() if run_id in (None, delivery.run_id)]:
                waited = time.monotonic() - begun
                if waited >= seconds or min(waited, self._silent_seconds()) > patience_seconds or not self._works():
                    return left
                if all(self._is_paused(delivery) for delivery in left):
                    return left
                with self.changed:
                    self.changed.wait(0.05)
            self.finish_delivered()
            return []
        finally:
            self.is_hurried = False

    def finish_delivered(self) -> None:
        """Delete the journals that are over and have arrived whole."""
        # Whoever waits for the last one waits for its deletion too.
        with self.changed:
            for delivery in self.deliveries():
                if delivery.is_over and delivery.is_delivered:
                    delivery.finish()
                    del self._deliveries[delivery.folder]

    def tidy(self) -> None:
        """What is due now and then: heartbeats, journals of processes that died, the limit of the disk."""
        self._housekeeping.look()

    def beat(self, delivery: Delivery) -> None:
        """Say that a run lives, though it has nothing to say.

        Errors: Unavailable, Refused.
        """
        self._servers[0].log(delivery.run_id, json.dumps({"heartbeat": True}).encode())

    def _take(self, delivery: Delivery) -> None:
        with self.changed:
            self._deliveries[delivery.folder] = delivery
        self.wake()

    def _work(self, name: str) -> None:
        with self.changed:
            if name in self._workers:
                return
            worker = self._workers[name] = _Worker(self, name)
        # At the interpreter's end no thread can be started; what is in the journal is delivered by `tracker sync`.
        with contextlib.suppress(RuntimeError):
            worker.start()

    def _works(self) -> bool:
        return all(worker.is_alive() for worker in self._workers.values())

    def _is_paused(self, delivery: Delivery) -> bool:
        return any(worker.is_paused(delivery) for worker in list(self._workers.values()))

    def _silent_seconds(self) -> float:
        return max((worker.silent_seconds for worker in self._workers.values()), default=0.0)


class _Worker(threading.Thread):
    """Brings one lane of every journal further, round after round."""

    def __init__(self, courier: Courier, lane: str) -> None:
        super().__init__(name=f"tracker-{lane}", daemon=True)
        self._courier, self._lane = courier, lane
        self._backoff = Backoff()
        # Not the condition that others wait on: those who wait and those who are waited for would wake each other.
        self._woken = threading.Event()
        self._paused: dict[Path, float] = {}
        self._silent_since: float | None = None
        self._said = False

    @property
    def silent_seconds(self) -> float:
        """How long the server has not answered; 0 when it does."""
        since = self._silent_since
        return 0.0 if since is None else time.monotonic() - since

    def wake(self) -> None:
        """Don't wait for the next poll."""
        self._woken.set()

    def is_paused(self, delivery: Delivery) -> bool:
        """Whether the server took nothing of it a moment ago."""
        return self._paused.get(delivery.folder, 0.0) > time.monotonic()

    def try_again(self) -> None:
        """End all pauses: the run may have been restored meanwhile."""
        self._paused = dict.fromkeys(self._paused, 0.0)

    def run(self) -> None:
        """Until the process ends."""
        while True:
            moved = False
            if self._courier.is_hurried or not self._backoff.seconds_left:
                moved = self._round()
            with self._courier.changed:
                self._courier.changed.notify_all()
            if not moved:
                self._woken.wait(self._wait_seconds())
                self._woken.clear()

    def _wait_seconds(self) -> float:
        if self._courier.is_hurried:
            return 0.02 if self._silent_since is None else HURRIED_SECONDS
        return max(POLL_SECONDS, self._backoff.seconds_left)

    def _round(self) -> bool:
        """Whether anything was brought further."""
        try:
            moved = [self._step(delivery) for delivery in self._courier.deliveries()]
            if self._lane == "entries":
                self._courier.tidy()
                self._courier.finish_delivered()
        except Unavailable as error:
            self._fail(error)
            return False
        except Exception as error:  # a thread that dies delivers nothing more
            self._fail(Unavailable(f"delivery met {type(error).__name__}: {error}."))
            return False
        if any(moved):
            self._answered()
        return any(moved)

    def _step(self, delivery: Delivery) -> bool:
        lane: Lane = getattr(delivery, self._lane)
        if self.is_paused(delivery):
            return False
        try:
            return lane.step()
        except Refused as error:
            self._pause(delivery, error)
            return False

    def _pause(self, delivery: Delivery, error: Refused) -> None:
        if delivery.folder not in self._paused:
            warn(f"{error} Until then what is logged is kept in {delivery.folder}.")
        self._paused[delivery.folder] = time.monotonic() + PAUSE_SECONDS

    def _fail(self, error: Unavailable) -> None:
        self._backoff.failed(error.retry_after_seconds)
        if self._silent_since is None:
            self._silent_since = time.monotonic()
        if not self._said:
            self._said = True
            say(f"{error} Training goes on; what is logged is kept on disk and sent later.")

    def _answered(self) -> None:
        self._backoff.worked()
        self._silent_since = None
        if self._said:
            self._said = False
            say(f"{self._courier.uri} answers again.")


class _Housekeeping:
    """Every HEARTBEAT_SECONDS: says that open runs live, finds journals of children that died, minds the disk."""

    def __init__(self, courier: Courier) -> None:
        self._courier = courier
        self._due = time.monotonic() + settings.HEARTBEAT_SECONDS

    def look(self) -> None:
        """Do what is due."""
        if time.monotonic() < self._due:
            return
        self._due = time.monotonic() + settings.HEARTBEAT_SECONDS
        ours = [delivery for delivery in self._courier.deliveries() if delivery.writer is not None]
        for delivery in ours:
            delivery.release()
        self._mind_disk(ours)
        self._courier.adopt_orphans()
        for delivery in ours:
            if not delivery.is_over:
                with contextlib.suppress(Refused):
                    self._courier.beat(delivery)

    def _mind_disk(self, ours: Iterable[Delivery]) -> None:
        limit = settings.journal_limit_bytes()
        for root in {delivery.folder.parent for delivery in ours}:
            used = shelf.usage_bytes(root)
            if used > 0.8 * limit:
                warn(f"the journals in {root} take {used / 1e9:.1f} of {limit / 1e9:.1f} GB (TRACKER_JOURNAL_LIMIT).")
            for delivery in ours:
                if delivery.writer is not None and delivery.folder.parent == root:
                    delivery.writer.is_full = used > limit
