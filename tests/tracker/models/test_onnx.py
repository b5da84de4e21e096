import numpy as np
import pandas as pd
import pytest

from tests.tracker.models.graphs import linear
from tracker import models
from tracker.errors import InvalidModel, SignatureMismatch, UnsafeModel
from tracker.models import onnx as ours


def test_a_graph_predicts_from_an_array(tmp_path):
    models.save_model(linear(), tmp_path / "model", input_example=np.array([[1.0, 2.0]], "float32"))
    loaded = models.load_model(tmp_path / "model")
    assert loaded.predict(np.array([[3.0, 4.0]], "float32"))["y"].tolist() == [[11.0]]


def test_a_data_frame_gives_a_data_frame(tmp_path):
    models.save_model(linear(), tmp_path / "model")
    predicted = models.load_model(tmp_path / "model").predict(pd.DataFrame({"a": [3.0], "b": [4.0]}))
    assert predicted.to_dict("list") == {"y": [11.0]}


def test_several_inputs_are_given_by_name(tmp_path):
    models.save_model(linear(inputs=("a", "b")), tmp_path / "model")
    loaded = models.load_model(tmp_path / "model")
    assert loaded.predict({"a": np.ones((1, 2)), "b": np.zeros((1, 2))})["y"].tolist() == [[3.0]]
    with pytest.raises(SignatureMismatch, match=r"several arrays \(a, b\)"):
        loaded.predict(np.ones((1, 2)))


def test_loading_natively_gives_the_graph(tmp_path):
    ours.save_model(linear(), tmp_path / "model")
    assert ours.load_model(tmp_path / "model") == linear()


def test_values_may_lie_in_a_file_beside_the_graph(tmp_path):
    weights = np.eye(64, dtype="float32")
    ours.save_model(linear(weights), tmp_path / "model", save_as_external_data=True)
    assert len(list((tmp_path / "model").iterdir())) == 6
    predicted = models.load_model(tmp_path / "model").predict(np.ones((1, 64), "float32"))
    assert predicted["y"].tolist() == [[1.0] * 64]


def test_values_in_a_file_elsewhere_are_refused(tmp_path):
    weights = np.eye(64, dtype="float32")
    ours.save_model(linear(weights), tmp_path / "model", save_as_external_data=True)
    import onnx

    graph = onnx.load(tmp_path / "model" / "model.onnx", load_external_data=False)
    for each in graph.graph.initializer[0].external_data:
        if each.key == "location":
            each.value = "../secret"
    (tmp_path / "secret").write_bytes(bytes(64 * 64 * 4))
    (tmp_path / "model" / "model.onnx").write_bytes(graph.SerializeToString())
    with pytest.raises(InvalidModel, match="leads out of the model's folder"):
        models.load_model(tmp_path / "model")


def test_configuration_that_may_name_libraries_needs_trust(tmp_path):
    provider = ("CPUExecutionProvider", {"some_library": "evil.so"})
    ours.save_model(linear(), tmp_path / "model", onnx_execution_providers=[provider])
    with pytest.raises(UnsafeModel, match="configures what runs it"):
        models.load_model(tmp_path / "model")


def test_what_is_no_graph_is_said_so(tmp_path):
    ours.save_model(linear(), tmp_path / "model")
    (tmp_path / "model" / "model.onnx").write_bytes(b"\xff" * 100)
    with pytest.raises(InvalidModel, match=r"model.onnx can't be read"):
        models.load_model(tmp_path / "model")


def test_threads_are_set(tmp_path):
    options = {"intra_op_num_threads": 1, "inter_op_num_threads": 1, "execution_mode": "sequential"}
    ours.save_model(linear(), tmp_path / "model", onnx_session_options=options)
    assert models.load_model(tmp_path / "model").predict(np.ones((1, 2), "float32"))["y"].tolist() == [[3.0]]
