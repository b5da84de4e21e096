"""PyTorch, Keras and Transformers, both ways, where they are installed: `make test-integrations` installs them."""

import os
import sysconfig

import numpy as np
import pytest

from tests.mlflow.models import large
from tests.mlflow.models.schemas import told
from tracker import models

os.environ.setdefault("KERAS_BACKEND", "torch")
for library in ("torch", "keras", "transformers"):
    pytest.importorskip(library)
NAMES = list(large.models())


@pytest.fixture(scope="module")
def theirs(oracle, tmp_path_factory):
    folder = tmp_path_factory.mktemp("theirs")
    return folder, oracle("save_large", str(folder), sysconfig.get_path("purelib"))


@pytest.fixture(scope="module")
def ours(oracle, tmp_path_factory):
    folder, here = tmp_path_factory.mktemp("ours"), {}
    for name, (flavor, make, data, options) in large.models().items():
        models.save_model(make(), folder / name, flavor=flavor, input_example=data(), **options)
        here[name] = told(models.load_model(folder / name, allow_pickle=True).predict(data()))
    return here, oracle("load_large", str(folder), sysconfig.get_path("purelib"))


def flat(answer):
    """The numbers of an answer, and all else that it says."""
    if isinstance(answer, list) and len(answer) == 2 and answer[0] == "float":
        return [float(answer[1])], []
    if not isinstance(answer, list):
        return [], [answer]
    parts = [flat(item) for item in answer]
    return [number for part in parts for number in part[0]], [word for part in parts for word in part[1]]


def check_equal(one, other):
    """Two processes may add up in another order."""
    assert flat(one)[1] == flat(other)[1]
    assert np.allclose(flat(one)[0], flat(other)[0], atol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_a_model_of_mlflow_predicts_the_same_here(name, theirs):
    folder, predicted = theirs
    _, _, data, _ = large.models()[name]
    check_equal(told(models.load_model(folder / name, allow_pickle=True).predict(data())), predicted[name])


@pytest.mark.parametrize("name", NAMES)
def test_a_model_of_ours_predicts_the_same_in_mlflow(name, ours):
    here, there = ours
    check_equal(there[name], here[name])
