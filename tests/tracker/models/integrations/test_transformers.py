import pandas as pd
import pytest

from tracker import models
from tracker.errors import InvalidModel, InvalidValue
from tracker.models import transformers as ours

transformers = pytest.importorskip("transformers")
pytest.importorskip("torch")

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "good", "bad", "day"]


@pytest.fixture(scope="module")
def classifier(tmp_path_factory):
    """A tiny BERT of random weights: nothing is downloaded."""
    vocabulary = tmp_path_factory.mktemp("words") / "vocab.txt"
    vocabulary.write_text("\n".join(WORDS))
    tokenizer = transformers.BertTokenizer(str(vocabulary))
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    transformers.set_seed(0)
    model = transformers.BertForSequenceClassification(transformers.BertConfig(vocab_size=len(WORDS), **sizes))
    return transformers.pipeline("text-classification", model=model.eval(), tokenizer=tokenizer)


def test_a_pipeline_predicts_the_same_after_loading(tmp_path, classifier):
    models.save_model(classifier, tmp_path / "model", input_example=["good day"])
    loaded = models.load_model(tmp_path / "model")
    expected = pd.DataFrame(classifier(["good day", "bad day"]))
    pd.testing.assert_frame_equal(loaded.predict(["good day", "bad day"]), expected)
    native = ours.load_model(tmp_path / "model")
    assert native("good day")[0]["score"] == pytest.approx(expected["score"][0])


def test_weights_are_kept_without_pickles(tmp_path, classifier):
    ours.save_model(classifier, tmp_path / "model")
    assert [file.suffix for file in (tmp_path / "model" / "model").iterdir() if "model" in file.name] == [
        ".safetensors"
    ]


def test_a_model_without_its_pipeline_is_refused(tmp_path, classifier):
    with pytest.raises(InvalidValue, match="is no pipeline"):
        ours.save_model(classifier.model, tmp_path / "model")


def test_a_class_that_is_no_model_is_refused(tmp_path, classifier):
    ours.save_model(classifier, tmp_path / "model")
    file = tmp_path / "model" / "MLmodel"
    file.write_text(file.read_text().replace("BertForSequenceClassification", "logging"))
    with pytest.raises(InvalidModel, match="is no model of Transformers"):
        models.load_model(tmp_path / "model")
