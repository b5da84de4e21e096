"""What MLflow saves is loaded by ours, and what ours saves by MLflow: with the same predictions."""

import pytest

from tests.mlflow.models import made
from tests.mlflow.models.schemas import told
from tracker import models
from tracker.models import environments, examples, flavors, loading
from tracker.models.saved import SavedModel

#: Types that are in pickles, or that skops does not trust.
UNSAFE = {"pickle", "cloudpickle", "forest"}


@pytest.fixture(scope="module")
def theirs(oracle, tmp_path_factory):
    folder = tmp_path_factory.mktemp("theirs")
    return folder, oracle("save", str(folder))


@pytest.fixture(scope="module")
def ours(oracle, tmp_path_factory):
    """Our models, with what they predict here and in MLflow."""
    folder, here = tmp_path_factory.mktemp("ours"), {}
    for name, (flavor, make, data, options) in made.MODELS.items():
        model = make()
        models.save_model(model, folder / name, flavor=flavor, input_example=data()[:2], **options)
        loaded = models.load_model(folder / name, allow_pickle=name in UNSAFE)
        here[name] = [told(loaded.predict(data())), told(made.natively(flavor, model, data()))]
    example = (made.numbers(), {"more": 1})
    models.save_model(
        made.adder(models.PythonModel), folder / "python", model_config=made.PYTHON_CONFIG, input_example=example
    )
    loaded = models.load_model(folder / "python", allow_pickle=True)
    here["python"] = [told(loaded.predict(made.numbers(), {"more": 3}))]
    return folder, here, oracle("load", str(folder))


@pytest.mark.parametrize("name", made.MODELS)
def test_a_model_of_mlflow_predicts_the_same_here(name, theirs):
    folder, predicted = theirs
    flavor, _, data, _ = made.MODELS[name]
    loaded = models.load_model(folder / name, allow_pickle=name in UNSAFE)
    native = loading.load_native(folder / name, flavor, allow_pickle=name in UNSAFE)
    assert [told(loaded.predict(data())), told(made.natively(flavor, native, data()))] == predicted[name]


@pytest.mark.parametrize("name", made.MODELS)
def test_a_model_of_ours_predicts_the_same_in_mlflow(name, ours):
    _, here, there = ours
    assert there[name] == here[name]


def test_code_of_mlflow_predicts_the_same_here_without_mlflow(theirs):
    folder, predicted = theirs
    loaded = models.load_model(folder / "python", allow_pickle=True)
    assert [told(loaded.predict(made.numbers(), {"more": 3}))] == predicted["python"]


def test_what_mlflow_writes_once_for_two_places_is_read_in_both(theirs):
    assert "&id001" in (theirs[0] / "python" / "MLmodel").read_text()
    saved = SavedModel.at(theirs[0] / "python", allow_pickle=False)
    assert saved.mlmodel.fields["metadata"] == made.METADATA


def test_code_of_ours_predicts_the_same_in_mlflow_without_us(ours):
    _, here, there = ours
    assert there["python"] == here["python"]


@pytest.mark.parametrize("name", [*made.MODELS, "python"])
def test_the_signature_is_the_one_that_mlflow_infers(name, theirs, ours):
    told_by_mlflow = SavedModel.at(theirs[0] / name, allow_pickle=False).mlmodel.fields
    told_here = SavedModel.at(ours[0] / name, allow_pickle=False).mlmodel.fields
    if name == "onnx":
        # MLflow does not try the example of a graph.
        assert "signature" not in told_by_mlflow
        return
    parts = ["inputs", "params"] if name == "probabilities" else ["inputs", "outputs", "params"]
    # It tries `predict`, whatever method the model predicts with.
    assert [told_here["signature"][part] for part in parts] == [told_by_mlflow["signature"][part] for part in parts]


@pytest.mark.parametrize("name", [*made.MODELS, "python"])
def test_the_example_is_written_as_mlflow_writes_it(name, theirs, ours):
    for file in (examples.EXAMPLE, examples.SERVING):
        assert (ours[0] / name / file).read_text() == (theirs[0] / name / file).read_text()
    both = [SavedModel.at(side[0] / name, allow_pickle=False).mlmodel.example_info for side in (theirs, ours)]
    assert both[0] == both[1]


@pytest.mark.parametrize("name", made.MODELS)
def test_the_flavor_says_what_mlflow_says(name, theirs, ours):
    flavor = flavors.named(made.MODELS[name][0]).name
    entries = [SavedModel.at(side[0] / name, allow_pickle=False).mlmodel.flavors[flavor] for side in (theirs, ours)]
    if entries[0].get("skops_trusted_types"):
        assert set(entries[0].pop("skops_trusted_types")) <= set(entries[1].pop("skops_trusted_types"))
    assert entries[1] == entries[0]


def test_mlflow_reads_our_example_signature_and_requirements(ours):
    folder, _, there = ours
    saved = SavedModel.at(folder / "skops", allow_pickle=False)
    assert there["example"] == told(examples.read(saved)[0])
    assert there["signature"] == saved.mlmodel.fields["signature"]
    assert there["requirements"].endswith("requirements.txt")
    assert "scikit-learn==1.9.1" in environments.read_requirements(folder / "skops")
