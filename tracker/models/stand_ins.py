"""Stands in for MLflow's modules while a model is loaded that was written for them, where MLflow is not installed."""

from __future__ import annotations

import contextlib
import importlib.util
import sys
import threading
from collections.abc import Iterator
from types import ModuleType
from typing import Any, NamedTuple

from tracker.errors import MissingLibrary
from tracker.models import code_model, configuration, python_model

_lock = threading.RLock()


class _FunctionPythonModel(python_model.PythonModel):
    """A function that MLflow keeps as a model. Its pickle sets `func`."""

    func: Any

    def predict(self, context: Any, model_input: Any, params: dict[str, Any] | None = None) -> Any:
        return self.func(model_input)


class _TypeHints:
    """What a model's `predict` takes and gives, as MLflow noted it."""

    def __init__(self, input_: Any = None, output: Any = None) -> None:
        self.input, self.output = input_, output


class _FuncInfo(NamedTuple):
    input_type_hint: Any
    input_param_name: str


def _validate_model_input(args: Any, kwargs: Any, *told: Any) -> tuple[Any, Any]:
    """MLflow compares arguments with type hints here; ours were made to fit them before (python_model.predict)."""
    return args, kwargs


@contextlib.contextmanager
def for_mlflow() -> Iterator[None]:
    """Have `import mlflow` give the classes that models are written with.

    Errors: MissingLibrary for what only MLflow has.
    """
    with _lock:
        if "mlflow" in sys.modules or importlib.util.find_spec("mlflow"):
            yield
            return
        modules = _modules()
        sys.modules.update(modules)
        try:
            yield
        except ModuleNotFoundError as error:
            if not str(error.name).startswith("mlflow"):
                raise
            raise _only_mlflow(str(error.name)) from error
        finally:
            for name in modules:
                sys.modules.pop(name, None)


def _contents() -> dict[str, dict[str, Any]]:
    """The modules, with what models take from them."""
    classes = {
        "PythonModel": python_model.PythonModel,
        "PythonModelContext": python_model.PythonModelContext,
        "_FunctionPythonModel": _FunctionPythonModel,
    }
    setting = {"set_model": code_model.set_model}
    configuring = {"ModelConfig": configuration.ModelConfig}
    return {
        "mlflow": {},
        "mlflow.exceptions": {"MlflowException": type("MlflowException", (Exception,), {})},
        "mlflow.pyfunc": classes,
        "mlflow.pyfunc.model": classes,
        "mlflow.pyfunc.utils": {},
        "mlflow.pyfunc.utils.data_validation": {"_validate_model_input": _validate_model_input, "FuncInfo": _FuncInfo},
        "mlflow.models": setting | configuring,
        "mlflow.models.model": setting,
        "mlflow.models.model_config": configuring,
        "mlflow.models.signature": {"_TypeHints": _TypeHints},
    }


def _modules() -> dict[str, ModuleType]:
    modules: dict[str, ModuleType] = {}
    for name, content in _contents().items():
        modules[name] = _StandIn(name)
        vars(modules[name]).update(content)
        parent, _, last = name.rpartition(".")
        if parent:
            setattr(modules[parent], last, modules[name])
    return modules


class _StandIn(ModuleType):
    __path__: list[str] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise _only_mlflow(f"{self.__name__}.{name}")


def _only_mlflow(what: str) -> MissingLibrary:
    return MissingLibrary(f"The model uses {what}, which only MLflow has: pip install mlflow.")
