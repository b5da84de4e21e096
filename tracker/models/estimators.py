"""Files of estimators that follow scikit-learn: skops, which is safe to load for types that are known, or a pickle."""

from __future__ import annotations

import pickle
from collections.abc import Collection
from pathlib import Path
from typing import Any

from tracker.errors import InvalidModel, InvalidValue, UnsafeModel
from tracker.models import flavors
from tracker.models.saved import SavedModel
from tracker.notices import warn

FORMATS = ("skops", "pickle", "cloudpickle")


#: Types that skops does not know, and that hold nothing but numbers and words.
SAFE_TYPES = (
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
)


def write(
    model: Any, folder: Path, kind: str, trusted: Collection[str] | None, safe: Collection[str] = SAFE_TYPES
) -> tuple[str, list[str] | None]:
    """Put an estimator into a folder. Returns the file's name, and the types that MLflow is to trust in it.

    `trusted` names the types that may be in it beside those that are `safe`; None leaves that open: whoever saves a
    model trusts it. Errors: InvalidValue for an unknown format, for what skops can't keep, and for other types.
    """
    if kind not in FORMATS:
        raise InvalidValue(f"serialization_format={kind!r} is none of {', '.join(FORMATS)}.")
    if kind == "skops":
        unknown = _write_skops(model, folder / "model.skops")
        _look_at(sorted(unknown - set(safe)), trusted)
        return "model.skops", sorted({*unknown, *(trusted or ())}) or None
    with (folder / "model.pkl").open("wb") as file:
        _pickling(kind).dump(model, file, protocol=pickle.DEFAULT_PROTOCOL)
    return "model.pkl", None


def read(saved: SavedModel, file: Path, kind: str, safe: Collection[str] = SAFE_TYPES) -> Any:
    """The estimator in a file. `safe` are types that are safe beside those that skops knows.

    Errors: UnsafeModel, InvalidModel.
    """
    if kind not in FORMATS:
        raise InvalidModel(f"serialization_format: {kind!r} of the model in {saved.folder} is not known.")
    if kind == "skops":
        return _read_skops(saved, file, safe)
    saved.require_trust(f"The model is a pickle ({file.name})")
    return unpickled(_pickling(kind), file)


def unpickled(library: Any, file: Path) -> Any:
    """What is in a pickle. Whoever calls this has asked whether its code may run.

    Errors: InvalidModel.
    """
    try:
        with file.open("rb") as content:
            return library.load(content)
    except Exception as error:
        raise InvalidModel(f"{file} can't be unpickled: {type(error).__name__}: {error}") from error


def method(model: Any, name: str, saved: SavedModel) -> Any:
    """The method of an estimator that predicts.

    Errors: InvalidModel.
    """
    found = getattr(model, name, None)
    if not callable(found):
        raise InvalidModel(f"The model in {saved.folder} is a {type(model).__name__}, which has no {name}.")
    return found


def _pickling(kind: str) -> Any:
    return pickle if kind == "pickle" else flavors.library("cloudpickle")


def _write_skops(model: Any, file: Path) -> set[str]:
    """Returns the types that skops does not know to be safe."""
    skops_io = flavors.library("skops.io", "skops")
    try:
        skops_io.dump(model, file)
        return set(skops_io.get_untrusted_types(file=file))
    except Exception as error:
        raise InvalidValue(
            f"skops can't keep this {type(model).__name__} ({error}). Say serialization_format='cloudpickle': loading "
            "it then runs code, and has to be allowed."
        ) from error


def _look_at(unknown: list[str], trusted: Collection[str] | None) -> None:
    """Say, or refuse, that a model holds types which are not known to be safe."""
    if trusted is None:
        if unknown:
            warn(f"loading this model needs allow_pickle=True: skops does not know {', '.join(unknown)} to be safe.")
        return
    others = [name for name in unknown if name not in trusted]
    if others:
        raise InvalidValue(
            f"The model holds types beside your skops_trusted_types that are not known to be safe: {others}. Add them, "
            "or say nothing of types; loading needs allow_pickle=True either way."
        )


def _read_skops(saved: SavedModel, file: Path, safe: Collection[str]) -> Any:
    """What is known to be safe, or all that is in the file where its maker is trusted.

    The MLmodel file lists types to trust, but whoever made the model wrote that list.
    """
    skops_io = flavors.library("skops.io", "skops")
    try:
        types = sorted(skops_io.get_untrusted_types(file=file))
        if unknown := [name for name in types if name not in safe]:
            saved.require_trust(f"The model holds types that are not known to be safe ({', '.join(unknown)})")
        return skops_io.load(file, trusted=types)
    except UnsafeModel:
        raise
    except Exception as error:
        raise InvalidModel(f"{file} can't be read by skops: {error}") from error
