"""Runs scripts with the real client, which know nothing of us but the address of their tracking server."""

import json
import os
import subprocess
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PATIENCE_SECONDS = 600

Script = Callable[..., dict[str, Any]]


@pytest.fixture
def environment(tracker: str, mlflow_python: Path, tmp_path: Path) -> dict[str, str]:
    """What a user sets: the tracking server, and the environment that projects find their Python in."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO", "PYTHON", "MLFLOW"))}
    return mine | {
        "MLFLOW_TRACKING_URI": tracker,
        "PATH": f"{mlflow_python.parent}{os.pathsep}{os.environ['PATH']}",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MPLBACKEND": "Agg",
        "HOME": str(tmp_path),
        "GIT_PYTHON_REFRESH": "quiet",
    }


@pytest.fixture
def script(mlflow_python: Path, environment: dict[str, str], tmp_path: Path) -> Script:
    """Runs a script with the current client; what it puts into `told` comes back."""
    return _runner(mlflow_python, environment, tmp_path)


@pytest.fixture
def old_script(oldest_python: Path, environment: dict[str, str], tmp_path: Path) -> Script:
    """The same with the oldest client."""
    return _runner(oldest_python, environment, tmp_path)


@pytest.fixture
def mlflow(mlflow_python: Path, environment: dict[str, str], tmp_path: Path) -> Callable[..., str]:
    """MLflow's command line: what it prints."""

    def call(*arguments: str) -> str:
        return _output([mlflow_python, "-m", "mlflow", *arguments], environment, tmp_path)

    return call


def _runner(python: Path, environment: dict[str, str], folder: Path) -> Script:
    def call(text: str, **more: str) -> dict[str, Any]:
        place = folder / "script.py"
        ending = "\nimport json\nopen('told.json', 'w').write(json.dumps(told))\n"
        place.write_text(f"told = {{}}\n{textwrap.dedent(text)}{ending}")
        _output([python, place], environment | more, folder)
        return dict(json.loads((folder / "told.json").read_text()))

    return call


def _output(command: list[Any], environment: dict[str, str], folder: Path) -> str:
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
