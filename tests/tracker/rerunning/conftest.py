"""Fixtures of the tests of reruns: checkouts with scripts, runs of them, and `tracker rerun`."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.tracker.conftest import PATIENCE_SECONDS

CAPTURED = "command,git,source,packages"
SCRIPT = """
import argparse
import tracker
from model import loss_at

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.5)
parser.add_argument("--epochs", type=int, default=3)
parser.add_argument("--password")
told = parser.parse_args()
with tracker.start_run(experiment="rerun", params={"lr": told.lr, "epochs": told.epochs}) as run:
    for step in range(told.epochs):
        run.log({"loss": loss_at(step, told.lr)}, step=step)
print(run.run_id)
"""
MODEL = "def loss_at(step, lr):\n    return 1 / (1 + step * lr)\n"


def git(folder: Path, *words: str) -> None:
    """A command of git."""
    named = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    subprocess.run(["git", *named, "-C", str(folder), *words], check=True, capture_output=True)


def checkout(folder: Path, script: str, model: str) -> Path:
    """A checkout whose script was changed since its commit, and imports a module that git does not know."""
    (folder / "training").mkdir(parents=True)
    place = folder / "training" / "train.py"
    place.write_text("raise SystemExit('the commit, without its changes')\n")
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "First")
    place.write_text(script)
    (folder / "training" / "model.py").write_text(model)
    return folder


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A checkout of a script that needs nothing but our client."""
    return checkout(tmp_path / "repository", SCRIPT, MODEL)


@pytest.fixture
def logged(scripts: Any) -> Callable[..., str]:
    """Starts a command of Python in a folder; the id of its run, which it prints last."""

    def start(folder: Path, *words: str, python: str = sys.executable, **settings: str) -> str:
        environment = scripts.environment(**{"TRACKER_CAPTURE": CAPTURED} | settings)
        done = subprocess.run(
            [python, *words], cwd=folder, env=environment, capture_output=True, text=True, timeout=PATIENCE_SECONDS
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip().splitlines()[-1]

    return start


@pytest.fixture
def again(scripts: Any) -> Callable[..., dict[str, Any]]:
    """`tracker rerun --json` with this Python: what it prints, and beside it `said` and `status`."""

    def rerun(run_id: str, *words: str, manager: str = "local", **settings: str) -> dict[str, Any]:
        options = {"TRACKER_CAPTURE": CAPTURED} | settings
        done = scripts.command("rerun", run_id, "--json", "--env-manager", manager, *words, **options)
        told = json.loads(done.stdout or "{}")
        return told | {"said": done.stderr, "status": done.returncode}

    return rerun
