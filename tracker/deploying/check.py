"""Goes through the steps of an image without an engine: what it describes is made in a folder, serves, and is asked."""

from __future__ import annotations

import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tracker.deploying import image
from tracker.deploying.dockerfile import filled
from tracker.deploying.image import Copy, Image
from tracker.errors import InvalidValue, TrackerError
from tracker.models.examples import SERVING

START_SECONDS, ANSWER_SECONDS = 120, 60


def check(context: Path, made: Image) -> str:
    """Make what an image describes below a temporary folder, start it, and ask it for its input example.

    Returns its answer; empty if the model has no example. Steps of the system (packages of Debian) are left out.

    Errors: TrackerError for a step that fails, or a server that does not answer; InvalidValue for another Python.
    """
    if not platform.python_version().startswith(f"{made.python}."):
        raise InvalidValue(f"The image has Python {made.python}; run the check with that, or build the image.")
    with tempfile.TemporaryDirectory(prefix="tracker-image-") as name:
        root = Path(name).resolve()
        start = Path(made.start.replace("{root}", str(root)))
        start.mkdir()
        for step in made.steps:
            if isinstance(step, Copy):
                shutil.copytree(context / step.folder, root / step.folder, dirs_exist_ok=True)
            elif not step.of_system:
                _run(filled(step.words, str(root), "", 0), start)
        return _ask(made, root, start)


def _run(words: list[str], start: Path) -> None:
    if words[0] == "python":
        words = [sys.executable, *words[1:]]
    done = subprocess.run(words, cwd=start, env=_clean(), stdout=sys.__stderr__)  # noqa: S603 - no shell
    if done.returncode:
        raise TrackerError(f"A step of the image ended with {done.returncode}, for the reason above: {' '.join(words)}")


def _clean() -> dict[str, str]:
    """What the steps see of this process: nothing that it was told to import."""
    return {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PYTHONHOME"}}


def _ask(made: Image, root: Path, start: Path) -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with _served(filled(made.command, str(root), "127.0.0.1", port), start) as process:
        url = f"http://127.0.0.1:{port}"
        _wait(url, process)
        example = root / image.MODEL / SERVING
        return _answer(f"{url}/invocations", example.read_bytes()) if example.is_file() else ""


@contextmanager
def _served(words: list[str], start: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(words, cwd=start, env=_clean(), stdout=sys.__stderr__)  # noqa: S603 - no shell
    try:
        yield process
    finally:
        process.terminate()
        process.wait(ANSWER_SECONDS)


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            return urllib.request.urlopen(f"{url}/ping", timeout=5).close()  # noqa: S310 - our own server
        except OSError as error:
            if process.poll() is not None:
                raise TrackerError("What the image runs ended at once, for the reason above.") from None
            if time.monotonic() > deadline:
                raise TrackerError(f"What the image runs does not answer on {url}: {error}") from None
        time.sleep(0.1)


def _answer(url: str, body: bytes) -> str:
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310 - our own server
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:  # noqa: S310
            return str(answer.read().decode())
    except urllib.error.HTTPError as error:
        raise TrackerError(f"The model refuses its own input example: {error.read().decode()[:500]}") from None
