"""What a sweep that was killed left on this machine: journals that hold how its trials ended."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import psutil

from tracker import settings
from tracker.delivery.delivery import Delivery
from tracker.delivery.server import Server
from tracker.errors import InvalidValue, TrackerError
from tracker.journal import shelf
from tracker.journal.reading import JournalReader
from tracker.leftovers import end_orphan
from tracker.sweeping import trials

#: The tag of the parent run that says which process drives the sweep: host, number, time of its start.
PROCESS = "tracker.sweep.process"
#: How long another process that found the sweep free at the same moment may take to say that it drives it.
CLAIM_SECONDS = 1.0


def this_process() -> str:
    """This process, as PROCESS tells of it."""
    return _described(psutil.Process())


def claim(server: Server, run_id: str) -> None:
    """Let this process be the one that drives a sweep; of several at once the one that said so last.

    Errors: InvalidValue when another one drives it; Unavailable, Refused.
    """
    _refuse_if_driven(server.get(f"runs/{run_id}/"))
    trials.say(server, run_id, {"tags": {PROCESS: this_process()}})
    time.sleep(CLAIM_SECONDS)
    if server.get(f"runs/{run_id}/")["tags"].get(PROCESS) != this_process():
        raise InvalidValue(f"Sweep {run_id} was gone on with by another process just now. Stop that one first.")


def _refuse_if_driven(run: Mapping[str, Any]) -> None:
    """Refuse when the process that drives a sweep lives, or may do so on another machine."""
    told = run["tags"].get(PROCESS, "")
    if told.count(" ") != 2:
        return
    host, number, _ = told.split(" ")
    if host != socket.gethostname() and run["status"] == "RUNNING" and not run["is_stale"]:
        raise InvalidValue(f"Sweep {run['run_id']} runs on {host}. Stop it there, or wait until its page says stale.")
    if host == socket.gethostname() and number.isdecimal() and _of(int(number)) == told:
        raise InvalidValue(f"Sweep {run['run_id']} is driven by process {number}. Stop that one first.")


def deliver(server: Server, parent_run_id: str, run_ids: Iterable[str]) -> None:
    """Deliver the journals of a sweep's runs whose processes are gone: what they said counts. `run_ids` are those that
    the server knows.

    Errors: Unavailable, Refused.
    """
    left = [shelved.folder for shelved in shelf.journals(settings.journal_folder()) if not shelved.is_open]
    headers = {folder: _header(folder) for folder in left}
    ours = {parent_run_id, *run_ids}
    ours |= {header["run_id"] for header in headers.values() if _parent(header) == parent_run_id}
    for folder, header in headers.items():
        if header.get("run_id") in ours and header.get("uri") == server.uri:
            with shelf.held(folder) as is_ours:
                if is_ours:
                    end_orphan(folder, header, server)
                    _deliver(Delivery(folder, (server, server)))


def _deliver(delivery: Delivery) -> None:
    while any(lane.step() for lane in (delivery.entries, delivery.files)):
        continue
    delivery.finish()


def _header(folder: Path) -> dict[str, Any]:
    try:
        reader = JournalReader(folder)
    except (TrackerError, OSError):
        return {}
    reader.close()
    return reader.header


def _parent(header: Mapping[str, Any]) -> Any:
    return (header.get("run") or {}).get("parent_run_id")


def _of(number: int) -> str:
    try:
        return _described(psutil.Process(number))
    except psutil.Error:
        return ""


def _described(process: psutil.Process) -> str:
    return f"{socket.gethostname()} {process.pid} {process.create_time():.2f}"
