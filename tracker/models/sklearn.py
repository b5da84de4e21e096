"""scikit-learn: estimators and pipelines, as skops (safe to load) or, when asked for, as a pickle."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

from tracker.errors import InvalidModel, InvalidValue, UnsafeModel
from tracker.models import flavors, loading, saving
from tracker.models.flavors import Flavor, Scorer, Written
from tracker.models.saved import SavedModel

FORMATS = ("skops", "pickle", "cloudpickle")
_PREDICT = ("predict", "predict_proba", "predict_log_proba", "predict_joint_log_proba", "score", "transform")


def save_model(sk_model: Any, path: str | os.PathLike[str], **options: Any) -> None:
    """Save an estimator to a folder; see tracker.models.save_model.

    `serialization_format` is skops, pickle or cloudpickle; `skops_trusted_types` names types that skops does not know
    and that loading then needs allow_pickle for; `pyfunc_predict_fn` is the method that predicts.
    """
    saving.save_model(sk_model, path, flavor="sklearn", **options)


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
    sklearn = flavors.library("sklearn", "scikit-learn")
    if serialization_format not in FORMATS:
        raise InvalidValue(f"serialization_format={serialization_format!r} is none of {', '.join(FORMATS)}.")
    file_name = "model.skops" if serialization_format == "skops" else "model.pkl"
    if serialization_format == "skops":
        _write_skops(model, folder / file_name, skops_trusted_types)
    else:
        library = pickle if serialization_format == "pickle" else flavors.library("cloudpickle")
        with (folder / file_name).open("wb") as file:
            library.dump(model, file, protocol=pickle.DEFAULT_PROTOCOL)
    entry = {
        "pickled_model": file_name,
        "sklearn_version": sklearn.__version__,
        "serialization_format": serialization_format,
        "skops_trusted_types": skops_trusted_types,
        "code": None,
    }
    predict = getattr(model, pyfunc_predict_fn, None)
    pyfunc = {"model_path": file_name, "predict_fn": pyfunc_predict_fn} if predict else None
    extra = [] if serialization_format == "pickle" else [serialization_format]
    packages = ["scikit-learn", "numpy", "scipy", *extra]
    return Written(entry, pyfunc, packages, (lambda data, params: predict(data)) if predict else None)


def _write_skops(model: Any, file: Path, trusted: list[str] | None) -> None:
    skops_io = flavors.library("skops.io", "skops")
    try:
        skops_io.dump(model, file)
        unknown = sorted(set(skops_io.get_untrusted_types(file=file)) - set(trusted or []))
    except Exception as error:
        raise InvalidValue(
            f"skops can't keep this {type(model).__name__} ({error}). Say serialization_format='cloudpickle': loading "
            "it then runs code, and has to be allowed."
        ) from error
    if unknown:
        raise InvalidValue(
            f"The model holds types that skops does not know to be safe: {unknown}. If they are, say "
            "skops_trusted_types=[…]; loading then needs allow_pickle=True."
        )


def _read(saved: SavedModel) -> Any:
    entry = saved.mlmodel.flavors.get("sklearn") or {"pickled_model": _data_of(saved)}
    file = saved.path(entry.get("pickled_model") or _data_of(saved))
    kind = flavors.is_one_of({"serialization_format": "pickle"} | entry, "serialization_format", FORMATS, saved.folder)
    saved.add_code(entry)
    if kind == "skops":
        return _read_skops(saved, file)
    saved.require_trust(f"The scikit-learn model is a pickle ({file.name})")
    flavors.library("sklearn", "scikit-learn")
    library = pickle if kind == "pickle" else flavors.library("cloudpickle")
    with file.open("rb") as content:
        return library.load(content)


def _data_of(saved: SavedModel) -> Any:
    entry = saved.mlmodel.python_function or {}
    return entry.get("model_path") or entry.get("data")


def _read_skops(saved: SavedModel, file: Path) -> Any:
    """What skops knows to be safe, or all that is in the file where its maker is trusted.

    The MLmodel file lists types to trust, but whoever made the model wrote that list.
    """
    skops_io = flavors.library("skops.io", "skops")
    try:
        unknown = sorted(skops_io.get_untrusted_types(file=file))
        if unknown and not saved.allow_pickle:
            saved.require_trust(
                f"The scikit-learn model holds types that are not known to be safe ({', '.join(unknown)})"
            )
        return skops_io.load(file, trusted=unknown)
    except UnsafeModel:
        raise
    except Exception as error:
        raise InvalidModel(f"{file} can't be read by skops: {error}") from error


def _scorer(model: Any, saved: SavedModel) -> Scorer:
    name = (saved.mlmodel.python_function or {}).get("predict_fn", "predict")
    if name not in _PREDICT:
        raise InvalidModel(f"predict_fn: {name!r} of the model in {saved.folder} is none of {', '.join(_PREDICT)}.")
    predict = getattr(model, name)
    return lambda data, params: predict(data)


FLAVOR = Flavor("sklearn", "mlflow.sklearn", _write, _read, _scorer)
