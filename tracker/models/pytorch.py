"""PyTorch: modules, pickled whole or exported as a graph (pt2). Loading either runs what is in it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from tracker.errors import InvalidValue, SignatureMismatch
from tracker.models import flavors, loading, logged, saving
from tracker.models.flavors import Flavor, Scorer, Written
from tracker.models.logged import ModelInfo
from tracker.models.saved import SavedModel

_FOLDER, _PICKLED, _EXPORTED = "data", "model.pth", "model.pt2"
#: Of the module that reads the pickle; MLflow looks here for its name.
_READ_BY, _READER = "pickle_module_info.txt", "pickle"


def save_model(pytorch_model: Any, path: str | os.PathLike[str], **options: Any) -> None:
    """Save a module to a folder; see tracker.models.save_model.

    `serialization_format` is pickle, or pt2: a graph, traced with `input_example`, an array that the module takes.
    """
    saving.save_model(pytorch_model, path, flavor="pytorch", **options)


def log_model(pytorch_model: Any, name: str, **options: Any) -> ModelInfo:
    """Log a module; see tracker.models.log_model."""
    return logged.log_model(pytorch_model, name, flavor="pytorch", **options)


def load_model(uri: str | os.PathLike[str], *, allow_pickle: bool = False) -> Any:
    """The module as PyTorch has it, ready to predict, on the CPU."""
    return loading.load_native(uri, "pytorch", allow_pickle=allow_pickle)


def _write(model: Any, folder: Path, *, serialization_format: str = "pickle", input_example: Any = None) -> Written:
    torch = flavors.library("torch")
    data = folder / _FOLDER
    data.mkdir()
    if serialization_format == "pt2":
        _export(torch, model, data / _EXPORTED, input_example)
    elif serialization_format == "pickle":
        torch.save(model, data / _PICKLED, pickle_module=flavors.library("cloudpickle"))
        (data / _READ_BY).write_text(_READER)
    else:
        raise InvalidValue(f"serialization_format={serialization_format!r} is none of pickle, pt2.")
    entry = {"model_data": _FOLDER, "pytorch_version": str(torch.__version__)}
    pyfunc = {"data": _FOLDER, "pickle_module_name": _READER, "config": {"device": None}}
    packages = ["torch", "cloudpickle", "numpy", "pandas"]
    return Written(entry, pyfunc, packages, lambda data, params: _predict(torch, model, "cpu", data, params))


def _export(torch: Any, model: Any, file: Path, example: Any) -> None:
    """Trace the module with an example; the first axis may then be of any length, if the example's is above 1."""
    if not hasattr(example, "shape"):
        raise InvalidValue("serialization_format='pt2' needs input_example: an array that the module takes.")
    rows = {0: torch.export.Dim.AUTO} if example.shape[0] > 1 else None
    program = torch.export.export(model, (torch.as_tensor(example),), dynamic_shapes=(rows,))
    torch.export.save(program, file)


def _read(saved: SavedModel) -> Any:
    entry = saved.entry("pytorch")
    torch = flavors.library("torch")
    saved.add_code(entry)
    data = saved.path(entry.get("model_data"))
    if (data / _EXPORTED).is_file():
        saved.require_trust("The PyTorch model is an archive that may hold pickles and libraries")
        return torch.export.load(saved.path(f"{entry['model_data']}/{_EXPORTED}")).module()
    saved.require_trust("The PyTorch model is a pickle")
    file = saved.path(f"{entry['model_data']}/{_PICKLED}") if data.is_dir() else data
    flavors.library("cloudpickle")
    model = torch.load(file, map_location="cpu", weights_only=False)
    model.eval()
    return model


def _scorer(model: Any, saved: SavedModel) -> Scorer:
    torch = flavors.library("torch")
    told = ((saved.mlmodel.python_function or {}).get("config") or {}).get("device")
    is_exported = not hasattr(model, "to") or type(model).__name__ == "GraphModule"
    device = "cpu" if is_exported else told or ("cuda" if torch.cuda.is_available() else "cpu")
    moved = model if device == "cpu" else model.to(device)
    return lambda data, params: _predict(torch, moved, device, data, params)


def _predict(torch: Any, model: Any, device: str, data: Any, params: dict[str, Any] | None) -> Any:
    """A data frame for a data frame, with its index; else an array."""
    is_frame = hasattr(data, "columns")
    array = data.to_numpy(dtype="float32") if is_frame else data
    if not hasattr(array, "dtype"):
        raise SignatureMismatch(f"The model takes an array or a data frame, not {type(data).__name__}.")
    with torch.no_grad():
        result = model(torch.as_tensor(array).to(device), **(params or {})).cpu().numpy()
    if not is_frame:
        return result
    import pandas as pd

    return pd.DataFrame(result, index=data.index)


FLAVOR = Flavor("pytorch", "mlflow.pytorch", _write, _read, _scorer)
