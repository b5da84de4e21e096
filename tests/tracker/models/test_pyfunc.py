import numpy as np
import pandas as pd
import pytest

from tracker import models
from tracker.errors import InvalidModel, InvalidValue, SignatureMismatch, UnsafeModel
from tracker.models import pyfunc

CODE = """
from tracker.models import PythonModel, set_model

class Adder(PythonModel):
    def predict(self, context, model_input):
        return model_input + context.model_config["amount"]

set_model(Adder())
"""


class Scaler(models.PythonModel):
    def load_context(self, context):
        with open(context.artifacts["factor"]) as file:
            self.factor = float(file.read())

    def predict(self, context, model_input, params=None):
        return model_input * self.factor + params["offset"]


@pytest.fixture
def factor(tmp_path):
    file = tmp_path / "factor.txt"
    file.write_text("3")
    return {"factor": file}


def test_an_object_predicts_with_its_artifacts_and_params(tmp_path, factor):
    models.save_model(
        Scaler(), tmp_path / "model", artifacts=factor, input_example=(np.array([1.0, 2.0]), {"offset": 1.0})
    )
    factor["factor"].unlink()
    loaded = models.load_model(tmp_path / "model", allow_pickle=True)
    assert loaded.predict(np.array([2.0])).tolist() == [7.0]
    assert loaded.predict(np.array([2.0]), {"offset": 10}).tolist() == [16.0]


def test_the_object_itself_can_be_had(tmp_path, factor):
    pyfunc.save_model(Scaler(), tmp_path / "model", artifacts=factor)
    assert pyfunc.load_model(tmp_path / "model", allow_pickle=True).factor == 3.0
    assert models.load_model(tmp_path / "model", allow_pickle=True).unwrap().factor == 3.0


def test_an_object_is_loaded_only_by_whoever_allows_it(tmp_path, factor):
    models.save_model(Scaler(), tmp_path / "model", artifacts=factor)
    with pytest.raises(UnsafeModel, match="runs code"):
        models.load_model(tmp_path / "model")


CONFIGURED = """
import {module}
config = {module}.ModelConfig(development_config={{"amount": 1}})
{module}.set_model(lambda data: data + config.get("amount"))
"""


@pytest.mark.parametrize("module", ["tracker.models", "mlflow.models"])
def test_a_file_of_code_reads_the_configuration_that_it_was_saved_with(tmp_path, module):
    file = tmp_path / "code.py"
    file.write_text(CONFIGURED.format(module=module))
    models.save_model(file, tmp_path / "model", model_config={"amount": 7})
    loaded = models.load_model(tmp_path / "model", allow_pickle=True)
    assert loaded.predict(np.array([1])).tolist() == [8]


def test_a_file_of_code_that_asks_for_a_configuration_is_not_saved_without(tmp_path):
    file = tmp_path / "code.py"
    file.write_text(CONFIGURED.format(module="tracker.models"))
    with pytest.raises(InvalidModel, match="model_config"):
        models.save_model(file, tmp_path / "model")


def test_a_configuration_is_a_dictionary_or_a_file_while_code_is_tried(tmp_path):
    file = tmp_path / "config.yaml"
    file.write_text("amount: 3\n")
    assert models.ModelConfig(development_config=str(file)).to_dict() == {"amount": 3}
    assert models.ModelConfig(development_config={"amount": 4}).get("amount") == 4
    with pytest.raises(KeyError):
        models.ModelConfig(development_config={"amount": 4}).get("more")
    for nothing in (None, {}, str(tmp_path / "none.yaml")):
        with pytest.raises(InvalidValue, match="ModelConfig"):
            models.ModelConfig(development_config=nothing)


def test_a_function_is_a_model(tmp_path):
    models.save_model(lambda data: data + 1, tmp_path / "model", input_example=np.array([1, 2]))
    assert models.load_model(tmp_path / "model", allow_pickle=True).predict(np.array([4])).tolist() == [5]


def test_a_function_that_takes_texts_gets_a_column_of_them(tmp_path):
    def shout(texts: list[str]) -> list[str]:
        return [text.upper() for text in texts]

    models.save_model(shout, tmp_path / "model", input_example=["a"])
    assert models.load_model(tmp_path / "model", allow_pickle=True).predict(pd.DataFrame({"x": ["b"]})) == ["B"]


def test_a_file_of_code_is_a_model(tmp_path):
    (tmp_path / "adder.py").write_text(CODE)
    models.save_model(tmp_path / "adder.py", tmp_path / "model", model_config={"amount": 4})
    with pytest.raises(UnsafeModel, match=r"a file of code \(adder.py\)"):
        models.load_model(tmp_path / "model")
    assert models.load_model(tmp_path / "model", allow_pickle=True).predict(np.array([1])).tolist() == [5]


