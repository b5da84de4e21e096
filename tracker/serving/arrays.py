"""Arrays from the bodies of requests, as TensorFlow Serving words them: `inputs` by column, `instances` by row."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from tracker.models.signature import nested
from tracker.models.signature.schema import ColSpec, Schema, TensorSpec
from tracker.models.signature.types import AnyType, Array, DataType
from tracker.serving.answers import Refusal

Spec = ColSpec | TensorSpec


def from_inputs(told: Any, schema: Schema | None) -> Any:
    """An array, arrays by name, or objects, from JSON.

    Errors: Refusal.
    """
    try:
        return _converted_whole(told, schema)
    except Refusal:
        raise
    except Exception as error:
        raise Refusal(f"inputs can't become what the model takes: {error}") from None


def from_instances(told: Any, schema: Schema | None) -> Any:
    """The same from one item to each row; dictionaries become an array to each name.

    Errors: Refusal, also for arrays of several lengths.
    """
    try:
        is_by_name = isinstance(told, list) and told and isinstance(told[0], dict)
        data = _columns(told, schema) if is_by_name else _converted_whole(told, schema)
        if isinstance(data, dict):
            _check_lengths(data, schema)
    except Refusal:
        raise
    except Exception as error:
        raise Refusal(f"instances can't become what the model takes: {error}") from None
    return data


def _named(schema: Schema | None) -> dict[Any, Spec]:
    return {spec.name: spec for spec in schema} if schema is not None and schema.has_names else {}


def _columns(rows: list[Any], schema: Schema | None) -> dict[str, Any]:
    import numpy as np

    specs, columns = _named(schema), defaultdict(list)
    for row in rows:
        for name, value in row.items():
            columns[name].append(_converted(value, specs.get(name)))
    return {name: np.array(values) for name, values in columns.items()}


def _converted_whole(told: Any, schema: Schema | None) -> Any:
    specs = _named(schema)
    is_values = isinstance(told, list) and not any(isinstance(item, dict) for item in told)
    if len(specs) == 1 and is_values:
        told = {next(iter(specs)): told}
    elif schema is not None and not specs and (told is None or isinstance(told, dict)):
        raise Refusal("The model's only input has no name: give an array or a single value.")
    if isinstance(told, dict):
        return {name: _converted(value, specs.get(name)) for name, value in told.items()}
    if isinstance(told, list) and all(isinstance(item, dict) for item in told):
        return [{name: _converted(value, specs.get(name)) for name, value in item.items()} for item in told]
    return _converted(told, schema.inputs[0] if schema is not None else None)


def _converted(value: Any, spec: Spec | None) -> Any:
    """One value in the type of its input; an array where nothing says the type."""
    import numpy as np

    if spec is None:
        return np.array(value)
    if isinstance(spec, TensorSpec):
        return np.array(value, dtype=spec.type)
    kind = spec.type
    if isinstance(kind, DataType):
        return _scalars(value, np.dtype(kind.numpy_name))
    if isinstance(kind, AnyType):
        return value
    enforced = nested.enforce(value, kind, str(spec.name), spec.required)
    return np.array(enforced) if isinstance(kind, Array) else enforced


def _scalars(value: Any, dtype: Any) -> Any:
    import numpy as np

    return np.array(value, dtype) if isinstance(value, list) else np.array([value], dtype)[0]


def _check_lengths(data: dict[str, Any], schema: Schema | None) -> None:
    """Rows need a value for each name; lists of a signature may be of any length."""
    import numpy as np

    sized = {name: value for name, value in data.items() if isinstance(value, (list, np.ndarray))}
    if specs := _named(schema):
        counted = {name for name, spec in specs.items() if spec.required and not isinstance(spec.type, Array)}
        sized = {name: value for name, value in sized.items() if name in counted}
    if len({len(value) for value in sized.values()}) > 1:
        raise Refusal(f"instances has several lengths: { ({name: len(value) for name, value in sized.items()}) }.")
