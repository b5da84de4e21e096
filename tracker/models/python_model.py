"""Models that are Python code: the class to derive from, and how such code is called."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tracker.errors import InvalidValue
from tracker.models.signature import hints
from tracker.models.signature.schema import ModelSignature


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
    hint = hints.input_hint(_hinted(model))
    if typing.get_origin(hint) is list:
        data = hints.validated(data, hint)
    if "context" in arguments or len([name for name in arguments if name != "params"]) == 2:
        return model.predict(context, data, **options)
    return model.predict(data, **options)


def signature_of(model: Any) -> ModelSignature | None:
    """The signature that the type hints of a model's `predict` say; None for none.

    Errors: InvalidValue for hints that can't be.
    """
    return hints.signature_of(_hinted(model))


def _hinted(model: Any) -> Callable[..., Any]:
    """The function that carries the hints: a function that was made a model has its own."""
    return getattr(model, "func", model.predict)


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
