from pathlib import Path

import pandas as pd
import pytest

from tests.tracker.serving.served import ModelServer
from tracker import models
from tracker.models import ModelSignature
from tracker.models.signature import ColSpec, ParamSchema, ParamSpec, Schema

CODE = Path(__file__).with_name("patient.py")


@pytest.fixture(scope="session")
def patient_model(tmp_path_factory):
    """A model of code with a signature of several types, saved."""
    place = tmp_path_factory.mktemp("models") / "patient <b>"
    columns = [ColSpec("string", "name"), ColSpec("double", "size"), ColSpec("boolean", "flag", False)]
    signature = ModelSignature(
        Schema([*columns, ColSpec("datetime", "since", False)]), Schema([ColSpec("string")]),
        ParamSchema([ParamSpec("seconds", "double", 0.0), ParamSpec("marks", "string", ["x"], (-1,))]),
    )  # fmt: skip
    example = pd.DataFrame({"name": ["it's </script>"], "size": [1.5]})
    models.save_model(CODE, place, signature=signature, input_example=example, requirements=[])
    return place


@pytest.fixture(scope="session")
def model_server(patient_model, tmp_path_factory):
    """A server of it with narrow limits."""
    options = [
        "--threads",
        "2",
        "--queue",
        "2",
        "--timeout",
        "1",
        "--max-body",
        "0.01",
        "--allow-host",
        "models.example",
    ]
    server = ModelServer(patient_model, tmp_path_factory.mktemp("served"), *options).ready()
    yield server
    assert server.stop() == 0
