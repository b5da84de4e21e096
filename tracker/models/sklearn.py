"""scikit-learn: estimators and pipelines, as skops (safe to load) or, when asked for, as a pickle."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from tracker.errors import InvalidModel
from tracker.models import estimators, flavors, loading, logged, saving
from tracker.models.flavors import Flavor, Scorer, Written
from tracker.models.logged import ModelInfo
from tracker.models.saved import SavedModel

_PREDICT = ("predict", "predict_proba", "predict_log_proba", "predict_joint_log_proba", "score", "transform")


def save_model(sk_model: Any, path: str | os.PathLike[str], **options: Any) -> None:
    """Save an estimator to a folder; see tracker.models.save_model.

    `serialization_format` is skops, pickle or cloudpickle; `skops_trusted_types` names types that skops does not know
    and that loading then needs allow_pickle for; `pyfunc_predict_fn` is the method that predicts.
    """
    saving.save_model(sk_model, path, flavor="sklearn", **options)


def log_model(sk_model: Any, name: str, **options: Any) -> ModelInfo:
    """Log an estimator; see tracker.models.log_model."""
    return logged.log_model(sk_model, name, flavor="sklearn", **options)


def load_model(uri: str | os.PathLike[str], *, allow_pickle: bool = False) -> Any:
    """The estimator as scikit-learn has it."""
    return loading.load_native(uri, "sklearn", allow_pickle=allow_pickle)


def _write(
    model: Any,
    folder: Path,
    *,
    serialization_format: str = "skops",
    skops_trusted_types: list[str] | None = None,
    pyfunc_predict_fn: str = "predict",
) -> Written:
    file_name, trusted = estimators.write(model, folder, serialization_format, skops_trusted_types)
    entry = {
        "pickled_model": file_name,
        "sklearn_version": flavors.library("sklearn", "scikit-learn").__version__,
        "serialization_format": serialization_format,
        "skops_trusted_types": trusted,
    }
    predict = getattr(model, pyfunc_predict_fn, None)
    pyfunc = {"model_path": file_name, "predict_fn": pyfunc_predict_fn} if predict else None
    extra = [] if serialization_format == "pickle" else [serialization_format]
    packages = ["scikit-learn", "numpy", "scipy", *extra]
    return Written(entry, pyfunc, packages, (lambda data, params: predict(data)) if predict else None)


def _read(saved: SavedModel) -> Any:
    # MLflow before 0.5 has the file's name in python_function alone.
    pyfunc = saved.mlmodel.python_function or {}
    entry = saved.mlmodel.flavors.get("sklearn") or {}
    saved.add_code(entry)
    file = saved.path(entry.get("pickled_model") or pyfunc.get("model_path") or pyfunc.get("data"))
    flavors.library("sklearn", "scikit-learn")
    return estimators.read(saved, file, entry.get("serialization_format") or "pickle")


def _scorer(model: Any, saved: SavedModel) -> Scorer:
    name = (saved.mlmodel.python_function or {}).get("predict_fn", "predict")
    if name not in _PREDICT:
        raise InvalidModel(f"predict_fn: {name!r} of the model in {saved.folder} is none of {', '.join(_PREDICT)}.")
    predict = estimators.method(model, name, saved)
    return lambda data, params: predict(data)


FLAVOR = Flavor("sklearn", "mlflow.sklearn", _write, _read, _scorer)
