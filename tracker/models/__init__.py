"""Models: saved as MLflow saves them, logged, and loaded again. docs/models.md tells it all.

tracker.models.save_model(classifier, "digits", input_example=images[:2])
tracker.models.load_model("digits").predict(images)

Each library has a module: tracker.models.sklearn, .pyfunc, .onnx, .xgboost, .lightgbm, .pytorch, .keras, .transformers.
"""

import importlib
from typing import Any

from tracker.models.aliases import set_alias
from tracker.models.code_model import set_model
from tracker.models.configuration import ModelConfig
from tracker.models.loading import LoadedModel, load_model
from tracker.models.logged import ModelInfo, log_model
from tracker.models.mlmodel import MLModel
from tracker.models.python_model import PythonModel, PythonModelContext
from tracker.models.saving import save_model
from tracker.models.signature import ModelSignature, infer_signature
from tracker.models.spark import spark_udf

_MODULES = {"keras", "lightgbm", "onnx", "pyfunc", "pytorch", "sklearn", "transformers", "xgboost"}


def __getattr__(name: str) -> Any:
    """The module of a library is imported when it is first used."""
    if name in _MODULES:
        return importlib.import_module(f"tracker.models.{name}")
    raise AttributeError(f"module 'tracker.models' has no attribute {name!r}")


__all__ = [
    "LoadedModel",
    "MLModel",
    "ModelConfig",
    "ModelInfo",
    "ModelSignature",
    "PythonModel",
    "PythonModelContext",
    "infer_signature",
    "load_model",
    "log_model",
    "save_model",
    "set_alias",
    "set_model",
    "spark_udf",
]
