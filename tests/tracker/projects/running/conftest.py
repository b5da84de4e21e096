"""Projects in folders, run by the command as people run it."""

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.server import RealServer
from tests.tracker.conftest import Scripts, Stored

PATIENCE_SECONDS = 120


class Projects:
    """A folder with a project, whose entry points are commands of the shell."""

    def __init__(self, scripts: Scripts) -> None:
        self.scripts = scripts
        self.folder = scripts.folder / "project"
        self.folder.mkdir()

    def make(self, files: dict[str, str] | None = None, **entry_points: str) -> Path:
        """A project with these commands and files."""
        told = {"entry_points": {name: {"command": command} for name, command in entry_points.items()}}
        (self.folder / "MLproject").write_text(json.dumps(told))
        for name, content in (files or {}).items():
            (self.folder / name).write_text(textwrap.dedent(content))
        return self.folder

    def environment(self, **settings: str) -> dict[str, str]:
        """What `tracker run` gets: `python` is the one that runs the tests."""
        told = self.scripts.environment(**settings)
        return told | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{told['PATH']}"}

    def start(self, *words: str, **settings: str) -> "subprocess.Popen[str]":
        """Start `tracker run`."""
        return subprocess.Popen(
            [sys.executable, "-m", "tracker", "run", *words], env=self.environment(**settings),
            cwd=self.scripts.folder, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )  # fmt: skip

    def run(self, *words: str, **settings: str) -> "subprocess.CompletedProcess[str]":
        """`tracker run` to its end."""
        process = self.start(*words, **settings)
        out, err = process.communicate(timeout=PATIENCE_SECONDS)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def run_id_in(told: str) -> str:
    """The run that `tracker run` says it logs to."""
    return told.partition("/runs/")[2].partition("/")[0]


@pytest.fixture
def projects(scripts: Scripts) -> Projects:
    """Projects that log to a running server."""
    return Projects(scripts)


@pytest.fixture
def projects_offline(offline: Scripts) -> Projects:
    """Projects whose server is not there."""
    return Projects(offline)


@pytest.fixture
def ended(projects: Projects, stored: Stored, shared_server: RealServer) -> Callable[..., dict[str, Any]]:
    """Runs a project, and gives what the server has of its run."""

    def run(*words: str, **settings: str) -> dict[str, Any]:
        done = projects.run(*words, **settings)
        return stored.run(run_id_in(done.stderr)) | {"done": done}

    return run
