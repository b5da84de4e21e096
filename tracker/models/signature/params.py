"""Values of params, as a signature types them: whole numbers may stand for larger or real ones, and nothing else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tracker.errors import InvalidValue
from tracker.models.signature.types import DataType, Object
from tracker.notices import warn_once

if TYPE_CHECKING:
    from tracker.models.signature.schema import ParamSchema

_PYTHON = {"boolean": bool, "integer": int, "long": int, "float": float, "double": float, "string": str}
#: Which types of numpy stand for each, beside Python's own.
_NUMPY = {
    "boolean": {"bool"}, "integer": {"int32"}, "long": {"int64", "int32"}, "float": {"float32", "int32", "int64"},
    "double": {"float64", "float32", "int32", "int64"}, "string": {"str"},
}  # fmt: skip


def enforced(params: Mapping[str, Any] | None, schema: ParamSchema | None) -> dict[str, Any] | None:
    """The params that a model is given: those of the schema, with defaults for what was not said.

    Others are left out, and said. None where neither the model knows params nor any were given.

    Errors: InvalidValue for what is no mapping, and for values of a wrong type.
    """
    if params is not None and not isinstance(params, Mapping):
        raise InvalidValue(f"params={params!r} is no dictionary. Write it like {{'temperature': 0.5}}.")
    if schema is None:
        if params is None:
            return None
        if params:
            warn_once(f"the model's signature has no params: {sorted(map(str, params))} are ignored.")
        return {}
    given = {str(key): value for key, value in (params or {}).items()}
    known = {spec.name: spec for spec in schema}
    if unknown := sorted(given.keys() - known.keys()):
        warn_once(f"the model has no params {unknown}: they are ignored. It has {sorted(known)}.")
    taken = {name: known[name].value_of(value) for name, value in given.items() if name in known}
    return taken | {name: spec.default for name, spec in known.items() if name not in given}


def value_of(value: Any, name: str, dtype: DataType | Object, shape: tuple[int, ...] | None) -> Any:
    """A value of a param as its type asks: Python's own numbers and texts.

    Errors: InvalidValue.
    """
    if shape is not None:
        if shape != (-1,):
            raise InvalidValue(f"The param {name!r} has the shape {shape}; it is None for one value, or (-1,).")
        return [_scalar(item, name, dtype) for item in _items(value, name)]
    if isinstance(dtype, Object):
        from tracker.models.signature.nested import enforce

        enforce(value, dtype, f"params.{name}")
        return value
    return _scalar(value, name, dtype)


def plain(value: Any) -> Any:
    """Times as text; all else as it is."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, dt.date) else value


def _items(value: Any, name: str) -> list[Any]:
    if not isinstance(value, list) and not hasattr(value, "ndim"):
        raise InvalidValue(f"The param {name!r} is a list, not {value!r}.")
    items = value if isinstance(value, list) else value.tolist() if value.ndim == 1 else [[]]
    if any(isinstance(item, (list, tuple)) for item in items):
        raise InvalidValue(f"The param {name!r} is a list of single values, not of lists.")
    return items


def _scalar(value: Any, name: str, dtype: DataType | Object) -> Any:
    if value is None:
        return None
    if dtype is DataType.datetime:
        return _time(value, name)
    if not isinstance(dtype, DataType) or not _may_stand_for(value, dtype):
        kind = dtype.value if isinstance(dtype, DataType) else "object"
        raise InvalidValue(f"The param {name!r} is of the type {kind}; {value!r} ({type(value).__name__}) is not.")
    return _PYTHON[dtype.value](value)


def _may_stand_for(value: Any, dtype: DataType) -> bool:
    kind = type(value)
    if kind is _PYTHON[dtype.value]:
        return True
    if kind is int:
        return dtype in {DataType.float, DataType.double}
    return hasattr(value, "dtype") and value.dtype.name.rstrip("0123456789") in _stems(dtype) and _fits(value, dtype)


def _stems(dtype: DataType) -> set[str]:
    return {name.rstrip("0123456789") for name in _NUMPY[dtype.value]}


def _fits(value: Any, dtype: DataType) -> bool:
    return dtype is DataType.string or value.dtype.name in _NUMPY[dtype.value]


def _time(value: Any, name: str) -> Any:
    import numpy as np

    try:
        time = np.datetime64(value).item()
    except ValueError:
        time = None
    if not isinstance(time, dt.date):
        raise InvalidValue(f"The param {name!r} is a time such as '2026-11-29T10:00:00'; {value!r} is not.")
    return time
