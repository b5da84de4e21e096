import numpy as np
import pandas as pd
import pytest

from tracker import models
from tracker.errors import InvalidValue, UnsafeModel
from tracker.models import pytorch as ours

torch = pytest.importorskip("torch")


@pytest.fixture
def module():
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(4, 2)).eval()


@pytest.fixture
def rows():
    return np.arange(12, dtype="float32").reshape(4, 3)


@pytest.mark.parametrize("kind", ["pickle", "pt2"])
def test_a_module_predicts_the_same_after_loading(kind, tmp_path, module, rows):
    models.save_model(module, tmp_path / "model", serialization_format=kind, input_example=rows[:2])
    with pytest.raises(UnsafeModel):
        models.load_model(tmp_path / "model")
    loaded = models.load_model(tmp_path / "model", allow_pickle=True)
    expected = module(torch.from_numpy(rows)).detach().numpy()
    assert np.allclose(loaded.predict(rows), expected)
    native = ours.load_model(tmp_path / "model", allow_pickle=True)
    assert np.allclose(native(torch.from_numpy(rows)).detach().numpy(), expected)
    assert loaded.signature.inputs.names == [0]


def test_a_data_frame_gives_a_data_frame(tmp_path, module, rows):
    ours.save_model(module, tmp_path / "model")
    frame = pd.DataFrame(rows, index=[5, 6, 7, 8])
    predicted = models.load_model(tmp_path / "model", allow_pickle=True).predict(frame)
    assert list(predicted.index) == [5, 6, 7, 8]
    assert predicted.shape == (4, 2)


def test_a_class_of_the_script_comes_with_the_model(tmp_path, rows):
    class Doubler(torch.nn.Module):
        def forward(self, values):
            return values * 2

    models.save_model(Doubler(), tmp_path / "model")
    assert np.array_equal(models.load_model(tmp_path / "model", allow_pickle=True).predict(rows), rows * 2)


def test_a_graph_needs_an_example(tmp_path, module):
    with pytest.raises(InvalidValue, match="needs input_example"):
        ours.save_model(module, tmp_path / "model", serialization_format="pt2")
