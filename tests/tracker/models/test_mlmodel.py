import pickle
import string

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tracker import models
from tracker.errors import InvalidModel, MissingLibrary, UnsafeModel
from tracker.models import mlmodel
from tracker.models import sklearn as ours

#: As MLflow 0.4.1 writes it: no signature, texts for times, a pickle without its format.
OLDEST = """
artifact_path: model
flavors:
  python_function:
    data: model.pkl
    env: mlflow_env.yml
    loader_module: mlflow.sklearn
    python_version: 3.6.5
  sklearn:
    pickled_model: model.pkl
    sklearn_version: 0.19.1
run_id: 0123456789abcdef0123456789abcdef
utc_time_created: '2018-08-01 12:00:00.123456'
"""


@pytest.fixture
def oldest(tmp_path, classifier):
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "MLmodel").write_text(OLDEST)
    (folder / "model.pkl").write_bytes(pickle.dumps(classifier))
    return folder


def test_a_model_of_mlflow_0_4_1_is_read(oldest):
    told = mlmodel.read(oldest)
    assert (told.run_id, told.utc_time_created) == ("0123456789abcdef0123456789abcdef", "2018-08-01 12:00:00.123456")
    assert (told.signature, told.example_info, told.metadata) == (None, None, {})


def test_a_model_of_mlflow_0_4_1_predicts(oldest, iris, classifier):
    with pytest.raises(UnsafeModel):
        models.load_model(oldest)
    loaded = models.load_model(oldest, allow_pickle=True)
    assert loaded.predict(iris[0]).tolist() == classifier.predict(iris[0]).tolist()
    assert ours.load_model(oldest, allow_pickle=True).coef_.shape == (3, 4)


def test_a_loader_that_came_with_the_model_is_run_only_by_whoever_allows_it(tmp_path):
    folder = tmp_path / "model"
    (folder / "code").mkdir(parents=True)
    (folder / "code" / "loader_of_0_4_1.py").write_text(
        "class Model:\n    def predict(self, data):\n        return data * self.by\n\n"
        "def load_pyfunc(path):\n    model = Model()\n    model.by = int(open(path).read())\n    return model\n"
    )
    (folder / "factor").write_text("3")
    (folder / "MLmodel").write_text(
        "flavors:\n  python_function: {loader_module: loader_of_0_4_1, data: factor, code: code}\n"
    )
    with pytest.raises(UnsafeModel, match="code of its own"):
        models.load_model(folder)
    assert models.load_model(folder, allow_pickle=True).predict(2) == 6


@pytest.mark.parametrize(
    ("loader", "error", "said"),
    [
        ("mlflow.pyfunc.loaders.chat_model", MissingLibrary, "pip install mlflow"),
        ("mlflow.spark", MissingLibrary, "pip install mlflow"),
        ("no_such_module_of_anyone", InvalidModel, "can't be imported"),
        ("json", InvalidModel, "has no _load_pyfunc"),
    ],
)
def test_a_loader_that_is_not_there_is_named(loader, error, said, tmp_path):
    (tmp_path / "MLmodel").write_text(f"flavors:\n  python_function: {{loader_module: {loader}}}\n")
    with pytest.raises(error, match=said):
        models.load_model(tmp_path, allow_pickle=True)


def test_unknown_keys_are_kept():
    text = "flavors: {python_function: {loader_module: x, new: [1]}}\nauth_policy: {a: 1}\n"
    assert yaml.safe_load(mlmodel.parse(text.encode()).text()) == yaml.safe_load(text)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no flavors"),
        (b"[1, 2]", "no flavors"),
        (b"flavors: []", "no flavors"),
        (b"flavors: {a: 1}", "no flavors"),
        (b"flavors: {a: {}", "no YAML"),
        (b"a: \xff", "no YAML"),
        (b"flavors: !!python/object/apply:os.system [true]", "no YAML"),
        (b"[" * 100_000, "no YAML"),
    ],
)
def test_what_is_no_mlmodel_file_is_said_so(content, said):
    with pytest.raises(InvalidModel, match=said):
        mlmodel.parse(content)


@pytest.mark.parametrize(
    "signature",
    ["{inputs: 'no json'}", "{inputs: '[1]'}", "{inputs: '[{}]'}", '{inputs: \'[{"type": "decimal"}]\'}', "text"],
)
def test_a_signature_that_can_not_be_read_is_said_so(signature):
    told = mlmodel.parse(f"flavors: {{}}\nsignature: {signature}\n".encode())
    with pytest.raises(InvalidModel, match="signature"):
        _ = told.signature


def test_a_folder_without_the_file_is_no_model(tmp_path):
    with pytest.raises(InvalidModel, match="holds no file MLmodel"):
        models.load_model(tmp_path)


plain = st.none() | st.booleans() | st.integers() | st.text(string.printable, max_size=20)


@given(
    st.dictionaries(st.text(string.ascii_letters, min_size=1), st.dictionaries(st.text(string.ascii_letters), plain))
)
def test_what_is_written_is_read_again(flavors):
    fields = {"flavors": flavors, "metadata": {"note": "ä\u2028\u0085"}}
    assert mlmodel.parse(mlmodel.MLModel(fields).text().encode()).fields == fields
