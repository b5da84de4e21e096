"""Estimators that we export to ONNX, run by MLflow: it gives what the estimator gives."""

import json
import os
import subprocess

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from tests.server import ROOT
from tracker import models
from tracker.models.onnx import from_sklearn

# No texts: MLflow 3.17 gives them to onnxruntime as pandas 3 holds them, which that does not read.
NUMBERS = pd.DataFrame({"size": [0.5, 1.5, 2.5, 3.5] * 5, "count": [1, 2, 3, 4] * 5})
LABELS = np.where(NUMBERS["size"] > 2, "many", "few")
BY_COLUMN = make_column_transformer((OneHotEncoder(), ["count"]), (StandardScaler(), ["size"]))
CASES = {
    "columns": (make_pipeline(BY_COLUMN, LogisticRegression()), NUMBERS, LABELS),
    "array": (LinearRegression(), NUMBERS, NUMBERS.sum(axis=1) + 0.5),
    "several": (LinearRegression(), NUMBERS, np.column_stack([NUMBERS.sum(axis=1), NUMBERS["size"]])),
}
SCRIPT = """
import json, sys
import mlflow, pandas as pd
model = mlflow.pyfunc.load_model(sys.argv[1])
print(json.dumps(model.predict(pd.read_json(sys.stdin)).to_dict("list")))
"""


@pytest.mark.parametrize("name", list(CASES))
def test_mlflow_runs_what_we_export(mlflow_python, name, tmp_path):
    model, inputs, target = CASES[name]
    made = from_sklearn(model.fit(inputs, target), input_example=inputs)
    models.save_model(made.graph, tmp_path / "model", input_example=inputs[:3])
    told = os.environ | {"MLFLOW_DISABLE_TELEMETRY": "true"}
    command = [mlflow_python, "-c", SCRIPT, tmp_path / "model"]
    done = subprocess.run(command, input=inputs.to_json(), cwd=ROOT, env=told, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = pd.DataFrame(json.loads(done.stdout)).to_numpy().reshape(np.shape(model.predict(inputs)))
    if name == "columns":
        assert list(found) == list(model.predict(inputs))
    else:
        assert np.allclose(found, model.predict(inputs), atol=1e-4)
