"""Asks the real MLflow what it makes of models, schemas and data: one process a session for each question."""

import functools
import json
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def oracle(mlflow_python):
    """What MLflow answers to a command of oracle_script.py."""

    @functools.cache
    def ask(*words):
        environment = os.environ | {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true", "PYTHONPATH": str(ROOT)}
        command = [mlflow_python, "-m", "tests.mlflow.models.oracle_script", *words]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    return ask
