"""A project whose trials take no time, and sweeps of it as processes of their own."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import pytest

from tests.server import ROOT
from tests.tracker.conftest import PATIENCE_SECONDS, Scripts, Stored

TRAIN = """
    import os, sys, time
    import tracker
    lr, depth, pause = map(float, sys.argv[1:4])
    with tracker.start_run() as run:
        for step in range(3):
            run.log({"loss": lr + abs(depth - 2) + 1 / (step + 1)}, step=step)
            time.sleep(pause)
    sys.exit("no depth of 9" if depth == 9 else 0)
"""


class Sweeps:
    """Sweeps over lr and depth of a project in `folder`; the experiment has the folder's name."""

    def __init__(self, scripts: Scripts, stored: Stored) -> None:
        self.scripts, self.stored = scripts, stored
        self.folder, self.experiment = scripts.folder / "project", f"sweep-{scripts.folder.name}"
        self.folder.mkdir()
        self.write(TRAIN)
        parameters = {"lr": 0.1, "depth": 1, "pause": 0}
        self.write_project({name: {"type": "float", "default": value} for name, value in parameters.items()})

    def write(self, code: str) -> None:
        """What a trial does."""
        (self.folder / "train.py").write_text(textwrap.dedent(code))

    def write_project(self, parameters: dict[str, Any]) -> None:
        """Its one entry point."""
        command = " ".join([sys.executable, "train.py", *(f"{{{name}}}" for name in parameters)])
        entry_points = {"main": {"parameters": parameters, "command": command}}
        (self.folder / "MLproject").write_text(json.dumps({"name": "quick", "entry_points": entry_points}))

    def run(self, *words: str, **settings: str) -> "subprocess.CompletedProcess[str]":
        """`tracker sweep` to its end."""
        return self.scripts.command("sweep", *words, "--env-manager", "local", **settings)

    def begin(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """The same of the project, with an experiment of its own."""
        return self.run(str(self.folder), "--experiment", self.experiment, *words)

    def start(self, *words: str) -> "subprocess.Popen[str]":
        """Start one in the background."""
        command = [sys.executable, "-m", "tracker", "sweep", *words, "--env-manager", "local"]
        return subprocess.Popen(
            command, env=self.scripts.environment(PYTHONUNBUFFERED="1"), cwd=ROOT, text=True, start_new_session=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def start_own(self, *words: str) -> "subprocess.Popen[str]":
        """Start one of the project."""
        return self.start(str(self.folder), "--experiment", self.experiment, *words)

    def runs(self) -> list[dict[str, Any]]:
        """All runs of the experiment."""
        return self.stored.named(self.experiment)

    def parent(self) -> dict[str, Any]:
        """The sweep's own run."""
        (found,) = [run for run in self.runs() if not run["parent_run_id"]]
        return self.stored.run(found["run_id"])

    def trials(self, status: str = "") -> list[dict[str, Any]]:
        """The runs that count as trials, by number."""
        found = [run for run in self.runs() if "tracker.sweep.trial" in run["tags"]]
        chosen = [run for run in found if status in ("", run["status"])]
        return sorted(chosen, key=lambda run: int(run["tags"]["tracker.sweep.trial"]))

    def wait_for(self, count: int, status: str, seconds: float = PATIENCE_SECONDS) -> None:
        """Wait until so many trials have a status."""
        deadline = time.monotonic() + seconds
        while len(self.trials(status)) < count:
            assert time.monotonic() < deadline, self.runs()
            time.sleep(0.1)


def kill(process: "subprocess.Popen[str]") -> None:
    """End a process as the system does when memory runs out."""
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


@pytest.fixture
def sweeps(scripts: Scripts, stored: Stored) -> Sweeps:
    return Sweeps(scripts, stored)


@pytest.fixture
def repository(sweeps: Sweeps) -> Path:
    """The project as a repository of git, with one commit."""
    for words in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "first"]):
        git(sweeps.folder, *words)
    return sweeps.folder


def git(folder: Path, *words: str) -> str:
    """What git says there."""
    who = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    return subprocess.run(
        ["git", "-C", folder, *who, *words], check=True, capture_output=True, text=True
    ).stdout.strip()
