"""MLflow's command line, with nothing but our address."""

import csv
import io
from pathlib import Path

PROJECT = """
name: small
entry_points:
  main:
    parameters:
      alpha: {type: float, default: 0.5}
    command: "python train.py {alpha}"
"""
TRAIN = """
import sys, mlflow
with mlflow.start_run():
    mlflow.log_param("seen", sys.argv[1])
    mlflow.log_metric("score", float(sys.argv[1]) * 2)
    mlflow.log_text("done", "out.txt")
"""


def test_experiments_are_made_listed_and_written_as_csv(mlflow, script):
    mlflow("experiments", "create", "--experiment-name", "by command")
    number = script('import mlflow\ntold["id"] = mlflow.set_experiment("by command").experiment_id')["id"]
    script(
        "import mlflow\nmlflow.set_experiment('by command')\nwith mlflow.start_run():\n    mlflow.log_metric('m', 1.5)"
    )
    assert "by command" in mlflow("experiments", "search")
    (row,) = csv.DictReader(io.StringIO(mlflow("experiments", "csv", "-x", number)))
    assert row["metrics.m"] == "1.5"
    mlflow("experiments", "rename", "-x", number, "--new-name", "by another command")
    mlflow("experiments", "delete", "-x", number)
    mlflow("experiments", "restore", "-x", number)


def test_runs_are_listed_told_deleted_and_restored(mlflow, script):
    told = script("""
        import mlflow
        told["experiment"] = mlflow.set_experiment("runs by command").experiment_id
        with mlflow.start_run(run_name="only one") as run:
            told["run"] = run.info.run_id
    """)
    assert "only one" in mlflow("runs", "list", "--experiment-id", told["experiment"])
    assert told["run"] in mlflow("runs", "describe", "--run-id", told["run"])
    mlflow("runs", "delete", "--run-id", told["run"])
    mlflow("runs", "restore", "--run-id", told["run"])


def test_files_are_stored_listed_and_fetched(mlflow, script, tmp_path):
    run_id = script("import mlflow\nwith mlflow.start_run() as run:\n    told['run'] = run.info.run_id")["run"]
    (tmp_path / "a.txt").write_text("hello")
    mlflow("artifacts", "log-artifact", "--run-id", run_id, "--local-file", "a.txt", "--artifact-path", "texts")
    assert "texts/a.txt" in mlflow("artifacts", "list", "--run-id", run_id, "--artifact-path", "texts")
    place = (
        mlflow("artifacts", "download", "--run-id", run_id, "--artifact-path", "texts/a.txt").strip().splitlines()[-1]
    )
    assert Path(place).read_text() == "hello"


def test_a_project_is_run(mlflow, script, tmp_path):
    project = tmp_path / "project"
    project.mkdir()
    (project / "MLproject").write_text(PROJECT)
    (project / "train.py").write_text(TRAIN)
    mlflow("run", "project", "--env-manager", "local", "-P", "alpha=0.25", "--experiment-name", "projects")
    told = script("""
        import mlflow
        mlflow.set_experiment("projects")
        (run,) = mlflow.search_runs(output_format="list")
        told |= {"params": run.data.params, "metrics": run.data.metrics, "tags": run.data.tags}
        told["status"] = run.info.status
        told["files"] = [item.path for item in mlflow.MlflowClient().list_artifacts(run.info.run_id)]
    """)
    assert told["params"] == {"alpha": "0.25", "seen": "0.25"}
    assert told["metrics"] == {"score": 0.5}
    assert told["status"] == "FINISHED"
    assert told["tags"]["mlflow.project.entryPoint"] == "main"
    assert told["files"] == ["out.txt"]
