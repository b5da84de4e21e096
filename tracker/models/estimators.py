"""Files of estimators that follow scikit-learn: skops, which is safe to load for types that are known, or a pickle."""

from __future__ import annotations

import pickle
from collections.abc import Collection
from pathlib import Path
from typing import Any

from tracker.errors import InvalidModel, InvalidValue, UnsafeModel
from tracker.models import flavors
from tracker.models.saved import SavedModel

FORMATS = ("skops", "pickle", "cloudpickle")


def write(model: Any, folder: Path, kind: str, trusted: Collection[str]) -> str:
    """Put an estimator into a folder. Returns the file's name.

    Errors: InvalidValue for an unknown format, and for what skops can't keep or does not know to be safe.
    """
    if kind not in FORMATS:
        raise InvalidValue(f"serialization_format={kind!r} is none of {', '.join(FORMATS)}.")
    if kind == "skops":
        _write_skops(model, folder / "model.skops", trusted)
        return "model.skops"
    with (folder / "model.pkl").open("wb") as file:
        _pickling(kind).dump(model, file, protocol=pickle.DEFAULT_PROTOCOL)
    return "model.pkl"


def read(saved: SavedModel, file: Path, kind: str, safe: Collection[str] = ()) -> Any:
    """The estimator in a file. `safe` are types that are safe beside those that skops knows.

    Errors: UnsafeModel, InvalidModel.
    """
    if kind not in FORMATS:
        raise InvalidModel(f"serialization_format: {kind!r} of the model in {saved.folder} is not known.")
    if kind == "skops":
        return _read_skops(saved, file, safe)
    saved.require_trust(f"The model is a pickle ({file.name})")
    with file.open("rb") as content:
        return _pickling(kind).load(content)


def _pickling(kind: str) -> Any:
    return pickle if kind == "pickle" else flavors.library("cloudpickle")


def _write_skops(model: Any, file: Path, trusted: Collection[str]) -> None:
    skops_io = flavors.library("skops.io", "skops")
    try:
        skops_io.dump(model, file)
        unknown = sorted(set(skops_io.get_untrusted_types(file=file)) - set(trusted))
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
