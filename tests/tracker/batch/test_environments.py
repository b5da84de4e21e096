"""A model's own environment: made once by `prepare-env`, and used by `predict`."""

import os
import subprocess
import sys

import pytest

from tests.server import ROOT
from tests.tracker.batch.conftest import HERE
from tracker import models

pytestmark = pytest.mark.slow


def test_predict_runs_in_the_environment_that_was_prepared(tmp_path):
    models.save_model(HERE / "seen.py", tmp_path / "model", requirements=["pandas==3.1.0"])
    (tmp_path / "rows.csv").write_text("a\n1\n")
    told = os.environ | {"PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(tmp_path / "cache")}

    def run(*words):
        command = [sys.executable, "-m", "tracker", "models", *words, "-m", "model", "--env-manager", "uv"]
        return subprocess.run(command, cwd=tmp_path, env=told, capture_output=True, text=True)

    made = run("prepare-env", "--allow-pickle")
    assert made.returncode == 0, made.stderr
    version = [made.stdout.strip(), "-c", "import pandas; print(pandas.__version__)"]
    assert subprocess.run(version, capture_output=True, text=True).stdout == "3.1.0\n"
    done = run("predict", "-i", "rows.csv", "--allow-pickle")
    assert (done.returncode, done.stdout) == (0, "prediction\na:int64:1\n"), done.stderr
    assert "making an environment" not in done.stderr
