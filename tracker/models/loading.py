"""Loads models: to predict, whatever made them, or as their library has them."""

from __future__ import annotations

import importlib
import inspect
import os
from collections.abc import Callable
from typing import Any, TypeVar

from tracker.errors import InvalidModel, MissingLibrary, TrackerError
from tracker.models import examples, flavors, stand_ins, uris
from tracker.models.flavors import Flavor, Scorer
from tracker.models.mlmodel import PYTHON_FUNCTION, MLModel
from tracker.models.saved import SavedModel
from tracker.models.signature import enforcement
from tracker.models.signature import params as param_values
from tracker.models.signature.schema import ModelSignature

_Made = TypeVar("_Made")


class LoadedModel:
    """A model that predicts. What it is given is checked against its signature first."""

    def __init__(self, saved: SavedModel, native: Any, scorer: Scorer) -> None:
        self.saved = saved
        self.metadata: MLModel = saved.mlmodel
        self.signature: ModelSignature | None = saved.mlmodel.signature
        self._native, self._scorer = native, scorer
        #: Signatures from type hints are checked by the model itself.
        self._checks_itself = bool(saved.mlmodel.fields.get("is_signature_from_type_hint"))

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:
        """The predictions for the data, as the model gives them.

        Errors: SignatureMismatch for data that the signature does not take; InvalidValue for such params.
        """
        return self.predict_checked(*self.checked(data, params))

    def predict_checked(self, data: Any, params: dict[str, Any] | None) -> Any:
        """The predictions for what `checked` gave."""
        return self._scorer(data, params)

    def checked(self, data: Any, params: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any] | None]:
        """The data and params as the model gets them.

        Errors: as of `predict`.
        """
        known = self.signature
        if known is not None and not self._checks_itself:
            data = enforcement.enforced(data, known.inputs)
        return data, param_values.enforced(params, known.params if known else None)

    def unwrap(self) -> Any:
        """The model as its library has it."""
        return getattr(self._native, "model", self._native) if _is_python(self._native) else self._native

    @property
    def input_example(self) -> Any:
        """The data that the model was saved with as an example; None for none."""
        return examples.read(self.saved)[0]


def load_model(uri: str | os.PathLike[str], *, allow_pickle: bool = False) -> LoadedModel:
    """Load a model to predict with it.

    `uri` is a folder, `models:/name/3`, `models:/name@alias`, `models:/m-…`, `runs:/run_id/path` or
    `s3://bucket/prefix`. `allow_pickle` lets code run that came with the model, as in pickles: say it only if you trust
    whoever made the model.

    Errors: UnsafeModel for such models otherwise; InvalidModel for what is none; MissingLibrary.
    """
    return load(SavedModel.at(uris.folder_of(uri), allow_pickle=allow_pickle))


def load(saved: SavedModel) -> LoadedModel:
    """Load a model from its folder; see `load_model`."""
    entry = saved.mlmodel.python_function
    if entry is None:
        has = ", ".join(saved.mlmodel.flavors)
        raise InvalidModel(
            f"The model in {saved.folder} has no flavor python_function, so it can't predict here. It has {has}: "
            "load it with that flavor's module."
        )
    flavor = flavors.of_loader(str(entry.get("loader_module")))
    saved.add_code(entry)
    if flavor is None:
        native = _by_own_loader(saved, entry)
        return LoadedModel(saved, native, _scorer_of(native, saved))
    native = _read(flavor, saved)
    return LoadedModel(saved, native, _of_flavor(flavor, saved, lambda: flavor.scorer(native, saved)))


def load_native(uri: str | os.PathLike[str], flavor: str, *, allow_pickle: bool = False) -> Any:
    """Load a model as its library has it.

    Errors: as of `load_model`.
    """
    saved = SavedModel.at(uris.folder_of(uri), allow_pickle=allow_pickle)
    chosen = flavors.named(flavor)
    saved.entry(chosen.name)
    native = _read(chosen, saved)
    return native.model if _is_python(native) else native


def _read(flavor: Flavor, saved: SavedModel) -> Any:
    return _of_flavor(flavor, saved, lambda: flavor.read(saved))


def _of_flavor(flavor: Flavor, saved: SavedModel, made: Callable[[], _Made]) -> _Made:
    """What a flavor makes of files that anyone may have written: libraries fail in their own ways.

    Errors: InvalidModel in place of a library's; of a model of code that is trusted, those that it raises.
    """
    try:
        return made()
    except TrackerError:
        raise
    except Exception as error:
        if flavor.name == PYTHON_FUNCTION and saved.allow_pickle:
            raise
        told = f"{type(error).__name__}: {error}"[:500]
        raise InvalidModel(f"The model in {saved.folder} can't be read by {flavor.name}: {told}") from error


def _is_python(native: Any) -> bool:
    from tracker.models.pyfunc import LoadedPythonModel

    return isinstance(native, LoadedPythonModel)


def _by_own_loader(saved: SavedModel, entry: dict[str, Any]) -> Any:
    """What a loader gives that came with the model, or that is installed: a module with `_load_pyfunc`."""
    name = str(entry.get("loader_module"))
    if not all(part.isidentifier() for part in name.split(".")):
        raise InvalidModel(f"loader_module: {name[:80]!r} of the model in {saved.folder} is no name of a module.")
    saved.require_trust(f"The model is loaded by the module {name!r}")
    data = entry.get("model_path") or entry.get("data")
    place = saved.path(data) if data else saved.folder
    with stand_ins.for_mlflow():
        try:
            module = importlib.import_module(name)
        except ImportError as error:
            if name.partition(".")[0] == "mlflow":
                raise MissingLibrary(f"The model in {saved.folder} is loaded by {name}: pip install mlflow.") from error
            raise InvalidModel(
                f"The model in {saved.folder} is loaded by {name!r}, which can't be imported: {error}"
            ) from error
        # MLflow before 1.0 has it without the underscore.
        load = getattr(module, "_load_pyfunc", None) or getattr(module, "load_pyfunc", None)
        if load is None:
            raise InvalidModel(
                f"The module {name!r}, which is to load the model in {saved.folder}, has no _load_pyfunc."
            )
        return load(str(place))


def _scorer_of(native: Any, saved: SavedModel) -> Scorer:
    if not callable(getattr(native, "predict", None)):
        raise InvalidModel(f"The loader of the model in {saved.folder} gives {type(native).__name__}, without predict.")
    takes_params = "params" in inspect.signature(native.predict).parameters
    return lambda data, params: native.predict(data, params=params) if takes_params else native.predict(data)
