"""The flavors: one module for each library, found by name, by MLflow's loader, or by a model's type."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tracker.errors import InvalidValue, MissingLibrary
from tracker.models.saved import SavedModel
from tracker.models.signature.schema import ModelSignature

#: Data (and params) in, predictions out.
Scorer = Callable[[Any, dict[str, Any] | None], Any]


@dataclass(frozen=True)
class Written:
    """What a flavor put into a model's folder.

    `entry` is for its own part of the MLmodel file (None for python_function alone), `pyfunc` for python_function's
    (None for a model that can't predict), `packages` are what loading needs, `scorer` predicts with the model at hand.
    `hinted` is the signature that its type hints say.
    """

    entry: dict[str, Any] | None
    pyfunc: dict[str, Any] | None
    packages: list[str] = field(default_factory=list)
    scorer: Scorer | None = None
    hinted: ModelSignature | None = None


@dataclass(frozen=True)
class Flavor:
    """One way to keep models.

    `write(model, folder, **options)` puts one into a folder; `read(saved)` gives it back as its library has it;
    `scorer(model, saved)` makes of that what predicts. `loader_module` is MLflow's name for the last two.
    """

    name: str
    loader_module: str
    write: Callable[..., Written]
    read: Callable[[SavedModel], Any]
    scorer: Callable[[Any, SavedModel], Scorer]


_MODULES = {
    "python_function": "pyfunc", "sklearn": "sklearn", "onnx": "onnx", "xgboost": "xgboost", "lightgbm": "lightgbm",
    "pytorch": "pytorch", "keras": "keras", "transformers": "transformers",
}  # fmt: skip
_ALSO = {"pyfunc": "python_function", "torch": "pytorch", "scikit-learn": "sklearn"}
_LOADERS = {
    "mlflow.sklearn": "sklearn", "mlflow.onnx": "onnx", "mlflow.xgboost": "xgboost", "mlflow.lightgbm": "lightgbm",
    "mlflow.pytorch": "pytorch", "mlflow.keras": "keras",
    "mlflow.transformers": "transformers", "mlflow.pyfunc.model": "python_function",
    "mlflow.pyfunc.loaders.code_model": "python_function",
}  # fmt: skip
#: Where a model's class, or one that it is made from, comes from.
_ROOTS = {
    "sklearn": "sklearn", "xgboost": "xgboost", "lightgbm": "lightgbm", "onnx": "onnx", "torch": "pytorch",
    "keras": "keras", "transformers": "transformers",
}  # fmt: skip


def named(name: str) -> Flavor:
    """The flavor of a name.

    Errors: InvalidValue.
    """
    module = _MODULES.get(_ALSO.get(name, name))
    if module is None:
        raise InvalidValue(f"{name!r} is no flavor. Flavors are {', '.join(_MODULES)}.")
    flavor: Flavor = importlib.import_module(f"tracker.models.{module}").FLAVOR
    return flavor


def of_loader(loader_module: str) -> Flavor | None:
    """The flavor that stands for a loader of MLflow; None for a loader that came with the model."""
    name = _LOADERS.get(loader_module)
    return named(name) if name else None


def of_model(model: Any) -> Flavor:
    """The flavor for a model's type.

    Errors: InvalidValue.
    """
    if isinstance(model, (str, os.PathLike)):
        return named("python_function")
    for base in type(model).__mro__:
        root = base.__module__.partition(".")[0]
        if base.__name__ == "PythonModel" and root in {"tracker", "mlflow"}:
            return named("python_function")
        if root in _ROOTS:
            return named(_ROOTS[root])
    if callable(model):
        return named("python_function")
    raise InvalidValue(
        f"No flavor is known for {type(model).__name__}. Say flavor=…, or wrap it in a tracker.models.PythonModel."
    )


def library(name: str, package: str = "") -> Any:
    """A library that a flavor needs, imported.

    Errors: MissingLibrary.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise MissingLibrary(
            f"This model needs {name}, which can't be imported ({error}): pip install {package or name}."
        ) from None
