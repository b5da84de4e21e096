import numpy as np
import pytest

from tracker import models
from tracker.errors import UnsafeModel
from tracker.models import lightgbm as ours


@pytest.fixture(scope="module")
def estimator(iris):
    import lightgbm

    return lightgbm.LGBMClassifier(n_estimators=3, verbose=-1, n_jobs=1).fit(*iris)


def test_an_estimator_predicts_the_same_after_loading(tmp_path, iris, estimator):
    models.save_model(estimator, tmp_path / "model", input_example=iris[0][:2])
    loaded = models.load_model(tmp_path / "model")
    assert np.array_equal(loaded.predict(iris[0]), estimator.predict(iris[0]))
    assert type(loaded.unwrap()).__name__ == "LGBMClassifier"


def test_a_booster_predicts_the_same_after_loading(tmp_path, iris, estimator):
    models.save_model(estimator.booster_, tmp_path / "model")
    expected = estimator.booster_.predict(iris[0])
    assert np.array_equal(models.load_model(tmp_path / "model").predict(iris[0]), expected)
    assert np.array_equal(ours.load_model(tmp_path / "model").predict(iris[0]), expected)


def test_a_pickle_is_loaded_only_by_whoever_allows_it(tmp_path, iris, estimator):
    ours.save_model(estimator, tmp_path / "model", serialization_format="cloudpickle")
    with pytest.raises(UnsafeModel, match="runs code"):
        ours.load_model(tmp_path / "model")
    loaded = ours.load_model(tmp_path / "model", allow_pickle=True)
    assert np.array_equal(loaded.predict(iris[0]), estimator.predict(iris[0]))
