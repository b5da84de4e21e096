import contextlib
import json
import pickle
import string

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tracker import models
from tracker.errors import InvalidModel, InvalidValue, MissingLibrary, UnsafeModel
from tracker.models import mlmodel
from tracker.models import sklearn as ours
from tracker.models.signature import ColSpec, ModelSignature, Schema

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
        (b"flavors: !!python/object/apply:os.system [true]", "a tag in line 1"),
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


def test_a_value_may_stand_for_one_before_it():
    text = "flavors: {f: {}}\nmetadata: {x: &id001 {k: [1]}, y: *id001}\n"
    assert mlmodel.parse(text.encode()).fields["metadata"] == {"x": {"k": [1]}, "y": {"k": [1]}}


BOMB = "a: &a [x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
ENTRY = "flavors: {python_function: {loader_module: mlflow.sklearn, model_path: model.pkl}}\n"


@pytest.mark.parametrize(
    "text",
    [
        BOMB, "a: &a [*a]", "a: *b", "a: !!int abc", "a: !!bool q", "a: !!python/object:os.system {}",
        "a: 2001-99-99", "a: 0b_",
        "a: " + "9" * 6000, "a: " + "[" * 30 + "]" * 30, "a: " + "[" * 100_000, "a: 0001-01-01 00:00:00 +23:00",
        "? [1]\n: 2", "a: \x07", "a: [" + "1," * 60_000 + "]", "a: " + "x" * 17_000_000, "<<: 5", "5: [",
    ],
    ids=lambda text: text[:30],
)  # fmt: skip
def test_odd_yaml_is_no_model(text, tmp_path):
    (tmp_path / "MLmodel").write_text(ENTRY + text)
    with pytest.raises(InvalidModel, match="MLmodel"):
        models.load_model(tmp_path)


@pytest.mark.parametrize("content", [b"\xff\xfe\xff", b"flavors: {1: {}}", b"flavors: []", b"[1]", b"", b"\0"])
def test_other_content_is_no_model(content, tmp_path):
    (tmp_path / "MLmodel").write_bytes(content)
    with pytest.raises(InvalidModel, match="MLmodel"):
        models.load_model(tmp_path)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_whatever_lies_there_is_read_or_refused(content):
    with contextlib.suppress(InvalidModel):
        mlmodel.parse(content)


@pytest.mark.parametrize(
    "inputs",
    [
        "[" * 100_000, "5", "[5]", "[]",
        json.dumps([{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": 5}}]),
    ],
    ids=lambda text: text[:30],
)  # fmt: skip
def test_a_signature_that_can_not_be_read_is_said(inputs):
    text = yaml.safe_dump({"flavors": {}, "signature": {"inputs": inputs, "outputs": None}})
    with pytest.raises(InvalidModel, match="signature in the file MLmodel"):
        _ = mlmodel.parse(text.encode()).signature


def test_a_signature_with_arrays_of_arrays_of_arrays_is_no_model():
    nested = '{"type": "array", "items": ' * 900 + '{"type": "long"}' + "}" * 900
    text = yaml.safe_dump({"flavors": {}, "signature": {"inputs": f"[{nested}]", "outputs": None}})
    with pytest.raises(InvalidModel, match="more than 100 levels"):
        _ = mlmodel.parse(text.encode()).signature


def test_what_is_there_twice_is_written_twice(tmp_path):
    shared = ["x"]
    mlmodel.MLModel({"flavors": {}, "metadata": {"a": shared, "b": shared}}).write(tmp_path)
    assert mlmodel.read(tmp_path).metadata == {"a": ["x"], "b": ["x"]}


def test_what_would_not_be_read_again_is_not_written(tmp_path):
    nested = []
    for _ in range(30):
        nested = [nested]
    with pytest.raises(InvalidValue, match="nested too deeply"):
        mlmodel.MLModel({"flavors": {}, "metadata": nested}).write(tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_wide_signature_is_read(tmp_path):
    columns = Schema([ColSpec("double", f"gene {number}") for number in range(30_000)])
    mlmodel.MLModel({"flavors": {}, "signature": ModelSignature(columns).to_dict()}).write(tmp_path)
    assert len(mlmodel.read(tmp_path).signature.inputs) == 30_000
