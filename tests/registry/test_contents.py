"""What the files of a model say of it, read as texts."""

import json

import pytest

from registry.contents import SAFE_TYPES, Contents
from registry.places import Place
from tests.factories import make_model
from tracker.models import estimators, lightgbm

pytestmark = pytest.mark.django_db


def contents(mlmodel, **files):
    return Contents(Place(make_model(files={"MLmodel": mlmodel} | files), ""))


def signed(**parts):
    lines = "".join(f"  {part}: {json.dumps(json.dumps(columns))}\n" for part, columns in parts.items())
    return contents(f"flavors:\n  sklearn: {{}}\nsignature:\n{lines}").signature


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ({"type": "double", "name": "x"}, "double"),
        (
            {"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 28, 28]}},
            "tensor of float32 (-1, 28, 28)",
        ),
        ({"type": "array", "items": {"type": "string"}}, "array of string"),
        ({"type": "map", "values": {"type": "array", "items": {"type": "long"}}}, "map of array of long"),
        (
            {"type": "object", "properties": {"a": {"type": "long"}, "b": {"type": "string", "required": False}}},
            "{a: long, b: string?}",
        ),
        ({"dtype": "float", "shape": [-1]}, "list of float"),
        ({}, "any"),
        ({"type": "array", "items": "odd"}, "array"),
    ],
)
def test_a_type_in_a_line(column, kind):
    assert signed(inputs=[column]).inputs[0].kind == kind


def test_columns_say_whether_they_may_be_left_out_and_params_their_defaults():
    found = signed(
        inputs=[{"name": "a", "type": "long", "required": False}],
        params=[{"name": "t", "type": "double", "default": 0.5, "shape": None}],
    )
    assert (found.inputs[0].is_required, found.params[0].default) == (False, "0.5")
    assert [name for name, _ in found.parts] == ["Inputs", "Params"]


@pytest.mark.parametrize("told", ["[", "7", '"x"', "null", "[1, null]", "[" * 5000 + "]" * 5000])
def test_an_odd_signature_says_nothing(told):
    found = contents(f"flavors: {{}}\nsignature:\n  inputs: {json.dumps(told)}\n")
    assert found.signature.inputs == []


@pytest.mark.parametrize(
    ("flavors", "runs_code"),
    [
        ("sklearn: {serialization_format: skops}, python_function: {}", False),
        ("sklearn: {serialization_format: cloudpickle}, python_function: {}", True),
        ("sklearn: {pickled_model: model.pkl}", True),
        ("sklearn: {serialization_format: skops, skops_trusted_types: [a.B]}", True),
        ("onnx: {}, python_function: {}", False),
        ("lightgbm: {serialization_format: cloudpickle}", True),
        ("lightgbm: {serialization_format: skops, skops_trusted_types: [lightgbm.basic.Booster]}", False),
        ("python_function: {python_model: python_model.pkl}", True),
        ("pytorch: {}", True),
        ("onnx: {}, python_function: {loader_module: evil}", True),
        ("onnx: {code: code}, python_function: {loader_module: mlflow.onnx}", True),
        ("onnx: {}, python_function: {loader_module: mlflow.onnx}", False),
    ],
)
def test_formats_that_run_code_when_loaded_are_known(flavors, runs_code):
    assert contents(f"flavors: {{{flavors}}}\n").runs_code is runs_code


def test_a_value_may_stand_for_one_before_it():
    found = contents("flavors: {onnx: {}}\nmetadata:\n  x: &id001\n    k: [1]\n  y: *id001\n")
    assert found.mlmodel["metadata"] == {"x": {"k": [1]}, "y": {"k": [1]}}


BOMB = "a: &a [x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    "mlmodel",
    [
        "[", "a: &x {k: 1}\nb: {<<: *x}\n", BOMB, "!!python/object/apply:os.system [id]", "- a", "x: !!bool q",
        "x: !!timestamp q",
        "x: 2001-99-99", "a: " + "[" * 30,
    ],
)  # fmt: skip
def test_an_mlmodel_that_can_not_be_read_is_told_of(mlmodel):
    found = contents(mlmodel)
    assert found.problem
    assert (found.flavors, found.is_model) == ({}, False)


def test_server_and_client_know_the_same_types_to_be_safe():
    assert {*estimators.SAFE_TYPES, *lightgbm._SAFE_TYPES} == SAFE_TYPES


def test_requirements_without_comments():
    found = contents("flavors: {}", **{"requirements.txt": "# made\nnumpy==2.0\n\n  scikit-learn\n"})
    assert found.requirements == ["numpy==2.0", "scikit-learn"]


def test_files_that_are_too_large_are_not_read():
    assert contents("a: 1\n" + "#" * (1 << 20)).mlmodel == {}
