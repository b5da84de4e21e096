"""XGBoost: boosters and estimators in its own formats, which hold no code."""

from __future__ import annotations

import importlib
import inspect
import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from tracker.errors import InvalidModel, InvalidValue
from tracker.models import flavors, loading, logged, saving
from tracker.models.flavors import Flavor, Scorer, Written
from tracker.models.logged import ModelInfo
from tracker.models.saved import SavedModel
from tracker.notices import warn_once

_BOOSTER = "xgboost.core.Booster"
_FORMATS = ("ubj", "json", "xgb")


def save_model(xgb_model: Any, path: str | os.PathLike[str], **options: Any) -> None:
    """Save a booster or an estimator to a folder; see tracker.models.save_model.

    `model_format` is ubj, json or xgb (XGBoost's old one).
    """
    saving.save_model(xgb_model, path, flavor="xgboost", **options)


def log_model(xgb_model: Any, name: str, **options: Any) -> ModelInfo:
    """Log a booster or an estimator; see tracker.models.log_model."""
    return logged.log_model(xgb_model, name, flavor="xgboost", **options)


def load_model(uri: str | os.PathLike[str], *, allow_pickle: bool = False) -> Any:
    """The booster or estimator as XGBoost has it."""
    return loading.load_native(uri, "xgboost", allow_pickle=allow_pickle)


def _write(model: Any, folder: Path, *, model_format: str = "ubj") -> Written:
    library = _library()
    if model_format not in _FORMATS:
        raise InvalidValue(f"model_format={model_format!r} is none of {', '.join(_FORMATS)}.")
    file_name = f"model.{model_format}"
    model.save_model(folder / file_name)
    entry = {
        "xgb_version": library.__version__,
        "data": file_name,
        "model_class": f"{type(model).__module__}.{type(model).__qualname__}",
        "model_format": model_format,
    }
    is_booster = isinstance(model, library.Booster)
    packages = ["xgboost", "xgboost-cpu", "numpy", "scipy", *([] if is_booster else ["scikit-learn"])]
    return Written(entry, {"data": file_name}, packages, partial(_predict, model))


def _read(saved: SavedModel) -> Any:
    entry = saved.entry("xgboost")
    _library()
    saved.add_code(entry)
    # MLflow before 1.22 kept boosters alone, and did not say so.
    model = _class_of(saved, str(entry.get("model_class", _BOOSTER)))()
    model.load_model(saved.path(entry.get("data")))
    return model


def _class_of(saved: SavedModel, name: str) -> Any:
    """The class that the MLmodel file names: one of XGBoost's, or any where its maker is trusted."""
    module_name, _, class_name = name.rpartition(".")
    if module_name not in {"xgboost.core", "xgboost.sklearn", "xgboost"}:
        saved.require_trust(f"The model's class {name!r} is not XGBoost's")
    try:
        found = getattr(importlib.import_module(module_name), class_name)
    except (ImportError, AttributeError, ValueError) as error:
        raise InvalidModel(f"The class {name!r} of the model in {saved.folder} can't be imported: {error}") from error
    if not inspect.isclass(found) or not hasattr(found, "load_model"):
        raise InvalidModel(f"model_class: {name!r} of the model in {saved.folder} is no class of models.")
    return found


def _scorer(model: Any, saved: SavedModel) -> Scorer:
    return partial(_predict, model)


def _predict(model: Any, data: Any, params: Mapping[str, Any] | None) -> Any:
    library, params = _library(), params or {}
    predict = model.predict
    if isinstance(model, library.Booster):
        data = library.DMatrix(data)
    known = inspect.signature(predict).parameters
    if ignored := [name for name in params if name not in known]:
        warn_once(f"the model's predict has no params {ignored}: they are ignored.")
    checks = {"validate_features": True} if "validate_features" in known else {}
    return predict(data, **(checks | {name: value for name, value in params.items() if name in known}))


def _library() -> Any:
    return flavors.library("xgboost")


FLAVOR = Flavor("xgboost", "mlflow.xgboost", _write, _read, _scorer)
