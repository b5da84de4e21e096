"""Runs projects by a real MLflow, one after another, and writes down what became of each.

A file says which (`[{"folder": …, "entry_point": …, "parameters": {…}}]`); the answers go beside it.
"""

import json
import logging
import sys
from pathlib import Path

import mlflow
from mlflow.exceptions import ExecutionException
from mlflow.projects.submitted_run import LocalSubmittedRun

COMMAND = "=== Running command '%s' in run with ID '%s' === "
EXITS = []


def noting(wait):
    """LocalSubmittedRun.wait, which notes the exit status."""

    def noted(submitted):
        ended_well = wait(submitted)
        EXITS.append(submitted.command_proc.returncode)
        return ended_well

    return noted


class Commands(logging.Handler):
    """Keeps the command that was run last."""

    last = None

    def emit(self, record):
        if record.msg == COMMAND:
            self.last = record.args[0]


def answer(case, commands):
    """What becomes of one run."""
    commands.last, error = None, ""
    EXITS.clear()
    experiment = mlflow.create_experiment(case["folder"])
    try:
        mlflow.projects.run(
            case["folder"], case["entry_point"], parameters=case["parameters"], experiment_id=experiment,
            env_manager="local", synchronous=True,
        )  # fmt: skip
    except Exception as raised:
        error = f"{type(raised).__name__}: {raised}"
        if commands.last is not None and not isinstance(raised, ExecutionException):
            raise
    runs = mlflow.MlflowClient().search_runs([experiment])
    said = {"params": runs[0].data.params, "tags": runs[0].data.tags, "status": runs[0].info.status} if runs else {}
    return said | {"command": commands.last, "error": error, "exit_status": EXITS[0] if EXITS else None}


def main(file):
    """Run all cases of a file."""
    LocalSubmittedRun.wait = noting(LocalSubmittedRun.wait)
    commands = Commands()
    logger = logging.getLogger("mlflow.projects.backend.local")
    logger.setLevel(logging.INFO)
    logger.addHandler(commands)
    answers = []
    for case in json.loads(file.read_text()):
        told = Path(case["folder"]) / "said"
        told.unlink(missing_ok=True)
        found = answer(case, commands)
        found["said"] = told.read_text(errors="surrogateescape") if told.exists() else None
        answers.append(found)
        told.unlink(missing_ok=True)
    (file.parent / "answers.json").write_text(json.dumps(answers))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
