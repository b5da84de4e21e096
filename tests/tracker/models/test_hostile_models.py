"""Whatever a folder holds, loading it gives a model or says what is wrong: never an error of some library."""

from collections import OrderedDict

import pytest
import skops.io
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tracker import models
from tracker.errors import InvalidModel, TrackerError

SKLEARN = {"pickled_model": "model.skops", "serialization_format": "skops"}
BOOSTER = "lightgbm.basic.Booster"


def written(folder, entry, flavor=None, **fields):
    """A model's folder, with an entry for python_function and one for a flavor of its own."""
    flavors = {"python_function": {"loader_module": "mlflow.sklearn"} | entry} | (flavor or {})
    (folder / "MLmodel").write_text(yaml.safe_dump({"flavors": flavors} | fields))
    return folder


def refused(folder, said, **options):
    with pytest.raises(InvalidModel, match=said):
        models.load_model(folder, **options)


@pytest.mark.parametrize("path", ["x" * 5000, "x/" * 3000, "a\0b", "missing", "..", "", 5, None, ["a"], {}])
def test_names_of_files_that_can_not_be(path, tmp_path):
    refused(written(tmp_path, {"model_path": path}), "MLmodel")


def test_links_in_a_circle(tmp_path):
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    refused(written(tmp_path, {"model_path": "a"}), "MLmodel")


def test_code_that_is_a_file(tmp_path):
    (tmp_path / "code.py").touch()
    refused(written(tmp_path, {"code": "code.py"}), "has to be a folder")


@pytest.mark.parametrize("loader", [".x", "", "..", "a b", "a.", "/etc", 5])
@pytest.mark.parametrize("allow_pickle", [True, False])
def test_loaders_that_are_no_modules(loader, allow_pickle, tmp_path):
    refused(written(tmp_path, {"loader_module": loader}), "is no name of a module", allow_pickle=allow_pickle)


def test_a_loader_that_gives_no_model(tmp_path):
    (tmp_path / "code").mkdir()
    (tmp_path / "code/gives_a_number.py").write_text("def _load_pyfunc(path):\n    return 5\n")
    folder = written(tmp_path, {"loader_module": "gives_a_number", "code": "code"})
    refused(folder, "without predict", allow_pickle=True)


@pytest.mark.parametrize("info", [[], ["a"], 5, "a", {"artifact_path": []}, {"artifact_path": "x" * 5000}])
def test_odd_notes_of_an_example(info, tmp_path, classifier):
    models.save_model(classifier, tmp_path / "model")
    fields = yaml.safe_load((tmp_path / "model/MLmodel").read_text())
    (tmp_path / "model/MLmodel").write_text(yaml.safe_dump(fields | {"saved_input_example_info": info}))
    loaded = models.load_model(tmp_path / "model")
    with pytest.raises(InvalidModel):
        assert loaded.input_example is not None


@pytest.mark.parametrize("kind", ["dataframe", "ndarray", "sparse_matrix_csr", "json_object"])
@pytest.mark.parametrize("params", [None, "true"])
@pytest.mark.parametrize(
    "content", ["5", "[" * 100_000, "{}", "[]", "[[1], [[2]]]", "{", "é", '{"data": 5, "columns": 5}']
)
def test_odd_examples(kind, params, content, tmp_path, classifier):
    models.save_model(classifier, tmp_path / "model")
    fields = yaml.safe_load((tmp_path / "model/MLmodel").read_text())
    fields["saved_input_example_info"] = {"artifact_path": "a.json", "type": kind, "params": params}
    (tmp_path / "model/MLmodel").write_text(yaml.safe_dump(fields))
    (tmp_path / "model/a.json").write_bytes(content.encode("latin-1"))
    try:
        _ = models.load_model(tmp_path / "model").input_example
    except InvalidModel as error:
        assert "a.json" in str(error)  # noqa: PT017 - some contents are examples, of some kinds


JUNK = [b"", b"junk", b"\0" * 100, b"{", b'{"learner": 5}', b"tree\nversion=v4\n", b"PK\x05\x06" + b"\0" * 18]


@pytest.mark.parametrize("content", JUNK)
@pytest.mark.parametrize(
    ("flavor", "entry"),
    [
        ("xgboost", {"data": "file", "model_class": "xgboost.core.Booster"}),
        ("xgboost", {"data": "file", "model_class": "xgboost.sklearn.XGBClassifier"}),
        ("lightgbm", {"data": "file", "model_class": BOOSTER}),
        ("lightgbm", {"data": "file", "serialization_format": "skops", "model_class": "lightgbm.LGBMClassifier"}),
        ("sklearn", SKLEARN | {"pickled_model": "file"}),
        ("sklearn", {"pickled_model": "file", "serialization_format": "pickle"}),
        ("onnx", {"data": "file"}),
    ],
)
def test_junk_is_no_model(flavor, entry, content, tmp_path):
    (tmp_path / "file").write_bytes(content)
    folder = written(tmp_path, {"loader_module": f"mlflow.{flavor}"}, {flavor: entry})
    refused(folder, str(tmp_path), allow_pickle=True)
    with pytest.raises(TrackerError):
        models.load_model(folder)


@pytest.mark.parametrize("content", [{"a": 1}, [1], OrderedDict(), 5, None, "text"])
def test_a_skops_file_without_an_estimator(content, tmp_path):
    skops.io.dump(content, tmp_path / "model.skops")
    refused(written(tmp_path, {}, {"sklearn": SKLEARN}), "has no predict")


def test_a_python_model_that_is_no_pickle(tmp_path):
    (tmp_path / "file").write_bytes(b"junk")
    folder = written(tmp_path, {"loader_module": "mlflow.pyfunc.model", "python_model": "file"})
    refused(folder, "can't be unpickled", allow_pickle=True)


@pytest.mark.parametrize("artifacts", [[1], 5, {"a": 5}, {"a": {}}, {"a": {"path": "../b"}}])
def test_odd_artifacts(artifacts, tmp_path):
    folder = written(tmp_path, {"loader_module": "mlflow.pyfunc.model", "artifacts": artifacts})
    refused(folder, "MLmodel|artifacts", allow_pickle=True)


def test_what_trusted_code_raises_comes_through(tmp_path):
    (tmp_path / "code.py").write_text("raise KeyError('of the model')\n")
    folder = written(tmp_path, {"loader_module": "mlflow.pyfunc.loaders.code_model", "model_code_path": "code.py"})
    with pytest.raises(KeyError, match="of the model"):
        models.load_model(folder, allow_pickle=True)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.sampled_from(["file", "skops", "mlflow.onnx"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)  # fmt: skip
KEYS = ["data", "model_path", "pickled_model", "serialization_format", "code", "model_class", "predict_fn", "providers"]
FIELDS = st.dictionaries(st.sampled_from(["metadata", "signature", "saved_input_example_info", "run_id"]), VALUES)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    flavor=st.sampled_from(["sklearn", "onnx", "xgboost", "lightgbm"]),
    entry=st.dictionaries(st.sampled_from(KEYS), VALUES),
    fields=FIELDS,
)
def test_whatever_an_mlmodel_file_says_is_loaded_or_refused(flavor, entry, fields, tmp_path):
    (tmp_path / "file").write_bytes(b"junk")
    written(tmp_path, {"loader_module": f"mlflow.{flavor}"} | entry, {flavor: entry}, **fields)
    with pytest.raises(TrackerError):
        models.load_model(tmp_path)
