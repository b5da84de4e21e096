"""Data and params made to fit a signature as MLflow makes them fit, or refused where it refuses them."""

import pytest

from tests.mlflow.models import schemas
from tracker.errors import InvalidValue
from tracker.models.signature import ParamSchema, Schema, enforcement, params


def ours(enforce):
    try:
        return schemas.told(enforce())
    except InvalidValue:
        return "refused"


@pytest.mark.parametrize("name", schemas.CASES)
def test_data_becomes_what_mlflow_makes_of_it(name, oracle):
    schema, make = schemas.CASES[name]
    told = ours(lambda: enforcement.enforced(make(), Schema.from_json(schema)))
    assert told == oracle("enforcement")["data"][name]


@pytest.mark.parametrize("name", schemas.PARAMS)
def test_params_become_what_mlflow_makes_of_them(name, oracle):
    schema, given = schemas.PARAMS[name]
    told = ours(lambda: params.enforced(given, ParamSchema.from_json(schema) if schema else None))
    assert told == oracle("enforcement")["params"][name]
