from pathlib import Path

import pytest

from tracker import models
from tracker.models import ModelSignature
from tracker.models.signature import ColSpec, ParamSchema, ParamSpec, Schema

HERE = Path(__file__).parent


def loaded(place, code="seen", signature=None):
    """A model of code, saved and loaded."""
    models.save_model(HERE / f"{code}.py", place, signature=signature or False, requirements=[])
    return models.load_model(place, allow_pickle=True)


@pytest.fixture(scope="session")
def seen(tmp_path_factory):
    """A model without a signature."""
    return loaded(tmp_path_factory.mktemp("seen"))


@pytest.fixture(scope="session")
def typed(tmp_path_factory):
    """A model of columns `long`, `double`, … of these types, of which only `long` must be there."""
    names = ["long", "integer", "double", "float", "boolean", "string", "datetime"]
    signature = ModelSignature(Schema([ColSpec(name, name, name == "long") for name in names]))
    return loaded(tmp_path_factory.mktemp("typed"), signature=signature)


@pytest.fixture(scope="session")
def shaped(tmp_path_factory):
    """A model that answers in the shape that it is told."""
    params = ParamSchema([ParamSpec("shape", "string", "one")])
    return loaded(tmp_path_factory.mktemp("shaped"), "whole", ModelSignature(None, None, params))
