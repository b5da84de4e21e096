"""Starts the command of a rerun and waits for it: it has the terminal, and ends with us."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tracker.errors import TrackerError
from tracker.projects import signals

#: How long a program that was asked to end may take.
GRACE_SECONDS = 30.0
_OURS = {"PYTHONHOME", "TRACKER_PROJECT", "TRACKER_RUN_ID", "MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_NAME"}


def variables(told: Mapping[str, str], python: Path, paths: Sequence[Path], *, is_made: bool) -> dict[str, str]:
    """The environment of the program: ours, what it is told, its Python's programs and its modules first.

    `is_made` says that the Python has an environment of its own, for which our PYTHONPATH is not meant.
    """
    kept = {name: value for name, value in os.environ.items() if name not in _OURS}
    inherited = kept.pop("PYTHONPATH", "")
    folders = [*map(str, paths), *([inherited] if inherited and not is_made else [])]
    found = kept | dict(told) | ({"PYTHONPATH": os.pathsep.join(folders)} if folders else {})
    if is_made:
        found["VIRTUAL_ENV"] = str(python.parent.parent)
    return found | {"PATH": os.pathsep.join([str(python.parent), kept.get("PATH", os.defpath)])}


def run(words: Sequence[str], folder: Path, environment: Mapping[str, str], *, to_stderr: bool = False) -> int:
    """Run a command to its end. Returns its exit status, negative for the signal that ended it.

    Ctrl-C reaches it as it reaches us, and other signals are passed on; it may take GRACE_SECONDS then, and no time at
    a second one. `to_stderr` leads what it prints there.

    Errors: TrackerError when it can't be started.
    """
    out = sys.stderr if to_stderr else None
    with signals.raised():
        try:
            with signals.held():
                child = subprocess.Popen(  # noqa: S603 - no shell reads it
                    list(words), cwd=folder, env=dict(environment), stdout=out
                )
        # A ValueError is of a word or a variable that no program can be given.
        except (OSError, ValueError) as error:
            raise TrackerError(f"{words[0]!r} can't be started: {getattr(error, 'strerror', None) or error}.") from None
        try:
            return child.wait()
        except KeyboardInterrupt as end:
            return _ended(child, end)


def _ended(child: subprocess.Popen[Any], end: KeyboardInterrupt) -> int:
    """Wait for a program that is to end: a terminal's Ctrl-C has reached it, what was sent to us alone has not."""
    try:
        if isinstance(end, signals.Terminated):
            child.send_signal(end.number)
        return child.wait(GRACE_SECONDS)
    except (KeyboardInterrupt, subprocess.TimeoutExpired):
        child.kill()
        return child.wait()
