"""`manage.py demo` logs real training to a running server."""

import os
import subprocess
import sys

import pytest

from tests.server import ROOT, free_port
from trackerweb import demo


def run_demo(url, *options):
    return subprocess.run(
        [sys.executable, "manage.py", "demo", *options],
        cwd=ROOT,
        env=os.environ | {"TRACKER_URI": url},
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_the_sweep_is_wide_enough_to_compare():
    sweep = demo.sweep()
    assert len({setting.name for setting in sweep}) == len(sweep) >= 24
    assert demo.STEPS >= 30
    for param in ("learning_rate", "hidden_units", "alpha"):
        assert len({getattr(setting, param) for setting in sweep}) >= 2
    assert {setting.seed for setting in sweep} == {1, 2, 3}


def test_without_a_server_it_says_what_to_do():
    done = run_demo(f"http://127.0.0.1:{free_port()}")
    assert done.returncode == 1
    assert "Start it first, with make run." in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_it_logs_params_and_real_curves(server):
    done = run_demo(server.url, "--runs", "2")
    assert done.returncode == 0, done.stderr
    client = server.client()
    experiment = client.put("/api/v1/experiments/by-name/digits/").body
    runs = client.get(f"/api/v1/runs/?experiment={experiment['experiment_id']}").body["runs"]
    assert len(runs) == 2
    assert {run["status"] for run in runs} == {"FINISHED"}
    for run in runs:
        assert {"learning_rate", "hidden_units", "alpha", "seed"} <= set(run["params"])
        accuracy, loss = run["metrics"]["val/accuracy"], run["metrics"]["train/loss"]
        assert accuracy["count"] == demo.STEPS
        assert accuracy["last"] > 0.5
        assert loss["last"] < loss["max"]
