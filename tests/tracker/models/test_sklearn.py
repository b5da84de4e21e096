import numpy as np
import pytest

from tracker import models
from tracker.errors import InvalidModel, InvalidValue, UnsafeModel
from tracker.models import sklearn as ours


def test_an_estimator_predicts_the_same_after_loading(tmp_path, iris, classifier):
    models.save_model(classifier, tmp_path / "model", input_example=iris[0][:2])
    loaded = models.load_model(tmp_path / "model")
    assert np.array_equal(loaded.predict(iris[0]), classifier.predict(iris[0]))


def test_loading_natively_gives_the_estimator(tmp_path, classifier):
    ours.save_model(classifier, tmp_path / "model")
    assert np.array_equal(ours.load_model(tmp_path / "model").coef_, classifier.coef_)


def test_skops_is_the_default_and_needs_no_trust(tmp_path, classifier):
    ours.save_model(classifier, tmp_path / "model")
    entry = models.load_model(tmp_path / "model").metadata.flavors["sklearn"]
    assert (entry["serialization_format"], entry["pickled_model"]) == ("skops", "model.skops")


@pytest.mark.parametrize("kind", ["pickle", "cloudpickle"])
def test_a_pickle_is_loaded_only_by_whoever_allows_it(kind, tmp_path, iris, classifier):
    ours.save_model(classifier, tmp_path / "model", serialization_format=kind)
    with pytest.raises(UnsafeModel, match=r"loading it runs code that whoever made the model wrote.*allow_pickle=True"):
        models.load_model(tmp_path / "model")
    loaded = models.load_model(tmp_path / "model", allow_pickle=True)
    assert np.array_equal(loaded.predict(iris[0]), classifier.predict(iris[0]))


def test_a_forest_is_saved_and_told_to_need_permission(tmp_path, iris, capfd):
    from sklearn.ensemble import RandomForestClassifier

    model = RandomForestClassifier(3, random_state=0).fit(*iris)
    ours.save_model(model, tmp_path / "model")
    assert "needs allow_pickle=True" in capfd.readouterr().err
    with pytest.raises(UnsafeModel, match=r"sklearn\.tree\._tree\.Tree"):
        models.load_model(tmp_path / "model")
    loaded = models.load_model(tmp_path / "model", allow_pickle=True)
    assert (loaded.predict(iris[0]) == model.predict(iris[0])).all()


def test_other_types_than_those_that_were_named_are_refused_when_saving(tmp_path, iris):
    from sklearn.ensemble import RandomForestClassifier

    model = RandomForestClassifier(3, random_state=0).fit(*iris)
    with pytest.raises(InvalidValue, match=r"beside your skops_trusted_types.*_tree\.Tree"):
        ours.save_model(model, tmp_path / "model", skops_trusted_types=["a.B"])
    assert not (tmp_path / "model").exists()


def test_a_small_network_is_loaded_without_permission(tmp_path, iris, capfd):
    from sklearn.neural_network import MLPClassifier

    model = MLPClassifier((4,), max_iter=3, random_state=0).fit(*iris)
    ours.save_model(model, tmp_path / "model")
    assert "allow_pickle" not in capfd.readouterr().err
    assert (models.load_model(tmp_path / "model").predict(iris[0]) == model.predict(iris[0])).all()


def test_a_list_of_trusted_types_in_the_model_is_not_believed(tmp_path):
    from sklearn.preprocessing import FunctionTransformer

    transformer = FunctionTransformer(np.linalg.norm)
    trusted = ["numpy.linalg.norm", "numpy.linalg._linalg.norm"]
    ours.save_model(transformer, tmp_path / "model", skops_trusted_types=trusted, pyfunc_predict_fn="transform")
    with pytest.raises(UnsafeModel, match="not known to be safe"):
        models.load_model(tmp_path / "model")
    loaded = models.load_model(tmp_path / "model", allow_pickle=True)
    assert loaded.predict(np.array([[3.0, 4.0]])) == 5.0


def test_another_method_may_predict(tmp_path, iris, classifier):
    ours.save_model(classifier, tmp_path / "model", pyfunc_predict_fn="predict_proba")
    assert models.load_model(tmp_path / "model").predict(iris[0]).shape == (150, 3)


def test_an_estimator_that_can_not_predict_is_kept_natively(tmp_path, iris):
    from sklearn.preprocessing import StandardScaler

    ours.save_model(StandardScaler().fit(iris[0]), tmp_path / "model")
    assert ours.load_model(tmp_path / "model").mean_.shape == (4,)
    with pytest.raises(InvalidModel, match="has no flavor python_function"):
        models.load_model(tmp_path / "model")


def test_a_method_that_the_file_makes_up_is_not_called(tmp_path, classifier):
    ours.save_model(classifier, tmp_path / "model")
    file = tmp_path / "model" / "MLmodel"
    file.write_text(file.read_text().replace("predict_fn: predict", "predict_fn: __reduce__"))
    with pytest.raises(InvalidModel, match="predict_fn"):
        models.load_model(tmp_path / "model")


def test_what_is_no_skops_file_is_said_so(tmp_path, classifier):
    ours.save_model(classifier, tmp_path / "model")
    (tmp_path / "model" / "model.skops").write_bytes(b"nothing")
    with pytest.raises(InvalidModel, match=r"model\.skops can't be read"):
        models.load_model(tmp_path / "model")


def test_an_unknown_format_is_refused(tmp_path, classifier):
    with pytest.raises(InvalidValue, match="serialization_format='json'"):
        ours.save_model(classifier, tmp_path / "model", serialization_format="json")
