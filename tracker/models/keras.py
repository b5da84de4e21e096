"""Keras 3: models in its own format. Lambda layers in it are code, all else is not."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from tracker.errors import InvalidModel
from tracker.models import flavors, loading, logged, saving
from tracker.models.flavors import Flavor, Scorer, Written
from tracker.models.logged import ModelInfo
from tracker.models.saved import SavedModel

_FOLDER, _FILE, _MODULE = "data", "model.keras", "keras_module.txt"


def save_model(model: Any, path: str | os.PathLike[str], **options: Any) -> None:
    """Save a model to a folder; see tracker.models.save_model."""
    saving.save_model(model, path, flavor="keras", **options)


def log_model(model: Any, name: str, **options: Any) -> ModelInfo:
    """Log a model; see tracker.models.log_model."""
    return logged.log_model(model, name, flavor="keras", **options)


def load_model(uri: str | os.PathLike[str], *, allow_pickle: bool = False) -> Any:
    """The model as Keras has it."""
    return loading.load_native(uri, "keras", allow_pickle=allow_pickle)


def _write(model: Any, folder: Path) -> Written:
    keras = flavors.library("keras")
    (folder / _FOLDER).mkdir()
    (folder / _FOLDER / _MODULE).write_text("keras")
    model.save(folder / _FOLDER / _FILE)
    backend = keras.backend.backend()
    entry = {
        "data": _FOLDER,
        "keras_version": keras.__version__,
        "keras_backend": backend,
        "save_exported_model": False,
    }
    packages = ["keras", backend, "numpy", "pandas"]
    return Written(entry, {}, packages, lambda data, params: _predict(model, data))


def _read(saved: SavedModel) -> Any:
    keras = flavors.library("keras")
    entry = saved.entry("keras")
    saved.add_code(entry)
    if entry.get("save_exported_model"):
        raise InvalidModel(f"The model in {saved.folder} was exported for TensorFlow. Load it with tf.saved_model.")
    file = saved.path(f"{entry.get('data', _FOLDER)}/{_FILE}")
    try:
        return keras.saving.load_model(file, safe_mode=not saved.allow_pickle)
    except ValueError as error:
        if "safe_mode" in str(error) or "nsafe" in str(error):
            saved.require_trust("The Keras model holds layers that are code")
        raise InvalidModel(f"Keras can't read {file}: {error}") from error


def _scorer(model: Any, saved: SavedModel) -> Scorer:
    return lambda data, params: _predict(model, data)


def _predict(model: Any, data: Any) -> Any:
    """A data frame for a data frame, with its index; else an array."""
    if not hasattr(data, "columns"):
        return flavors.library("keras").ops.convert_to_numpy(model.predict(data, verbose=0))
    import pandas as pd

    return pd.DataFrame(model.predict(data.to_numpy(), verbose=0), index=data.index)


FLAVOR = Flavor("keras", "mlflow.keras", _write, _read, _scorer)
