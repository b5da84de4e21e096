"""Estimators as graphs: the same predictions, in the types of the signature; on the command line, too."""

import json

import numpy as np
import onnx
import pandas as pd
import pytest
from click.testing import CliRunner
from sklearn.cluster import KMeans
from sklearn.compose import make_column_transformer
from sklearn.ensemble import GradientBoostingClassifier, RandomForestRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.semi_supervised import LabelPropagation
from sklearn.svm import SVC

from tracker import models
from tracker.command import commands
from tracker.errors import InvalidModel, InvalidValue
from tracker.models.onnx import from_sklearn

RANDOM = np.random.default_rng(0)
TABLE = pd.DataFrame(
    {
        "size": RANDOM.normal(size=60), "count": RANDOM.integers(0, 5, 60), "old": RANDOM.random(60) < 0.5,
        "kind": RANDOM.choice(["a", "b", "ü"], 60),
    }
)  # fmt: skip
NUMBERS = TABLE[["size", "count"]]
TARGET = NUMBERS.sum(axis=1)
LABELS = np.where(TARGET > 2, "many", "few")


def columns():
    return make_column_transformer((OneHotEncoder(), ["kind"]), (StandardScaler(), ["size", "count"]))


CASES = {
    "logistic": (LogisticRegression(), NUMBERS, LABELS), "svm": (SVC(), NUMBERS, LABELS),
    "boosting": (GradientBoostingClassifier(n_estimators=5), NUMBERS, LABELS),
    "forest": (RandomForestRegressor(5, random_state=0), NUMBERS, TARGET),
    "network": (MLPRegressor(hidden_layer_sizes=(3,), max_iter=20), NUMBERS, TARGET),
    "scaled": (make_pipeline(StandardScaler(), Ridge()), NUMBERS, TARGET),
    "array": (LinearRegression(), NUMBERS.to_numpy(), TARGET), "clusters": (KMeans(2, n_init=1), NUMBERS, None),
    "whole numbers": (LogisticRegression(), NUMBERS[["count"]], LABELS),
    "small numbers": (LinearRegression(), NUMBERS.astype("float32"), TARGET),
    "several targets": (LinearRegression(), NUMBERS, np.column_stack([TARGET, -TARGET])),
    "by column": (make_pipeline(columns(), LogisticRegression()), TABLE, LABELS),
    "texts alone": (make_pipeline(OneHotEncoder(), Ridge()), TABLE[["kind"]], TARGET),
    "scaler": (StandardScaler(), NUMBERS, None),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", list(CASES))
def test_the_graph_predicts_what_the_estimator_does(name, tmp_path):
    model, inputs, target = CASES[name]
    made = from_sklearn(model.fit(inputs, target), input_example=inputs)
    assert (made.rows, made.difference < 1e-4) == (60, True)
    models.save_model(made.graph, tmp_path / "model", input_example=inputs[:3])
    found = models.load_model(tmp_path / "model").predict(inputs)
    found = found.to_numpy() if hasattr(found, "columns") else found["prediction"]
    wanted = np.asarray(getattr(model, "predict", getattr(model, "transform", None))(inputs))
    close = np.array_equal if wanted.dtype.kind in "UOi" else np.allclose
    assert close(found.reshape(wanted.shape), wanted, **({} if close is np.array_equal else {"atol": 1e-4}))


def test_probabilities_can_be_exported_instead():
    model = LogisticRegression().fit(NUMBERS, LABELS)
    made = from_sklearn(model, input_example=NUMBERS, method="predict_proba")
    assert [each.name for each in made.graph.graph.output] == ["prediction_0", "prediction_1"]
    assert made.difference < 1e-5


def test_a_signature_is_enough():
    signature = models.infer_signature(NUMBERS)
    made = from_sklearn(Ridge().fit(NUMBERS, TARGET), signature)
    assert (made.rows, made.difference) == (0, None)
    onnx.checker.check_model(made.graph)


@pytest.mark.parametrize(("model", "words"), [
    (LabelPropagation(), "LabelPropagation can't be exported to ONNX: Unable to find a shape calculator"),
    (make_pipeline(StandardScaler(), LabelPropagation()), "Pipeline can't be exported to ONNX"),
])  # fmt: skip
def test_what_has_no_converter_is_named(model, words):
    with pytest.raises(InvalidValue, match=words):
        from_sklearn(model.fit(NUMBERS, LABELS), input_example=NUMBERS)


def test_a_graph_that_differs_is_refused():
    model = LinearRegression().fit(NUMBERS * 1e7, TARGET * 1e7 + 0.123)
    with pytest.raises(InvalidValue, match=r"differs from the model by up to .*, more than 1e-12 allows"):
        from_sklearn(model, input_example=NUMBERS * 1e7, tolerance=1e-12)


@pytest.mark.parametrize(("options", "words"), [
    ({}, "give an input example"), ({"input_example": NUMBERS, "method": "score"}, "'score' can't be exported"),
    ({"input_example": pd.DataFrame({"t": pd.to_datetime(["2026-11-29"])})}, "column 't' is"),
    ({"input_example": np.zeros((2, 3, 4))}, "is no table"),
    ({"input_example": NUMBERS, "method": "predict_proba"}, "no probabilities"),
])  # fmt: skip
def test_what_can_not_be_asked_is_refused(options, words):
    with pytest.raises(InvalidValue, match=words):
        from_sklearn(LinearRegression().fit(NUMBERS, TARGET), **options)


def export(*words):
    return CliRunner().invoke(commands, ["models", "export-onnx", *map(str, words)])


def test_the_command_writes_a_file_or_a_model(tmp_path):
    model = make_pipeline(columns(), LogisticRegression()).fit(TABLE, LABELS)
    models.save_model(model, tmp_path / "model", input_example=TABLE[:5])
    done = export("-m", tmp_path / "model", "-o", tmp_path / "graph.onnx")
    assert done.stdout.endswith("graph.onnx: differs by at most 0 on 5 rows of the input example\n")
    onnx.checker.check_model(onnx.load(tmp_path / "graph.onnx"))
    done = export("-m", tmp_path / "model", "-o", tmp_path / "exported", "--json")
    assert json.loads(done.stdout) == {"path": str(tmp_path / "exported"), "rows": 5, "difference": 0.0}
    found = models.load_model(tmp_path / "exported").predict(TABLE)
    assert list(found["prediction"]) == list(model.predict(TABLE))


def test_only_scikit_learn_is_exported(tmp_path):
    made = from_sklearn(LinearRegression().fit(NUMBERS, TARGET), input_example=NUMBERS)
    models.save_model(made.graph, tmp_path / "model")
    done = export("-m", tmp_path / "model", "-o", tmp_path / "graph.onnx")
    assert (type(done.exception), "has no flavor 'sklearn'" in str(done.exception)) == (InvalidModel, True)
    assert not (tmp_path / "graph.onnx").exists()
