"""Models from code: a file that, when it runs, makes a model and hands it over with `set_model`."""

from __future__ import annotations

import contextlib
import importlib.util
import sys
import threading
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tracker.errors import InvalidModel
from tracker.models import configuration, python_model

_given = threading.local()


def set_model(model: Any) -> None:
    """Say, in a file of code, which object is the model: an instance with `predict`, or a function.

    Errors: InvalidValue for anything else.
    """
    _given.model = python_model.check(model)
    # The same file may be read by MLflow.
    mlflow = sys.modules.get("mlflow.models.model")
    if mlflow is not None and hasattr(mlflow, "__mlflow_model__"):
        mlflow.set_model(model)


def run(file: Path, config: Mapping[str, Any] | None = None) -> Any:
    """The model that a file of code makes, given the configuration that it is saved with. Whoever calls this has asked
    whether the code may run.

    Errors: InvalidModel for a file without `set_model`; whatever the code raises.
    """
    _given.model = None
    name = f"model_code_{uuid.uuid4().hex}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise InvalidModel(f"{file} is no Python code: its name has to end in .py.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        # Importing MLflow to tell it takes seconds.
        asks = b"ModelConfig" in file.read_bytes()
        with configuration.saved_with(config) if asks else contextlib.nullcontext():
            spec.loader.exec_module(module)
        mlflow = sys.modules.get("mlflow.models.model")
        model = _given.model or getattr(mlflow, "__mlflow_model__", None)
    finally:
        _given.model = None
    if model is None:
        raise InvalidModel(f"{file} makes no model: at its end call tracker.models.set_model(…) with it.")
    return python_model.check(model)
