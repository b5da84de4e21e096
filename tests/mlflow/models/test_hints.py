"""Type hints mean what they mean to MLflow, and data is checked against them alike."""

import pytest

from tests.mlflow.models import hinted
from tests.mlflow.models.schemas import told
from tracker.errors import InvalidValue
from tracker.models.signature import hints


def schema_of(hint):
    """What ours makes of a hint: None where it takes no signature from it."""

    def predict(model_input):
        """A model."""

    predict.__annotations__ = {"model_input": hint}
    try:
        found = hints.signature_of(predict)
    except InvalidValue:
        return "refused"
    return found.inputs.to_json() if found else "refused"


@pytest.mark.parametrize("name", hinted.HINTS)
def test_a_hint_means_the_same(name, oracle):
    assert schema_of(hinted.HINTS[name]) == oracle("hints")["schemas"][name]


@pytest.mark.parametrize("name", hinted.DATA)
def test_data_is_checked_alike(name, oracle):
    hint, given = hinted.DATA[name]
    try:
        found = told(hints.validated(given, hint))
    except InvalidValue:
        found = "refused"
    assert found == oracle("hints")["data"][name]
