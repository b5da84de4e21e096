import numpy as np
import pytest

from tracker import models
from tracker.errors import InvalidModel, InvalidValue, UnsafeModel
from tracker.models import xgboost as ours


@pytest.fixture(scope="module")
def estimator(iris):
    import xgboost

    return xgboost.XGBClassifier(n_estimators=3, n_jobs=1).fit(*iris)


@pytest.fixture(scope="module")
def booster(iris):
    import xgboost

    return xgboost.train({"nthread": 1}, xgboost.DMatrix(iris[0], iris[1]), 3)


@pytest.mark.parametrize("kind", ["ubj", "json"])
def test_an_estimator_predicts_the_same_after_loading(kind, tmp_path, iris, estimator):
    models.save_model(estimator, tmp_path / "model", model_format=kind, input_example=iris[0][:2])
    loaded = models.load_model(tmp_path / "model")
    assert np.array_equal(loaded.predict(iris[0]), estimator.predict(iris[0]))
    assert type(loaded.unwrap()).__name__ == "XGBClassifier"


def test_a_booster_predicts_the_same_after_loading(tmp_path, iris, booster):
    import xgboost

    models.save_model(booster, tmp_path / "model")
    expected = booster.predict(xgboost.DMatrix(iris[0]))
    assert np.array_equal(models.load_model(tmp_path / "model").predict(iris[0]), expected)
    assert np.array_equal(ours.load_model(tmp_path / "model").predict(xgboost.DMatrix(iris[0])), expected)


def test_params_of_predict_reach_it(tmp_path, iris, estimator):
    models.save_model(estimator, tmp_path / "model", input_example=(iris[0][:2], {"output_margin": False}))
    loaded = models.load_model(tmp_path / "model")
    assert loaded.predict(iris[0], {"output_margin": True}).shape == (150, 3)


def test_a_class_of_someone_else_is_loaded_only_by_whoever_allows_it(tmp_path, estimator):
    ours.save_model(estimator, tmp_path / "model")
    file = tmp_path / "model" / "MLmodel"
    file.write_text(file.read_text().replace("xgboost.sklearn.XGBClassifier", "subprocess.Popen"))
    with pytest.raises(UnsafeModel, match=r"subprocess.Popen"):
        models.load_model(tmp_path / "model")
    with pytest.raises(InvalidModel, match="is no class of models"):
        models.load_model(tmp_path / "model", allow_pickle=True)


def test_an_unknown_format_is_refused(tmp_path, estimator):
    with pytest.raises(InvalidValue, match="model_format='pkl'"):
        ours.save_model(estimator, tmp_path / "model", model_format="pkl")
