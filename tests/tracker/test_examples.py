"""The scripts in examples/ do what they say."""

import subprocess
import sys

import pytest

from tests.server import ROOT

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("script", "experiment", "metric", "points", "files"),
    [
        ("numpy_loop.py", "clouds", "accuracy", 200, ["model.json"]),
        ("digits.py", "digits-example", "val/accuracy", 20, ["plots", "wrong", "wrong.json"]),
        ("processes.py", "folds", "fold3/accuracy", 15, []),
    ],
)
def test_an_example_trains_and_logs(scripts, stored, script, experiment, metric, points, files):
    done = subprocess.run(
        [sys.executable, str(ROOT / "examples" / script)], env=scripts.environment(TRACKER_CAPTURE="all"), text=True,
        capture_output=True, timeout=600, cwd=scripts.folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (run,) = stored.named(experiment)
    assert run["status"] == "FINISHED"
    assert run["metrics"][metric]["count"] == points
    assert run["metrics"][metric]["last"] > 0.85
    listed = stored.client.get(f"/api/v1/runs/{run['run_id']}/artifacts/").body["artifacts"]
    assert [file["path"] for file in listed] == files
    found = stored.run(run["run_id"])
    assert "numpy" in found["environment"]["packages"]
    assert found["environment"]["command"][-1].endswith(script)
    assert scripts.left() == []
