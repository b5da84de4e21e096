"""What the type hints of `predict` say of a model's input and output, and data checked against them.

Which hints mean which types is MLflow's (mlflow 3.17, types/type_hints.py): `list[T]` is what `predict` takes, where T
is int, str, bool, float, bytes, datetime, a list, a dict with texts as keys, a model of pydantic, or Any.
"""

from __future__ import annotations

import datetime as dt
import types
import typing
from collections.abc import Callable
from typing import Any, Union, get_args, get_origin

from tracker.errors import InvalidValue, SignatureMismatch
from tracker.models.signature.schema import ColSpec, ModelSignature, Schema
from tracker.models.signature.types import AnyType, Array, ColumnType, DataType, Map, Object, Property
from tracker.notices import warn

_SCALARS = {
    int: DataType.long, str: DataType.string, bool: DataType.boolean, float: DataType.double, bytes: DataType.binary,
    dt.datetime: DataType.datetime,
}  # fmt: skip
_UNIONS = (Union, getattr(types, "UnionType", Union))
_NOT_INPUT = {"self", "context", "params", "return"}


class _Unknown(Exception):
    """A hint that no type stands for."""


def signature_of(predict: Callable[..., Any]) -> ModelSignature | None:
    """The signature that the hints of a function say; None where its input has none, or one that says no columns.

    Errors: InvalidValue for a list or dictionary without a type of its elements, and for an input that may be None.
    """
    hint = input_hint(predict)
    if hint is None or _is_frame(hint):
        return None
    try:
        inputs = _schema(_element(hint))
    except _Unknown as error:
        warn(f"no signature is taken from type hints: {error}")
        return None
    return ModelSignature(inputs, _outputs(_hints(predict).get("return")))


def input_hint(predict: Callable[..., Any]) -> Any:
    """The hint of what a function takes first; None for none."""
    return next((hint for name, hint in _hints(predict).items() if name not in _NOT_INPUT), None)


def _hints(predict: Callable[..., Any]) -> dict[str, Any]:
    try:
        return typing.get_type_hints(predict)
    except Exception:
        # Names that were there for the type checker alone.
        return {}


def _is_frame(hint: Any) -> bool:
    """A data frame, an array: they say nothing of their columns."""
    return getattr(hint, "__module__", "").partition(".")[0] in {"pandas", "numpy", "scipy", "polars"}


def _element(hint: Any) -> Any:
    if hint is list or hint is typing.List:  # noqa: UP006 - people write it
        raise InvalidValue("The input of predict is hinted as a list of nothing. Say of what, as list[str].")
    if get_origin(hint) is not list:
        raise _Unknown(f"{_named(hint)} is no list, and predict takes several inputs: write list[{_named(hint)}].")
    return get_args(hint)[0]


def _schema(hint: Any) -> Schema:
    kind, required = _type_of(hint)
    if not required:
        raise InvalidValue("The input of predict can't be None. Hint it without Optional.")
    return Schema([ColSpec(kind)])


def _outputs(hint: Any) -> Schema:
    try:
        return _schema(_element(hint) if get_origin(hint) is list else hint)
    except (_Unknown, InvalidValue):
        return Schema([ColSpec(AnyType())])


def _type_of(hint: Any) -> tuple[ColumnType, bool]:
    """The type that a hint stands for, and whether a value has to be there."""
    if hint is Any:
        return AnyType(), True
    if isinstance(hint, type) and hint in _SCALARS:
        return _SCALARS[hint], True
    if _is_pydantic(hint):
        return _object_of(hint), True
    origin, parts = get_origin(hint), get_args(hint)
    if origin is list:
        return Array(_type_of(parts[0])[0]), True
    if origin is dict:
        if parts[0] is not str:
            raise InvalidValue(f"{_named(hint)}: a dictionary has texts as keys here. Write dict[str, …].")
        return Map(_type_of(parts[1])[0]), True
    if origin in _UNIONS:
        return _of_union(parts)
    if hint in (list, dict):
        raise InvalidValue(f"{_named(hint)} says nothing of its elements. Write list[…] or dict[str, …].")
    raise _Unknown(f"{_named(hint)} is none of the types that a signature has.")


def _of_union(parts: tuple[Any, ...]) -> tuple[ColumnType, bool]:
    meant = [part for part in parts if part is not type(None)]
    required = len(meant) == len(parts)
    return (_type_of(meant[0])[0] if len(meant) == 1 else AnyType()), required


def _is_pydantic(hint: Any) -> bool:
    return isinstance(hint, type) and hasattr(hint, "model_fields") and hasattr(hint, "model_validate")


def _object_of(model: Any) -> Object:
    properties = []
    for name, field in model.model_fields.items():
        kind, required = _type_of(field.annotation)
        if not required and field.is_required():
            raise InvalidValue(f"{model.__name__}.{name} may be None, but has no default. Give it one: = None.")
        properties.append(Property(name, kind, required))
    return Object(tuple(properties))


def _named(hint: Any) -> str:
    return hint.__name__ if isinstance(hint, type) and not get_args(hint) else str(hint)


def validated(data: Any, hint: Any) -> Any:
    """Data as a function with this hint takes it: a list, of models of pydantic where it says so.

    Nothing is converted but a data frame into the list of its rows. Errors: SignatureMismatch names the element.
    """
    if hasattr(data, "columns") and hasattr(data, "to_dict"):
        data = _rows(data, get_args(hint)[0])
    return _checked(data, hint, "input")


def _rows(frame: Any, element: Any) -> list[Any]:
    is_record = element is dict or _is_pydantic(element)
    if is_record and list(frame.columns) != [0]:
        return [_plain(row) for row in frame.to_dict(orient="records")]
    if len(frame.columns) != 1:
        warn(f"the model takes a list of {_named(element)}: the first of {len(frame.columns)} columns was taken.")
    return [_plain(value) for value in frame.iloc[:, 0].tolist()]


def _plain(value: Any) -> Any:
    """Lists in place of arrays, and None in place of NaN, which a data frame makes of them."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return None if isinstance(value, float) and value != value else value


def _checked(value: Any, hint: Any, place: str) -> Any:
    if hint is Any:
        return value
    if _is_pydantic(hint):
        return _as_pydantic(value, hint, place)
    origin, parts = get_origin(hint), get_args(hint)
    if origin is list:
        _require(value, list, hint, place)
        return [_checked(item, parts[0], f"{place}[{number}]") for number, item in enumerate(value)]
    if origin is dict:
        _require(value, dict, hint, place)
        for key in value:
            _require(key, str, str, f"the key {key!r} of {place}")
        return {key: _checked(item, parts[1], f"{place}.{key}") for key, item in value.items()}
    if origin in _UNIONS:
        meant = [part for part in parts if part is not type(None)]
        is_plain = len(meant) > 1 or (value is None and len(meant) < len(parts))
        return value if is_plain else _checked(value, meant[0], place)
    _require(value, hint, hint, place)
    return value


def _require(value: Any, kind: type[Any], hint: Any, place: str) -> None:
    if not isinstance(value, kind):
        raise SignatureMismatch(f"{place} is {str(value)[:80]!r} ({type(value).__name__}), not {_named(hint)}.")


def _as_pydantic(value: Any, model: Any, place: str) -> Any:
    told = value.model_dump() if hasattr(value, "model_dump") else value
    _require(told, dict, model, place)
    try:
        model.model_validate(told, strict=True)
    except ValueError as error:
        raise SignatureMismatch(f"{place} is no {model.__name__}: {error}") from None
    return model(**told) if isinstance(value, dict) else value
