"""LightGBM: boosters in its own format, estimators as skops or, when asked for, as a pickle."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from tracker.models import estimators, flavors, loading, logged, saving
from tracker.models.flavors import Flavor, Scorer, Written
from tracker.models.logged import ModelInfo
from tracker.models.saved import SavedModel

_BOOSTER = "lightgbm.basic.Booster"
#: What its estimators are made of. A booster is a text in its own format, which holds no code.
_SAFE_TYPES = [
    "collections.OrderedDict", _BOOSTER, "lightgbm.sklearn.LGBMClassifier", "lightgbm.sklearn.LGBMModel",
    "lightgbm.sklearn.LGBMRanker", "lightgbm.sklearn.LGBMRegressor",
]  # fmt: skip
#: What MLflow trusts in models whose format is skops, and writes down, whatever a model holds.
_MLFLOW_TRUSTS = [
    "collections.OrderedDict",
    _BOOSTER,
    "lightgbm.sklearn.LGBMClassifier",
    "lightgbm.sklearn.LGBMRegressor",
]


def save_model(lgb_model: Any, path: str | os.PathLike[str], **options: Any) -> None:
    """Save a booster or an estimator to a folder; see tracker.models.save_model.

    Of estimators, `serialization_format` is skops, pickle or cloudpickle; `skops_trusted_types` names types that skops
    does not know and that loading then needs allow_pickle for.
    """
    saving.save_model(lgb_model, path, flavor="lightgbm", **options)


def log_model(lgb_model: Any, name: str, **options: Any) -> ModelInfo:
    """Log a booster or an estimator; see tracker.models.log_model."""
    return logged.log_model(lgb_model, name, flavor="lightgbm", **options)


def load_model(uri: str | os.PathLike[str], *, allow_pickle: bool = False) -> Any:
    """The booster or estimator as LightGBM has it."""
    return loading.load_native(uri, "lightgbm", allow_pickle=allow_pickle)


def _write(
    model: Any,
    folder: Path,
    *,
    serialization_format: str = "skops",
    skops_trusted_types: list[str] | None = None,
) -> Written:
    library = flavors.library("lightgbm")
    is_booster = isinstance(model, library.Booster)
    trusted: list[str] | None = None
    if is_booster:
        file_name = "model.lgb"
        model.save_model(str(folder / file_name))
    else:
        file_name, trusted = estimators.write(model, folder, serialization_format, skops_trusted_types, _SAFE_TYPES)
    if serialization_format == "skops":
        trusted = sorted({*_MLFLOW_TRUSTS, *(trusted or ())})
    entry = {
        "lgb_version": library.__version__,
        "data": file_name,
        "model_class": f"{type(model).__module__}.{type(model).__qualname__}",
        "serialization_format": serialization_format,
        "skops_trusted_types": trusted,
    }
    extra = [] if is_booster or serialization_format == "pickle" else [serialization_format]
    packages = ["lightgbm", "numpy", "scipy", *([] if is_booster else ["scikit-learn"]), *extra]
    return Written(entry, {"data": file_name}, packages, lambda data, params: model.predict(data))


def _read(saved: SavedModel) -> Any:
    entry = saved.entry("lightgbm")
    library = flavors.library("lightgbm")
    saved.add_code(entry)
    file = saved.path(entry.get("data"))
    if entry.get("model_class", _BOOSTER) == _BOOSTER:
        return library.Booster(model_file=str(file))
    # MLflow before 3.13 wrote no format: all were cloudpickles.
    return estimators.read(saved, file, entry.get("serialization_format") or "cloudpickle", _SAFE_TYPES)


def _scorer(model: Any, saved: SavedModel) -> Scorer:
    predict = estimators.method(model, "predict", saved)
    return lambda data, params: predict(data)


FLAVOR = Flavor("lightgbm", "mlflow.lightgbm", _write, _read, _scorer)
