import numpy as np
import pandas as pd
import pytest

from tracker import models
from tracker.errors import UnsafeModel
from tracker.models import keras as ours

keras = pytest.importorskip("keras")


@pytest.fixture
def rows():
    return np.arange(12, dtype="float32").reshape(4, 3)


@pytest.fixture
def network():
    keras.utils.set_random_seed(0)
    return keras.Sequential([keras.Input([3]), keras.layers.Dense(4, "relu"), keras.layers.Dense(2)])


def test_a_model_predicts_the_same_after_loading(tmp_path, network, rows):
    models.save_model(network, tmp_path / "model", input_example=rows[:2])
    loaded = models.load_model(tmp_path / "model")
    assert np.allclose(loaded.predict(rows), network.predict(rows, verbose=0))
    assert np.allclose(ours.load_model(tmp_path / "model").predict(rows, verbose=0), network.predict(rows, verbose=0))


def test_a_data_frame_gives_a_data_frame(tmp_path, network, rows):
    ours.save_model(network, tmp_path / "model")
    predicted = models.load_model(tmp_path / "model").predict(pd.DataFrame(rows, index=[5, 6, 7, 8]))
    assert list(predicted.index) == [5, 6, 7, 8]


def test_layers_that_are_code_are_loaded_only_by_whoever_allows_it(tmp_path, rows):
    doubler = keras.Sequential([keras.Input([3]), keras.layers.Lambda(lambda values: values * 2)])
    models.save_model(doubler, tmp_path / "model")
    with pytest.raises(UnsafeModel, match="layers that are code"):
        models.load_model(tmp_path / "model")
    assert np.allclose(models.load_model(tmp_path / "model", allow_pickle=True).predict(rows), rows * 2)
