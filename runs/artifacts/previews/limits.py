"""Runs what parses hostile files in a process of its own, with little memory and little time, that answers JSON.

A crafted Parquet file, a pickle in an array's header, a text that makes a regular expression run for hours: the worst
that comes of it is a preview that says it could not be made. What comes back is data, which templates escape.
"""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Any

from runs.artifacts.previews.source import Mismatch

WALL_SECONDS = 10
MAX_ANSWER_BYTES = 48 * 1024 * 1024
_AT_ONCE, _WAITING = 2, 8
_TOO_MANY = "Too many previews are being made. Load the page again in a moment."
_ROOT = Path(__file__).resolve().parents[3]
#: No secrets of ours, and no threads: each would reserve memory of its own.
_ENVIRONMENT = {
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONUTF8": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
} | {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}

_turns = threading.BoundedSemaphore(_AT_ONCE)
#: Who waits for a turn holds a thread of the server, which training scripts need.
_room = threading.BoundedSemaphore(_AT_ONCE + _WAITING)


def run_limited(task: str, file: IO[bytes], **options: Any) -> Any:
    """What `task` (a row of child.TASKS) makes of the file.

    Errors: Mismatch when the file is not what the task reads, or asks for more time or memory than a preview may have.
    """
    if not _room.acquire(blocking=False):
        raise Mismatch(_TOO_MANY)
    try:
        answer = _in_turn(task, file, json.dumps(options))
    finally:
        _room.release()
    if "error" in answer:
        raise Mismatch(answer["error"])
    return answer["found"]


def _in_turn(task: str, file: IO[bytes], options: str) -> dict[str, Any]:
    if not _turns.acquire(timeout=WALL_SECONDS):
        raise Mismatch(_TOO_MANY)
    try:
        return _answer(task, file, options)
    finally:
        _turns.release()


def _answer(task: str, file: IO[bytes], options: str) -> dict[str, Any]:
    process = subprocess.Popen(  # noqa: S603 -- our own interpreter and module
        _command(task, options),
        stdin=file.fileno(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=_ROOT,
        env=_ENVIRONMENT,
    )
    alarm = threading.Timer(WALL_SECONDS, process.kill)
    alarm.start()
    with process:
        assert process.stdout is not None
        text = process.stdout.read(MAX_ANSWER_BYTES + 1)
        process.kill()
    alarm.cancel()
    try:
        return json.loads(text)
    except ValueError:
        return {"error": "It asks for more time or memory than a preview may have."}


def _command(task: str, options: str) -> list[str]:
    return [sys.executable, "-m", "runs.artifacts.previews.child", task, options]