def test_a_file_of_code_without_a_model_is_refused_when_saving(tmp_path):
    (tmp_path / "nothing.py").write_text("x = 1\n")
    with pytest.raises(InvalidModel, match="set_model"):
        models.save_model(tmp_path / "nothing.py", tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_code_written_for_mlflow_runs_where_it_is_not_installed(tmp_path):
    code = CODE.replace("from tracker.models import PythonModel, set_model", "import mlflow")
    code = code.replace("PythonModel)", "mlflow.pyfunc.PythonModel)").replace("set_model(", "mlflow.models.set_model(")
    (tmp_path / "adder.py").write_text(code)
    models.save_model(tmp_path / "adder.py", tmp_path / "model", model_config={"amount": 4})
    assert models.load_model(tmp_path / "model", allow_pickle=True).predict(np.array([1])).tolist() == [5]


def test_what_only_mlflow_has_is_named(tmp_path):
    (tmp_path / "agent.py").write_text("from mlflow.langchain import autolog\n")
    with pytest.raises(ImportError, match=r"mlflow.langchain.*pip install mlflow"):
        models.save_model(tmp_path / "agent.py", tmp_path / "model")


def test_code_that_the_model_imports_comes_with_it(tmp_path, monkeypatch):
    source = tmp_path / "source"
    source.mkdir()
    (source / "helping_with_doubles.py").write_text("def double(data):\n    return data * 2\n")
    monkeypatch.syspath_prepend(source)
    (tmp_path / "model.py").write_text(
        "from helping_with_doubles import double\nfrom tracker.models import set_model\nset_model(double)\n"
    )
    models.save_model(tmp_path / "model.py", tmp_path / "model", code_paths=[source / "helping_with_doubles.py"])
    monkeypatch.undo()
    assert models.load_model(tmp_path / "model", allow_pickle=True).predict(np.array([2])).tolist() == [4]


def test_an_artifact_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InvalidValue, match="artifacts: 'factor'"):
        models.save_model(Scaler(), tmp_path / "model", artifacts={"factor": tmp_path / "none"})


def test_two_artifacts_of_one_name_are_both_kept(tmp_path):
    files = {}
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        files[name] = tmp_path / name / "data.txt"
        files[name].write_text(name)

    class Reader(models.PythonModel):
        def predict(self, context, model_input):
            return [open(context.artifacts[name]).read() for name in model_input]

    models.save_model(Reader(), tmp_path / "model", artifacts=files)
    assert models.load_model(tmp_path / "model", allow_pickle=True).predict(["two", "one"]) == ["two", "one"]


def test_a_class_is_refused(tmp_path):
    with pytest.raises(InvalidValue, match=r"Scaler\(\)"):
        pyfunc.save_model(Scaler, tmp_path / "model")


def upper(texts: list[str]) -> list[str]:
    return [text.upper() for text in texts]


class Sizes(models.PythonModel):
    def predict(self, context, model_input: list[dict[str, list[int]]], params=None) -> list[int]:
        return [len(row["values"]) * (params or {}).get("times", 1) for row in model_input]


def test_type_hints_are_the_signature(tmp_path):
    models.save_model(upper, tmp_path / "upper")
    loaded = models.load_model(tmp_path / "upper", allow_pickle=True)
    assert loaded.signature.inputs.to_json() == '[{"type": "string", "required": true}]'
    assert loaded.metadata.fields["is_signature_from_type_hint"] is True
    assert loaded.predict(["a", "b"]) == ["A", "B"]


def test_what_hints_do_not_take_is_refused(tmp_path):
    models.save_model(upper, tmp_path / "upper")
    loaded = models.load_model(tmp_path / "upper", allow_pickle=True)
    with pytest.raises(SignatureMismatch, match=r"input\[1\] is '2' \(int\), not str"):
        loaded.predict(["a", 2])


def test_a_data_frame_becomes_the_list_that_hints_ask_for(tmp_path):
    models.save_model(upper, tmp_path / "upper")
    loaded = models.load_model(tmp_path / "upper", allow_pickle=True)
    assert loaded.predict(pd.DataFrame({"text": ["a", "b"]})) == ["A", "B"]


def test_hints_of_a_class_and_params_of_the_example(tmp_path):
    models.save_model(Sizes(), tmp_path / "sizes", input_example=([{"values": [1, 2]}], {"times": 2}))
    loaded = models.load_model(tmp_path / "sizes", allow_pickle=True)
    assert [each.name for each in loaded.signature.params] == ["times"]
    assert loaded.predict([{"values": [1, 2, 3]}], {"times": 3}) == [9]
