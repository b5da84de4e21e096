"""Models that are Python code: the class to derive from, and how such code is called."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tracker.errors import InvalidValue


@dataclass(frozen=True)
class PythonModelContext:
    """What a model was saved with: its files by name (paths on this machine), and its configuration."""

    artifacts: Mapping[str, str] = field(default_factory=dict)
    model_config: Mapping[str, Any] | None = None


class PythonModel:
    """A model of your own: derive from it and say how to predict. `tracker.models.save_model` keeps the object."""

    def load_context(self, context: PythonModelContext) -> None:
        """Read what is needed from `context.artifacts`; called once, when the model is loaded."""

    def predict(self, context: PythonModelContext, model_input: Any, params: dict[str, Any] | None = None) -> Any:
        """The predictions for the input. `context` and `params` may be left out of the arguments."""
        raise NotImplementedError(f"{type(self).__name__} has no predict.")


def of_function(function: Callable[..., Any]) -> PythonModel:
    """A function from input (and params) to predictions, as a model."""
    takes_params = "params" in inspect.signature(function).parameters

    # Made here, so that it is pickled with its content: whoever loads it needs no package for it.
    class FunctionModel(PythonModel):
        func = staticmethod(function)

        def predict(self, context: Any, model_input: Any, params: dict[str, Any] | None = None) -> Any:
            return function(model_input, params=params) if takes_params else function(model_input)

    return FunctionModel()


def predict(model: Any, context: PythonModelContext, data: Any, params: dict[str, Any] | None) -> Any:
    """The predictions of a model, called with the arguments that its `predict` has."""
    arguments = inspect.signature(model.predict).parameters
    options = {"params": params} if "params" in arguments else {}
    hinted = inspect.signature(model.func).parameters if hasattr(model, "func") else arguments
    data = _as_hinted(data, hinted)
    if "context" in arguments or len([name for name in arguments if name != "params"]) == 2:
        return model.predict(context, data, **options)
    return model.predict(data, **options)


def check(model: Any) -> Any:
    """The object as a model: an instance with `predict`, or a function.

    Errors: InvalidValue.
    """
    if inspect.isclass(model):
        raise InvalidValue(f"{model.__name__} is a class. Give an instance of it: {model.__name__}().")
    if hasattr(model, "predict"):
        return model
    if callable(model):
        return of_function(model)
    raise InvalidValue(f"{type(model).__name__} is no model: derive a class from tracker.models.PythonModel.")


def _as_hinted(data: Any, arguments: Mapping[str, inspect.Parameter]) -> Any:
    """A data frame as the list of texts or dictionaries that `predict` says it takes."""
    hint = next((each.annotation for name, each in arguments.items() if name not in {"context", "params"}), None)
    said = str(hint).replace("typing.", "").lower()
    if not hasattr(data, "columns"):
        return data
    if said == "list[str]":
        texts = [name for name in data.columns if len(data) and isinstance(data[name].iloc[0], str)]
        if not texts:
            raise InvalidValue("The model takes texts; no column of the data holds any.")
        return data[texts[0]].tolist()
    return data.to_dict(orient="records") if said == "list[dict[str, str]]" else data
