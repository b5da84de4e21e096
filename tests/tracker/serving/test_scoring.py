"""What bodies become, without a server between: whatever they hold, the answer is 200 or says what is wrong."""

import json
import logging

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tracker import models
from tracker.models import ModelSignature
from tracker.models.signature import ColSpec, ParamSchema, ParamSpec, Schema, TensorSpec
from tracker.models.signature.types import Array, DataType, Object, Property
from tracker.serving.scoring import Scoring

JSON = "application/json"
COUNTS = """
from tracker.models import PythonModel, set_model

class Counts(PythonModel):
    def predict(self, context, model_input, params=None):
        return [type(model_input).__name__, repr(params)]

set_model(Counts())
"""
TYPES = [each.value for each in DataType]
SIGNATURES = {
    "none": None,
    "columns": ModelSignature(Schema([ColSpec(DataType(name), name, name != "long") for name in TYPES])),
    "one": ModelSignature(Schema([ColSpec(DataType.double, "a")])),
    "unnamed": ModelSignature(Schema([ColSpec(DataType.double), ColSpec(DataType.string)])),
    "nested": ModelSignature(
        Schema([ColSpec(Array(DataType.long), "a"), ColSpec(Object((Property("b", DataType.string),)), "b", False)])
    ),
    "tensor": ModelSignature(Schema([TensorSpec("float32", (-1, 2))])),
    "tensors": ModelSignature(Schema([TensorSpec("float64", (-1, 2), "a"), TensorSpec("str", (-1,), "b")])),
    "params": ModelSignature(
        None, None, ParamSchema([ParamSpec("a", "double", 1.0), ParamSpec("b", "string", ["x"], (-1,))])
    ),
}  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("2026-11-29"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", *TYPES]), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
KEYS = ["dataframe_split", "dataframe_records", "inputs", "instances", "params", "messages", "input", "other"]
SPLIT = st.fixed_dictionaries(
    {"data": st.lists(st.lists(VALUES, max_size=3), max_size=3)},
    optional={
        "columns": st.lists(st.sampled_from(["a", "b", *TYPES]), max_size=3),
        "index": st.lists(VALUES, max_size=3),
    },
)
BODIES = (
    VALUES
    | st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=2)
    | st.fixed_dictionaries({"dataframe_split": SPLIT}, optional={"params": VALUES})
)


@pytest.fixture(scope="module")
def scorings(tmp_path_factory):
    """A model that takes anything, behind each signature."""
    folder = tmp_path_factory.mktemp("counts")
    code = folder / "counts.py"
    code.write_text(COUNTS)
    for name, signature in SIGNATURES.items():
        models.save_model(code, folder / name, signature=signature or False, requirements=[])
    return {name: Scoring(models.load_model(folder / name, allow_pickle=True)) for name in SIGNATURES}


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    """Tracebacks of odd bodies go to the log of a server."""
    monkeypatch.setattr("tracker.notices.warn", lambda message: None)
    logging.getLogger("tracker.serving").setLevel(logging.CRITICAL)
    yield
    logging.getLogger("tracker.serving").setLevel(logging.NOTSET)


def assert_answered(answer):
    assert answer.status in {200, 400, 413, 415}, answer
    if answer.status == 400:
        assert json.loads(answer.content).keys() == {"error_code", "message"}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(sorted(SIGNATURES)), body=BODIES)
def test_any_json_is_answered(scorings, name, body):
    assert_answered(scorings[name].answer(JSON, json.dumps(body).encode()))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from([JSON, "text/csv", "application/vnd.apache.parquet", "text/plain", None]),
    body=st.binary(max_size=60),
)
def test_any_bytes_are_answered(scorings, kind, body):
    assert_answered(scorings["columns"].answer(kind, body))


@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b'{"a":' * 5000, b'{"inputs": ' + b"9" * 5000 + b"}", b'{"inputs": "\xff"}']
)
def test_hostile_json_is_refused(scorings, body):
    assert scorings["none"].answer(JSON, body).status == 400


def test_parquet_that_stands_for_billions_of_values_is_refused(scorings, tmp_path, monkeypatch):
    monkeypatch.setattr("tracker.serving.frames.MOST_CELLS", 10)
    pd.DataFrame({"a": [0.0] * 11}).to_parquet(tmp_path / "large")
    answer = scorings["none"].answer("application/vnd.apache.parquet", (tmp_path / "large").read_bytes())
    assert answer.status == 413


def test_a_column_of_another_type_is_refused_by_the_word_of_its_type(scorings):
    answer = scorings["one"].answer(JSON, b'{"dataframe_split": {"columns": ["a"], "data": [["x"]]}}')
    assert answer.status == 400
    assert "The column 'a' can't become double, which the model takes" in json.loads(answer.content)["message"]


def test_a_model_that_fails_says_so_without_its_stack(tmp_path):
    code = tmp_path / "failing.py"
    code.write_text(COUNTS.replace("return", "return 1 / 0 or"))
    models.save_model(code, tmp_path / "model", requirements=[])
    answer = Scoring(models.load_model(tmp_path / "model", allow_pickle=True)).answer(JSON, b'{"inputs": [1]}')
    told = {"error_code": "BAD_REQUEST", "message": "The model can't predict this: ZeroDivisionError: division by zero"}
    assert (answer.status, json.loads(answer.content)) == (400, told)


