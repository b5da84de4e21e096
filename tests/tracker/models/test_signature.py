"""Signatures by themselves; tests/mlflow/models/ compares them with MLflow's."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.errors import InvalidValue, SignatureMismatch
from tracker.models.signature import (
    AnyType,
    Array,
    ColSpec,
    DataType,
    Map,
    ModelSignature,
    Object,
    ParamSchema,
    ParamSpec,
    Property,
    Schema,
    TensorSpec,
    enforcement,
    infer_signature,
    params,
)
from tracker.models.signature.types import merged, type_from_json

scalars = st.sampled_from(list(DataType)) | st.just(AnyType())
types = st.recursive(
    scalars,
    lambda inner: (
        inner.map(Array)
        | inner.map(Map)
        | st.dictionaries(st.text(min_size=1), st.tuples(inner, st.booleans()), min_size=1, max_size=3).map(
            lambda told: Object(tuple(Property(name, *each) for name, each in told.items()))
        )
    ),
    max_leaves=6,
)


@given(types)
def test_a_type_is_read_as_it_was_written(kind):
    assert type_from_json(kind.json) == kind


@given(st.dictionaries(st.text(), st.tuples(types, st.booleans()), min_size=1, max_size=4))
def test_a_schema_is_read_as_it_was_written(told):
    schema = Schema(ColSpec(kind, name, required) for name, (kind, required) in told.items())
    assert Schema.from_json(schema.to_json()) == schema


@given(types)
def test_what_is_merged_with_itself_stays(kind):
    assert merged(kind, kind) in {kind, merged(kind, AnyType())}


@given(types, types)
def test_merging_does_not_depend_on_the_order(one, other):
    def outcome(left, right):
        try:
            return merged(left, right)
        except InvalidValue:
            return None

    assert outcome(one, other) == outcome(other, one)


numbers = st.lists(st.integers(-(2**31), 2**31 - 1) | st.floats(allow_nan=False), min_size=1)


@given(numbers, st.sampled_from(["integer", "long", "float", "double"]))
def test_enforcement_changes_no_value_and_again_changes_nothing(values, kind):
    schema = Schema([ColSpec(kind, "x")])
    try:
        once = enforcement.enforced(pd.DataFrame({"x": values}), schema)
    except SignatureMismatch:
        return
    assert once["x"].tolist() == values
    pd.testing.assert_frame_equal(enforcement.enforced(once, schema), once)


def test_all_parts_are_inferred():
    signature = infer_signature(pd.DataFrame({"a": [1.5], "b": ["x"]}), np.array([1, 2]), {"top": 3})
    assert signature == ModelSignature(
        Schema([ColSpec("double", "a"), ColSpec("string", "b")]),
        Schema([TensorSpec("int64", (-1,))]),
        ParamSchema([ParamSpec("top", DataType.long, 3)]),
    )
    assert ModelSignature.from_dict(signature.to_dict()) == signature


def test_what_has_no_type_is_of_the_type_any(capfd):
    assert infer_signature({1, 2}).inputs == Schema([ColSpec("any")])
    assert "are of the type any" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Schema([]), "at least one"),
        (lambda: Schema([ColSpec("double", "a"), TensorSpec("float64", (-1,), "b")]), "not both"),
        (lambda: Schema([ColSpec("double", "a"), ColSpec("double")]), "Name all, or none"),
        (lambda: Schema([ColSpec("double", required=False)]), "without a name"),
        (lambda: Schema([TensorSpec("float64", (-1,)), TensorSpec("float64", (-1,))]), "told apart by names"),
        (lambda: ColSpec("decimal"), "'decimal' is no type"),
        (lambda: Object(()), "has properties"),
        (lambda: Object((Property("a", "long"), Property("a", "long"))), "each once"),
        (lambda: ParamSpec("p", "binary", b"x"), "can't be of the type"),
        (lambda: ParamSpec("p", "long", "x"), "is of the type long"),
        (lambda: ParamSpec("p", "long", [1], (2,)), "has the shape"),
        (lambda: ParamSchema([ParamSpec("p", "long", 1)] * 2), "there twice"),
    ],
)
def test_what_can_be_no_signature_is_refused(make, said):
    with pytest.raises(InvalidValue, match=said):
        make()


def test_a_mismatch_names_the_column_and_the_remedy():
    schema = Schema([ColSpec("long", "age")])
    with pytest.raises(SignatureMismatch, match=r"'age' is to be long; float64.*Values are missing.*as double"):
        enforcement.enforced(pd.DataFrame({"age": [1.0, None]}), schema)


def test_a_mismatch_within_a_column_names_the_place():
    schema = Schema([ColSpec(Array(Object((Property("a", "long"),))), "x")])
    with pytest.raises(SignatureMismatch, match=r"x\[1\].a"):
        enforcement.enforced(pd.DataFrame({"x": [[{"a": 1}, {"a": "y"}]]}), schema)


def test_extra_columns_are_left_out_and_said_once(capfd):
    schema = Schema([ColSpec("long", "a")])
    frame = pd.DataFrame({"a": [1], "column of this test": [2]})
    for _ in range(3):
        assert list(enforcement.enforced(frame, schema).columns) == ["a"]
    assert capfd.readouterr().err.count("column of this test") == 1


def test_the_data_that_was_given_stays_as_it_was():
    schema = Schema([ColSpec(Object((Property("a", "double"),)), "x")])
    value = {"a": 1}
    enforcement.enforced(pd.DataFrame({"x": [value]}), schema)
    assert type(value["a"]) is int


def test_optional_is_read_as_early_mlflow_wrote_it():
    (spec,) = Schema.from_json('[{"type": "double", "name": "a", "optional": true}]')
    assert not spec.required


def test_params_of_a_time_are_written_as_text():
    schema = ParamSchema([ParamSpec("day", "datetime", dt.date(2026, 11, 29))])
    assert '"default": "2026-11-29"' in schema.to_json()
    assert params.enforced({}, ParamSchema.from_json(schema.to_json())) == {"day": dt.date(2026, 11, 29)}
