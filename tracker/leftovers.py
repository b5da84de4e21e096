"""Journals whose process died before it said how the run ended."""

import json
import socket
from pathlib import Path
from typing import Any

from tracker.delivery.server import Server
from tracker.errors import TrackerError
from tracker.journal import shelf
from tracker.journal.entries import Entry, line_of
from tracker.journal.reading import JournalReader

ENDED = {"FINISHED", "FAILED", "KILLED"}
#: How far the clocks of this machine and the server may be apart, and how long what was sent may take.
MARGIN_MS = 60_000
#: Says that the process was killed; a run that is on its way again elsewhere is left alone.
FAILURE = "The process ended without a word: it was killed, or its machine went down."


def end_orphan(folder: Path, header: Entry, server: Server) -> None:
    """Let a journal say that its run was KILLED, if it is the owner's and does not say how the run ended.

    The caller holds the journal's lock: its process is gone. A copy from another machine tells nothing of that
    machine's processes, and stays as it is.
    """
    if not header.get("is_owner") or header.get("host") != socket.gethostname():
        return
    reader = JournalReader(folder)
    try:
        status, is_torn = _read_through(reader)
        last_ms = int((folder / "journal").stat().st_mtime * 1000)
        if status in ENDED or _is_on_its_way_again(folder, header, server, last_ms):
            return
    finally:
        reader.close()
    told: dict[str, Any] = {"status": "KILLED", "end_time": last_ms, "failure": FAILURE}
    with (folder / "journal").open("ab") as journal:
        journal.write((b"\n" if is_torn else b"") + line_of(json.dumps(told)))


def _read_through(reader: JournalReader) -> tuple[str, bool]:
    """The last status, and whether the end is torn."""
    status, end = "", reader.first
    for read in reader.entries(reader.first, holding=(b'"status"',)):
        status = (read.entry or {}).get("status", status)
        end = read.end
    return status, end.offset < reader.size


def _is_on_its_way_again(folder: Path, header: Entry, server: Server, last_ms: int) -> bool:
    """Whether the run was resumed since: by a process here, or one that the server has heard of later."""
    for other in shelf.of_runs(folder.parent, [header["run_id"]]):
        if other.folder != folder and JournalReader(other.folder).header["opened"] > header["opened"]:
            return True
    try:
        run = server.get(f"runs/{header['run_id']}/")
    except TrackerError:
        return False
    return run["status"] in ENDED or run["heartbeat_time"] > last_ms + MARGIN_MS