FRAME = pd.DataFrame(np.random.default_rng(0).normal(size=(60, 3)), columns=["a", "b", "c"])
TARGET = (FRAME.a + FRAME.b * 2 > 0).astype(int)
ESTIMATORS = {
    "linear": LinearRegression(),
    "logistic": LogisticRegression(),
    "scaled": make_pipeline(StandardScaler(), LogisticRegression()),
    "by name": make_pipeline(make_column_transformer((StandardScaler(), ["a", "b", "c"])), LinearRegression()),
    "forest": RandomForestRegressor(5, random_state=0),
    "neighbours": KNeighborsClassifier(3),
}
TELLS = COUNTS.replace(
    "[type(model_input).__name__, repr(params)]", "repr((model_input.dtypes, model_input.values.tolist()))"
)


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    """Each model, behind the way for rows of numbers and behind the general one."""
    folder = tmp_path_factory.mktemp("estimators")
    for name, estimator in ESTIMATORS.items():
        options = {"input_example": FRAME[:2], "serialization_format": "pickle", "requirements": []}
        models.save_model(estimator.fit(FRAME, TARGET), folder / name, **options)
    code = folder / "tells.py"
    code.write_text(TELLS)
    for types in ("double double double", "double long integer", "long long long"):
        signature = ModelSignature(
            Schema([ColSpec(kind, name) for kind, name in zip(types.split(), "abc", strict=True)])
        )
        models.save_model(code, folder / types, signature=signature, requirements=[])
    found = {}
    for place in folder.iterdir():
        if place.is_dir():
            found[place.name] = [Scoring(models.load_model(place, allow_pickle=True)) for _ in range(2)]
            found[place.name][1]._number_rows = None
    return found


NUMBERS = (
    st.floats()
    | st.integers(-(2**31), 2**31)
    | st.integers(-(2**70), 2**70)
    | st.none()
    | st.booleans()
    | st.integers(0, 1)
)
FORMS = {
    "split": lambda rows: {"dataframe_split": {"columns": ["a", "b", "c"], "data": rows}},
    "records": lambda rows: {"dataframe_records": [dict(zip("abc", row, strict=True)) for row in rows]},
    "inputs by row": lambda rows: {"inputs": [dict(zip("cab", row, strict=True)) for row in rows]},
    "instances by row": lambda rows: {"instances": [dict(zip("abc", row, strict=True)) for row in rows]},
    "inputs by column": lambda rows: {"inputs": {name: [row[at] for row in rows] for at, name in enumerate("abc")}},
    "instances by column": lambda rows: {
        "instances": {name: [row[at] for row in rows] for at, name in enumerate("bca")}
    },
}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), form=st.sampled_from(sorted(FORMS)))
def test_rows_of_numbers_are_answered_as_in_the_general_way(pairs, data, form):
    name = data.draw(st.sampled_from(sorted(pairs)))
    values = data.draw(st.sampled_from([NUMBERS, st.floats(), st.integers(-(2**70), 2**70)]))
    rows = data.draw(st.lists(st.lists(values, min_size=3, max_size=3), max_size=4))
    body = json.dumps(FORMS[form](rows)).encode()
    quick, general = (scoring.answer(JSON, body) for scoring in pairs[name])
    assert quick.status == general.status
    if quick.status == 200:
        assert quick.content == general.content


@pytest.mark.parametrize(
    ("body", "is_taken"),
    [
        ({"dataframe_split": {"columns": ["a", "b", "c"], "data": [[1, 2.5, None]]}}, True),
        ({"dataframe_records": [{"c": 3, "b": 2, "a": 1}]}, True),
        ({"inputs": {"a": [1], "b": [2], "c": [3]}}, True),
        ({"dataframe_split": {"columns": ["b", "a", "c"], "data": [[1, 2, 3]]}}, False),
        ({"dataframe_split": {"columns": ["a", "b", "c"], "data": [[1, 2, "3"]]}}, False),
        ({"dataframe_split": {"columns": ["a", "b", "c"], "data": [[1, 2, True]]}}, False),
        ({"dataframe_split": {"columns": ["a", "b", "c"], "index": [1], "data": [[1, 2, 3]]}}, False),
        ({"dataframe_split": {"columns": ["a", "b", "c"], "data": []}}, False),
        ({"dataframe_records": [{"c": 3, "b": 2, "a": 1}], "params": {}}, False),
        ({"inputs": {"a": [1], "b": [2], "c": [3, 4]}}, False),
        ({"inputs": [[1, 2, 3]]}, False),
    ],
)
def test_which_bodies_are_plain_numbers(pairs, body, is_taken):
    assert (pairs["linear"][0]._number_rows.read(body) is not None) == is_taken


def test_models_that_look_at_columns_get_data_frames(pairs):
    body = FORMS["split"]([[1, 2, 3]])
    kinds = {name: type(pairs[name][0]._number_rows.read(body)).__name__ for name in ("linear", "scaled", "by name")}
    assert kinds == {"linear": "ndarray", "scaled": "ndarray", "by name": "DataFrame"}
