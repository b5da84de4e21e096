"""ONNX: graphs, run by onnxruntime. They hold no code."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from tracker.errors import InvalidModel, SignatureMismatch
from tracker.models import flavors, loading, logged, saving
from tracker.models.flavors import Flavor, Scorer, Written
from tracker.models.logged import ModelInfo
from tracker.models.onnx_export import from_sklearn as from_sklearn
from tracker.models.saved import SavedModel

_FILE = "model.onnx"
_PROVIDERS = ["CUDAExecutionProvider", "CPUExecutionProvider"]
_NUMBERS = ("inter_op_num_threads", "intra_op_num_threads")


def save_model(onnx_model: Any, path: str | os.PathLike[str], **options: Any) -> None:
    """Save a ModelProto to a folder; see tracker.models.save_model.

    `onnx_execution_providers` are what may run it, best first. `onnx_session_options` has inter_op_num_threads,
    intra_op_num_threads, execution_mode (sequential or parallel), graph_optimization_level, extra_session_config.
    """
    saving.save_model(onnx_model, path, flavor="onnx", **options)


def log_model(onnx_model: Any, name: str, **options: Any) -> ModelInfo:
    """Log a graph; see tracker.models.log_model."""
    return logged.log_model(onnx_model, name, flavor="onnx", **options)


def load_model(uri: str | os.PathLike[str], *, allow_pickle: bool = False) -> Any:
    """The model as onnx has it: a ModelProto."""
    return loading.load_native(uri, "onnx", allow_pickle=allow_pickle)


def _write(
    model: Any,
    folder: Path,
    *,
    onnx_execution_providers: list[Any] | None = None,
    onnx_session_options: Mapping[str, Any] | None = None,
    save_as_external_data: bool = False,
) -> Written:
    onnx = flavors.library("onnx")
    onnx.save_model(model, folder / _FILE, save_as_external_data=save_as_external_data)
    providers = _PROVIDERS if onnx_execution_providers is None else [_plain(one) for one in onnx_execution_providers]
    entry = {
        "onnx_version": onnx.__version__,
        "data": _FILE,
        "providers": providers,
        "onnx_session_options": None if onnx_session_options is None else dict(onnx_session_options),
    }
    session: list[Any] = []

    def predict(data: Any, params: dict[str, Any] | None) -> Any:
        # A session takes a while to start: only where there is an example to try.
        if not session:
            session.append(_session(folder / _FILE, entry))
        return _predict(session[0], data, params)

    return Written(entry, {"data": _FILE}, ["onnx", "onnxruntime", "numpy"], predict)


def _read(saved: SavedModel) -> Any:
    onnx = flavors.library("onnx")
    entry = saved.entry("onnx")
    saved.add_code(entry)
    file = saved.path(entry.get("data"))
    try:
        model = onnx.load(file, load_external_data=False)
        for tensor in model.graph.initializer:
            for each in tensor.external_data:
                if each.key == "location":
                    _check_location(saved, file, each.value)
        onnx.load_external_data_for_model(model, str(file.parent))
    except InvalidModel:
        raise
    except Exception as error:
        raise InvalidModel(f"{file} can't be read by onnx: {error}") from error
    return model


def _check_location(saved: SavedModel, file: Path, location: str) -> None:
    """Values may lie in files beside the graph, and nowhere else."""
    saved.path(file.parent.relative_to(saved.folder.resolve()) / location)


def _scorer(model: Any, saved: SavedModel) -> Scorer:
    entry = saved.entry("onnx")
    options = entry.get("onnx_session_options") or {}
    if any(not isinstance(each, str) for each in _providers_of(entry)) or options.get("extra_session_config"):
        # Some of these name libraries, which are then run.
        saved.require_trust("The ONNX model configures what runs it")
    return partial(_predict, _session(saved.path(entry.get("data")), entry))


def _session(file: Path, entry: Mapping[str, Any]) -> Any:
    runtime = flavors.library("onnxruntime")
    there = set(runtime.get_available_providers())
    wanted = [tuple(each) if isinstance(each, list) else each for each in _providers_of(entry)]
    usable = [each for each in wanted if (each[0] if isinstance(each, tuple) else each) in there]
    options = _session_options(runtime, entry.get("onnx_session_options") or {})
    try:
        return runtime.InferenceSession(str(file), options, providers=usable or ["CPUExecutionProvider"])
    except Exception as error:
        raise InvalidModel(f"onnxruntime can't run {file}: {error}") from error


def _session_options(runtime: Any, told: Mapping[str, Any]) -> Any:
    options = runtime.SessionOptions()
    for name in _NUMBERS:
        if told.get(name):
            setattr(options, name, int(told[name]))
    if told.get("execution_mode"):
        is_parallel = str(told["execution_mode"]).lower() == "parallel"
        mode = runtime.ExecutionMode
        options.execution_mode = mode.ORT_PARALLEL if is_parallel else mode.ORT_SEQUENTIAL
    if told.get("graph_optimization_level"):
        options.graph_optimization_level = runtime.GraphOptimizationLevel(told["graph_optimization_level"])
    for key, value in (told.get("extra_session_config") or {}).items():
        options.add_session_config_entry(key, value)
    return options


def _providers_of(entry: Mapping[str, Any]) -> list[Any]:
    told = entry.get("providers") or _PROVIDERS
    return [told] if isinstance(told, str) else list(told)


def _plain(provider: Any) -> Any:
    return list(provider) if isinstance(provider, tuple) else provider


def _predict(session: Any, data: Any, params: dict[str, Any] | None) -> Any:
    """A data frame for a data frame, with a column for each output; else a dictionary of arrays by output."""
    import numpy as np

    names = [each.name for each in session.get_outputs()]
    results = session.run(names, _feed(session, data))
    if not hasattr(data, "columns"):
        return dict(zip(names, results, strict=True))
    import pandas as pd

    return pd.DataFrame({name: np.asarray(result).reshape(-1) for name, result in zip(names, results, strict=True)})


def _feed(session: Any, data: Any) -> dict[str, Any]:
    """An array for each input of the graph; doubles become floats where it wants those."""
    inputs = session.get_inputs()
    if isinstance(data, dict):
        feed = dict(data)
    elif hasattr(data, "columns") and len(inputs) > 1:
        feed = {each.name: data[each.name].to_numpy() for each in inputs}
    elif len(inputs) == 1:
        feed = {inputs[0].name: data.to_numpy() if hasattr(data, "columns") else data}
    else:
        names = ", ".join(each.name for each in inputs)
        raise SignatureMismatch(f"The graph takes several arrays ({names}): give a dictionary or a data frame.")
    for each in inputs:
        array: Any = feed.get(each.name)
        if each.type == "tensor(float)" and hasattr(array, "astype") and array.dtype == "float64":
            feed[each.name] = array.astype("float32")
    return feed


FLAVOR = Flavor("onnx", "mlflow.onnx", _write, _read, _scorer)
