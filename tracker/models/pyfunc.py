"""python_function: models of one's own, as an object (pickled with its class) or as a file of code."""

from __future__ import annotations

import importlib
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tracker.errors import InvalidModel, InvalidValue
from tracker.models import (
    code_model,
    environments,
    estimators,
    flavors,
    loading,
    logged,
    python_model,
    saving,
    stand_ins,
)
from tracker.models.flavors import Flavor, Scorer, Written
from tracker.models.logged import ModelInfo
from tracker.models.python_model import PythonModelContext
from tracker.models.saved import SavedModel

_PICKLE = "python_model.pkl"


@dataclass(frozen=True)
class LoadedPythonModel:
    """A model of code, with what it was saved with."""

    model: Any
    context: PythonModelContext


def save_model(python_model: Any, path: str | os.PathLike[str], **options: Any) -> None:
    """Save an object with `predict`, a function, or the path of a file of code; see tracker.models.save_model.

    `artifacts` are files or folders by name, which are copied; `model_config` is what the model may be told.
    """
    saving.save_model(python_model, path, flavor="python_function", **options)


def log_model(python_model: Any, name: str, **options: Any) -> ModelInfo:
    """Log a model of code; see tracker.models.log_model."""
    return logged.log_model(python_model, name, flavor="python_function", **options)


def load_model(uri: str | os.PathLike[str], *, allow_pickle: bool = False) -> Any:
    """The object itself, after its `load_context`; tracker.models.load_model gives one that checks its input."""
    return loading.load_native(uri, "python_function", allow_pickle=allow_pickle)


def _write(
    model: Any,
    folder: Path,
    *,
    artifacts: Mapping[str, str | os.PathLike[str]] | None = None,
    model_config: Mapping[str, Any] | None = None,
) -> Written:
    copied = {name: _copied(name, Path(place), folder) for name, place in (artifacts or {}).items()}
    paths = {name: str(folder / each["path"]) for name, each in copied.items()}
    pyfunc: dict[str, Any] = {"streamable": False}
    if copied:
        pyfunc["artifacts"] = copied
    if model_config is not None:
        pyfunc["config"] = dict(model_config)
    context = PythonModelContext(paths, model_config)
    if isinstance(model, (str, os.PathLike)):
        return _write_code(Path(model), folder, pyfunc, context)
    return _write_object(python_model.check(model), folder, pyfunc, context)


def _write_code(file: Path, folder: Path, pyfunc: dict[str, Any], context: PythonModelContext) -> Written:
    if file.suffix != ".py" or not file.is_file():
        raise InvalidValue(f"{file} is no file of Python code.")
    shutil.copyfile(file, folder / file.name)
    # Tried now, so that a file without a model is not found out when it is loaded.
    with stand_ins.for_mlflow():
        model = code_model.run(folder / file.name, context.model_config)
    pyfunc |= {"loader_module": "mlflow.pyfunc.loaders.code_model", "model_code_path": file.name}
    packages = environments.packages_in_code(file)
    return Written(None, pyfunc, packages, _prepared(model, context), python_model.signature_of(model))


def _write_object(model: Any, folder: Path, pyfunc: dict[str, Any], context: PythonModelContext) -> Written:
    cloudpickle = flavors.library("cloudpickle")
    with (folder / _PICKLE).open("wb") as file:
        _pickler(cloudpickle, file).dump(model)
    pyfunc |= {
        "loader_module": "mlflow.pyfunc.model",
        "python_model": _PICKLE,
        "cloudpickle_version": cloudpickle.__version__,
    }
    packages = ["cloudpickle", *environments.packages_in_pickle(folder / _PICKLE)]
    return Written(None, pyfunc, packages, _prepared(model, context), python_model.signature_of(model))


def _prepared(model: Any, context: PythonModelContext) -> Scorer:
    """What predicts with a model at hand, to try its example; `load_context` is called when it is first asked."""
    ready = False

    def predict(data: Any, params: dict[str, Any] | None) -> Any:
        nonlocal ready
        if not ready and hasattr(model, "load_context"):
            model.load_context(context)
        ready = True
        return python_model.predict(model, context, data, params)

    return predict


class _Named:
    """A module, pickled by its name."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __reduce__(self) -> tuple[Any, ...]:
        return importlib.import_module, (self.name,)


def _pickler(cloudpickle: Any, file: Any) -> Any:
    """Pickles our base class as MLflow's, so that MLflow loads the model without this package."""

    class Pickler(cloudpickle.Pickler):
        def reducer_override(self, item: Any) -> Any:
            if item in (python_model.PythonModel, python_model.PythonModelContext):
                return getattr, (_Named("mlflow.pyfunc.model"), item.__name__)
            return super().reducer_override(item)

    return Pickler(file)


def _copied(name: str, source: Path, folder: Path) -> dict[str, str]:
    """Copy an artifact into the model, and say where it is."""
    if not source.exists():
        raise InvalidValue(f"artifacts: {name!r} is to be {source}, which is not there.")
    place = folder / "artifacts" / source.resolve().name
    if place.exists():
        place = folder / "artifacts" / name.replace("/", "_") / source.resolve().name
    place.parent.mkdir(parents=True, exist_ok=True)
    (shutil.copytree if source.is_dir() else shutil.copyfile)(source, place)
    return {"path": place.relative_to(folder).as_posix(), "uri": str(source)}


def _read(saved: SavedModel) -> LoadedPythonModel:
    entry = saved.entry("python_function")
    artifacts = _artifacts(saved, entry.get("artifacts") or {})
    context = PythonModelContext(artifacts, entry.get("config"))
    saved.add_code(entry)
    with stand_ins.for_mlflow():
        model = _model_of(saved, entry)
        if hasattr(model, "load_context"):
            model.load_context(context)
    return LoadedPythonModel(model, context)


def _artifacts(saved: SavedModel, told: Any) -> dict[str, str]:
    try:
        return {name: str(saved.path(each["path"])) for name, each in told.items()}
    except (AttributeError, LookupError, TypeError):
        raise InvalidModel(f"artifacts of the model in {saved.folder} are no names with a path each.") from None


def _model_of(saved: SavedModel, entry: dict[str, Any]) -> Any:
    if entry.get("model_code_path"):
        # MLflow notes the path that the file had on its maker's machine.
        file = saved.path(Path(str(entry["model_code_path"]).replace("\\", "/")).name)
        saved.require_trust(f"The model is a file of code ({file.name})")
        return code_model.run(file, entry.get("config"))
    if entry.get("python_model_compression"):
        raise InvalidModel(f"The pickle in {saved.folder} is compressed, which is not read here. Save it without.")
    file = saved.path(entry.get("python_model"))
    saved.require_trust(f"The model is a pickle ({file.name})")
    return estimators.unpickled(flavors.library("cloudpickle"), file)


def _scorer(native: LoadedPythonModel, saved: SavedModel) -> Scorer:
    return lambda data, params: python_model.predict(native.model, native.context, data, params)


FLAVOR = Flavor("python_function", "mlflow.pyfunc.model", _write, _read, _scorer)
