"""Code that logs by MLflow's client, run as a project by our command: it logs into the project's run."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.server import ROOT, HttpClient

TRAIN = """
import mlflow
with mlflow.start_run() as run:
    mlflow.log_metric("loss", 0.5)
    mlflow.log_param("optimizer", "adam")
    with mlflow.start_run(nested=True):
        mlflow.log_metric("loss", 0.7)
raise SystemExit({status})
"""


def test_mlflows_client_logs_into_the_run_of_the_project(
    tracker: str, environment: dict[str, str], tmp_path: Path
) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "MLproject").write_text("entry_points: {main: {command: 'python train.py'}}")
    (project / "train.py").write_text(TRAIN.format(status=3))
    told = environment | {"TRACKER_URI": tracker, "TRACKER_JOURNAL": str(tmp_path / "journals")}
    told |= {"PYTHONPATH": str(ROOT), "TRACKER_CAPTURE": "none"}
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_RUN_ID"):
        told.pop(name, None)
    done = subprocess.run(
        [sys.executable, "-m", "tracker", "run", str(project), "--experiment", "projects", "--json"],
        env=os.environ | told, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    run_id = json.loads(done.stdout)["run_id"]
    run = HttpClient(tracker).get(f"/api/v1/runs/{run_id}/").body
    assert run["metrics"]["loss"]["last"] == 0.5
    assert run["params"] == {"optimizer": "adam"}
    # MLflow's client said FAILED at the block's end or nothing; what counts is how the command ended.
    assert (run["status"], run["tags"]["tracker.exitStatus"]) == ("FAILED", "3")
    runs = HttpClient(tracker).get(f"/api/v1/runs/?experiment={run['experiment_id']}").body["runs"]
    assert [one["parent_run_id"] for one in runs if one["run_id"] != run_id] == [run_id]
