"""The couriers of this process: one for each server that it logs to."""

import os
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from tracker.errors import Refused, Unavailable
from tracker.journal.writing import JournalWriter
from tracker.notices import counted, warn

if TYPE_CHECKING:
    from tracker.delivery.courier import Courier
    from tracker.delivery.delivery import Delivery


class Addressee(Protocol):
    """A run, as delivery sees it."""

    @property
    def run_id(self) -> str:
        """Its id."""

    @property
    def uri(self) -> str:
        """The server it goes to."""

    @property
    def token(self) -> str:
        """Who we are there."""


_couriers: dict[tuple[str, str], "Courier"] = {}
_lock = threading.RLock()


def deliver(run: Addressee, journal: JournalWriter) -> None:
    """Deliver a journal from now on, in the background."""
    _courier(run).add(journal)


def send_files(run: Addressee) -> None:
    """There are files to upload."""
    _courier(run).send_files()


def wake(run: Addressee) -> None:
    """Something is worth being sent at once."""
    courier = _couriers.get((run.uri, run.token))
    if courier is not None:
        courier.wake()


def upload_now(run: Addressee, source: Path, path: str) -> bool:
    """Upload a file before this returns; False when the server can't be reached, or says no."""
    from tracker.delivery.lanes import hash_of
    from tracker.delivery.server import Server

    server = Server(run.uri, run.token)
    try:
        server.put_run(run.run_id, {})
        server.put_file(run.run_id, path, source, hash_of(source))
    except (Unavailable, Refused):
        return False
    finally:
        server.close()
    return True


def flush(seconds: float) -> bool:
    """Wait until all that was said so far has arrived, as long as the servers answer; whether it has."""
    return not _wait(seconds)


def flush_run(run: Addressee, seconds: float, patience_seconds: float) -> bool:
    """Wait until what was said of one run has arrived, while the server is not silent for longer than one's patience;
    whether it has."""
    return not _courier(run).wait(seconds, patience_seconds, run.run_id)


def finish(seconds: float) -> None:
    """Deliver what is left of a process that ends, and say in one line what stays behind."""
    for courier in list(_couriers.values()):
        courier.adopt_orphans()
    left = _wait(seconds)
    if left:
        entries = sum(delivery.entries.entries_left for delivery in left)
        places = sorted({str(delivery.folder.parent) for delivery in left})
        runs = counted(len({delivery.run_id for delivery in left}), "run")
        warn(f"{counted(entries, 'entry')} of {runs} wait in {', '.join(places)}; deliver them with: tracker sync")


def _wait(seconds: float) -> "list[Delivery]":
    left: list[Delivery] = []
    deadline = time.monotonic() + seconds
    for courier in list(_couriers.values()):
        left += courier.wait(max(0.0, deadline - time.monotonic()))
    return left


def _courier(run: Addressee) -> "Courier":
    # Here and not on top: half of what this package takes to import. And not in a thread: a child that is forked
    # meanwhile would have half of a module for ever.
    from tracker.delivery.courier import Courier

    key = (run.uri, run.token)
    with _lock:
        if key not in _couriers:
            _couriers[key] = Courier(*key)
        return _couriers[key]


def _after_fork() -> None:
    """Threads and connections stay with the parent."""
    global _lock
    _lock = threading.RLock()
    _couriers.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
