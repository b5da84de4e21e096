"""Signatures as MLflow infers them: the same JSON, or none on both sides."""

import json

import pytest

from tests.mlflow.models import inputs
from tracker.errors import InvalidValue
from tracker.models.signature import ParamSchema, Schema, inference


def ours(infer):
    try:
        return infer().to_json()
    except InvalidValue:
        return "refused"


@pytest.mark.parametrize("name", inputs.EXAMPLES)
def test_an_example_has_the_schema_that_mlflow_infers(name, oracle):
    assert ours(lambda: inference.infer_schema(inputs.EXAMPLES[name]())) == oracle("signatures")["examples"][name]


@pytest.mark.parametrize("name", inputs.PARAMS)
def test_params_have_the_schema_that_mlflow_infers(name, oracle):
    assert ours(lambda: inference.infer_params(inputs.PARAMS[name]())) == oracle("signatures")["params"][name]


def test_the_schemas_that_mlflow_writes_are_read_and_written_again(oracle):
    told = oracle("signatures")
    for kind, read in (("examples", Schema.from_json), ("params", ParamSchema.from_json)):
        texts = [text for text in told[kind].values() if text != "refused"]
        assert [read(text).to_json() for text in texts] == texts
        assert len(texts) > 10
        assert all(json.loads(text) for text in texts)
