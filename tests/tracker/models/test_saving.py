import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import yaml

from tracker import models
from tracker.errors import InvalidModel, InvalidValue, SignatureMismatch
from tracker.models import environments, examples
from tracker.models.saved import SavedModel


def test_the_folder_holds_what_mlflow_expects(tmp_path, iris, classifier):
    models.save_model(classifier, tmp_path / "model", input_example=iris[0][:2], metadata={"by": "me"})
    assert sorted(file.name for file in (tmp_path / "model").iterdir()) == [
        "MLmodel", "conda.yaml", "input_example.json", "model.skops", "python_env.yaml", "requirements.txt",
        "serving_input_example.json",
    ]  # fmt: skip
    told = models.load_model(tmp_path / "model").metadata
    assert told.metadata == {"by": "me"}
    assert told.python_function["env"] == {"conda": "conda.yaml", "virtualenv": "python_env.yaml"}


def test_nothing_is_left_where_saving_fails(tmp_path):
    with pytest.raises(InvalidValue, match="No flavor is known"):
        models.save_model(object(), tmp_path / "model")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_holds_something_is_left_alone(tmp_path, classifier):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InvalidValue, match="is there already"):
        models.save_model(classifier, tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["notes.txt"]


def test_an_empty_folder_is_filled(tmp_path, classifier):
    (tmp_path / "model").mkdir()
    models.save_model(classifier, tmp_path / "model")
    assert models.load_model(tmp_path / "model").unwrap().classes_.tolist() == [0, 1, 2]


def test_the_folder_is_readable_as_others_are(tmp_path, classifier):
    models.save_model(classifier, tmp_path / "model")
    (tmp_path / "other").mkdir()
    assert (tmp_path / "model").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_options_of_another_flavor_are_refused(tmp_path, classifier):
    with pytest.raises(InvalidValue, match="flavor sklearn has no options model_format"):
        models.save_model(classifier, tmp_path / "model", model_format="ubj")


def test_an_unknown_flavor_is_refused(tmp_path, classifier):
    with pytest.raises(InvalidValue, match="'fastai' is no flavor"):
        models.save_model(classifier, tmp_path / "model", flavor="fastai")


def test_requirements_are_found_and_pinned(tmp_path, classifier):
    models.save_model(classifier, tmp_path / "model")
    found = environments.read_requirements(tmp_path / "model")
    assert [line.partition("==")[0] for line in found] == ["numpy", "scikit-learn", "scipy", "skops"]
    conda = yaml.safe_load((tmp_path / "model" / "conda.yaml").read_text())
    assert conda["dependencies"][2] == {"pip": found}


def test_what_code_imports_is_a_requirement(tmp_path):
    def total(data):
        import yaml

        return yaml.safe_load(str(len(data)))

    models.save_model(total, tmp_path / "model")
    names = [line.partition("==")[0] for line in environments.read_requirements(tmp_path / "model")]
    assert names == ["cloudpickle", "PyYAML"]
    (tmp_path / "code.py").write_text(
        "import os, yaml\nimport sklearn.base\nfrom tracker.models import set_model\nset_model(len)\n"
    )
    models.save_model(tmp_path / "code.py", tmp_path / "other")
    names = [line.partition("==")[0] for line in environments.read_requirements(tmp_path / "other")]
    assert names == ["PyYAML", "scikit-learn"]


def test_requirements_may_be_a_list_or_a_file(tmp_path, classifier):
    (tmp_path / "needs.txt").write_text("# what it needs\nnumpy==2.4.6\n\nskops\n")
    models.save_model(classifier, tmp_path / "one", requirements=tmp_path / "needs.txt")
    models.save_model(classifier, tmp_path / "two", requirements=["numpy==2.4.6", "skops"])
    for name in ("one", "two"):
        assert environments.read_requirements(tmp_path / name) == ["numpy==2.4.6", "skops"]
    with pytest.raises(InvalidValue, match="is no file"):
        models.save_model(classifier, tmp_path / "three", requirements="numpy")


def test_constraints_come_with_the_model(tmp_path, classifier):
    (tmp_path / "limits.txt").write_text("numpy<3\n")
    models.save_model(classifier, tmp_path / "model", requirements=["numpy", f"-c {tmp_path / 'limits.txt'}"])
    assert environments.read_requirements(tmp_path / "model") == ["numpy", "-c constraints.txt"]
    assert (tmp_path / "model" / "constraints.txt").read_text() == "numpy<3\n"


def test_the_signature_can_be_given_or_left_out(tmp_path, iris, classifier):
    given = models.infer_signature(iris[0], classifier.predict_proba(iris[0]))
    models.save_model(classifier, tmp_path / "one", signature=given, input_example=iris[0][:2])
    models.save_model(classifier, tmp_path / "two", signature=False, input_example=iris[0][:2])
    assert models.load_model(tmp_path / "one").signature == given
    assert models.load_model(tmp_path / "two").signature is None


def test_an_example_that_the_model_can_not_predict_gives_no_signature(tmp_path, classifier, capfd):
    models.save_model(classifier, tmp_path / "model", input_example=np.zeros((1, 7)))
    assert models.load_model(tmp_path / "model").signature is None
    assert "no signature could be inferred" in capfd.readouterr().err


def test_what_does_not_fit_the_signature_is_refused(tmp_path, iris, classifier):
    models.save_model(classifier, tmp_path / "model", input_example=iris[0][:2])
    loaded = models.load_model(tmp_path / "model")
    with pytest.raises(SignatureMismatch, match="missing are"):
        loaded.predict(iris[0].drop(columns=iris[0].columns[0]))
    with pytest.raises(SignatureMismatch, match="to be double"):
        loaded.predict(iris[0].astype(str))


EXAMPLES = {
    "frame": pd.DataFrame({"a": [1.5, None], "b": ["x", None]}),
    "frame without names": pd.DataFrame([[1, 2]]),
    "array": np.array([[1.5, np.nan]]),
    "arrays": {"a": np.array([1, 2]), "b": np.array([[1.5]])},
    "dictionary": {"a": [1, "x", None]},
    "list": [{"a": 1}],
    "text": "x",
    "with params": (np.array([1.5]), {"t": 1}),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_read_as_it_was_given(name, tmp_path):
    models.save_model(lambda data: data, tmp_path / "model", input_example=EXAMPLES[name], signature=False)
    data, params = examples.read(SavedModel.at(tmp_path / "model", allow_pickle=False))
    given, given_params = examples.split(EXAMPLES[name])
    assert params == given_params
    if isinstance(given, pd.DataFrame):
        pd.testing.assert_frame_equal(data, given, check_dtype=False)
    else:
        np.testing.assert_equal(data, given)


def test_a_sparse_example_is_read_as_it_was_given(tmp_path):
    from scipy import sparse

    models.save_model(lambda data: data, tmp_path / "model", input_example=sparse.csc_matrix(np.eye(3)))
    loaded = models.load_model(tmp_path / "model", allow_pickle=True)
    assert loaded.input_example.toarray().tolist() == np.eye(3).tolist()


def test_an_example_that_json_can_not_say_is_refused(tmp_path):
    with pytest.raises(InvalidValue, match="can't be said in JSON"):
        models.save_model(lambda data: data, tmp_path / "model", input_example=[object()])


@pytest.mark.parametrize("place", ["../secret", "/etc/passwd", "model/../../secret", "a\0b", "link"])
def test_files_outside_the_folder_are_not_read(place, tmp_path, classifier):
    models.save_model(classifier, tmp_path / "model")
    (tmp_path / "secret").write_text("x")
    os.symlink(tmp_path / "secret", tmp_path / "model" / "link")
    saved = SavedModel.at(tmp_path / "model", allow_pickle=True)
    with pytest.raises(InvalidModel, match=r"leads out|is no name of a file"):
        saved.path(place)


def test_a_file_that_is_not_there_is_named(tmp_path, classifier):
    models.save_model(classifier, tmp_path / "model")
    (tmp_path / "model" / "model.skops").unlink()
    with pytest.raises(InvalidModel, match=r"lacks 'model.skops'"):
        models.load_model(tmp_path / "model")


def test_importing_loads_no_library():
    heavy = {"numpy", "pandas", "sklearn", "skops", "cloudpickle", "onnx", "xgboost", "lightgbm", "yaml", "torch"}
    code = f"import sys, tracker; tracker.models.load_model; print(sorted(set(sys.modules) & {heavy}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
