"""What the server is told of a rerun: that it is one, of which run, what is not as it was, and how it ended."""

from __future__ import annotations

import json
import os
import shlex
import time
from collections.abc import Iterable
from typing import Any

from tracker.delivery.server import Server
from tracker.rerunning.options import Options
from tracker.rerunning.recorded import Recorded

RERUN_OF = "tracker.rerunOf"
EXIT_STATUS = "tracker.exitStatus"
#: What a shell says of a program that it can't start.
NOT_STARTED = 127


def note_of(recorded: Recorded, notes: Iterable[str], missing: Iterable[str]) -> str:
    """The note of the new run, in Markdown."""
    parts = [f"Rerun of [{_escaped(recorded.name)}](/runs/{recorded.run_id}/)."]
    for title, lines in (("Changed", list(notes)), ("Not as it was", list(missing))):
        if lines:
            parts.append("\n".join([f"**{title}**", "", *(f"- {_escaped(line)}" for line in lines)]))
    return "\n\n".join(parts)


def _escaped(text: str) -> str:
    """A text that Markdown leaves as it is."""
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>#|" else sign for sign in text)


def shown(words: Iterable[str]) -> str:
    """A command line as a shell reads it. A word that would move the cursor or begin a line is spelled out."""
    return " ".join(shlex.quote(word) if word.isprintable() else repr(word) for word in words)


def start(server: Server, run_id: str, recorded: Recorded, options: Options, note: str) -> dict[str, str]:
    """Make the new run, and return the variables by which the program logs to it.

    Errors: Refused, Unavailable.
    """
    fields: dict[str, Any] = {
        "experiment": recorded.experiment,
        "name": options.name or f"{recorded.name} again",
        "note": note,
        "tags": {RERUN_OF: recorded.run_id},
        "source_name": recorded.source_name,
        "source_type": recorded.source_type or "LOCAL",
        "status": "RUNNING",
    }
    made = server.put_run(run_id, {name: value for name, value in fields.items() if value})
    if options.experiment and options.experiment != recorded.experiment:
        # Moved rather than made there: a script that names its experiment is refused another, unless its run was moved.
        made = server.move_run(run_id, options.experiment)
    return {
        "TRACKER_URI": server.uri,
        "TRACKER_RUN_ID": run_id,
        "TRACKER_EXPERIMENT": recorded.experiment,
        "MLFLOW_TRACKING_URI": server.uri,
        "MLFLOW_RUN_ID": run_id,
        "MLFLOW_EXPERIMENT_ID": str(made["experiment_id"]),
    }


def finish(server: Server, run_id: str, exit_status: int, failure: str = "") -> None:
    """Tell how the program ended, and what kept it from starting; a run that its program did not end ends with it.

    Errors: Refused, Unavailable.
    """
    told: dict[str, Any] = {"writer": os.urandom(8).hex(), "seq": 1, "tags": {EXIT_STATUS: str(exit_status)}}
    if server.get(f"runs/{run_id}/", columns="params.none")["status"] == "RUNNING":
        status = "FINISHED" if exit_status == 0 else "KILLED" if exit_status < 0 else "FAILED"
        told |= {"status": status, "end_time": time.time_ns() // 1_000_000, "failure": failure}
    server.log(run_id, json.dumps(told).encode())
