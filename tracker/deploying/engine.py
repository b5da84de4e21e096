"""Builds images where an engine of containers answers: docker, or podman."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tracker.errors import TrackerError

ENGINES = ("docker", "podman")
_PATIENCE_SECONDS = 20


_ELSEWHERE = "`tracker models generate-dockerfile -m … -d DIR` writes what to build on a machine that has one."


def build(context: Path, name: str, remedy: str = _ELSEWHERE) -> None:
    """Build the image of a folder under a name; what the engine says goes to standard error.

    Errors: TrackerError where none answers, which tells the remedy, or building fails.
    """
    engine = answering(remedy)
    done = subprocess.run([engine, "build", "--tag", name, str(context)], stdout=sys.__stderr__)  # noqa: S603 - no shell
    if done.returncode:
        raise TrackerError(f"{engine} build ended with {done.returncode}, for the reason above.")


def answering(remedy: str) -> str:
    """The engine that answers, as a path.

    Errors: TrackerError where none does, with what to do about it.
    """
    told = []
    for name in ENGINES:
        found = shutil.which(name)
        if found is None:
            told.append(f"no {name} is installed")
            continue
        answer = _asked(found)
        if not answer:
            return found
        told.append(f"{name} says: {answer}")
    raise TrackerError(f"No engine of containers answers here ({'; '.join(told)}). {remedy}")


def _asked(engine: str) -> str:
    """Why an engine does not answer; empty when it does."""
    try:
        done = subprocess.run(  # noqa: S603 - no shell
            [engine, "info"], capture_output=True, text=True, timeout=_PATIENCE_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    lines = done.stderr.strip().splitlines()
    return "" if done.returncode == 0 else (lines[-1] if lines else f"exit status {done.returncode}")
