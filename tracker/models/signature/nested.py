"""Values within a column: lists, objects, maps and scalars, as a signature types them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tracker.errors import SignatureMismatch
from tracker.models.signature import columns
from tracker.models.signature.types import AnyType, Array, ColumnType, DataType, Map, Object


def enforce(value: Any, dtype: ColumnType, place: str, required: bool = True) -> Any:
    """A value of the type, converted where that changes nothing. `place` names it in errors.

    Errors: SignatureMismatch.
    """
    if isinstance(dtype, DataType):
        return _scalar(value, dtype, place, required)
    if isinstance(dtype, Array):
        return _list(value, dtype, place, required)
    if isinstance(dtype, Object):
        return _object(value, dtype, place, required)
    if isinstance(dtype, Map):
        return _map(value, dtype, place, required)
    return value


def is_missing(value: Any) -> bool:
    """Whether it stands for no value."""
    import pandas as pd

    if isinstance(value, float):
        return value != value
    return value is None or value is pd.NA or value is pd.NaT


def _scalar(value: Any, dtype: DataType, place: str, required: bool) -> Any:
    import numpy as np
    import pandas as pd

    if not required and is_missing(value):
        return None
    if not np.isscalar(value):
        raise _not(value, dtype.value, place)
    return columns.enforced(pd.Series(value), dtype, place)[0]


def _list(value: Any, dtype: Array, place: str, required: bool) -> Any:
    import numpy as np

    if value is None and (not required or isinstance(dtype.dtype, AnyType)):
        return None
    if not isinstance(value, (list, np.ndarray)):
        raise _not(value, "a list", place)
    if len(value) == 0:
        return value
    items = _items(value, dtype.dtype, place, required)
    if isinstance(value, list):
        return items.tolist() if isinstance(items, np.ndarray) else items
    return np.array(items)


def _items(value: Any, dtype: ColumnType, place: str, required: bool) -> Any:
    import pandas as pd

    if isinstance(dtype, DataType):
        return columns.enforced(pd.Series(value), dtype, place).to_numpy(dtype=dtype.numpy_name)
    return [enforce(item, dtype, f"{place}[{number}]", required) for number, item in enumerate(value)]


def _object(value: Any, dtype: Object, place: str, required: bool) -> Any:
    if not required and (value is None or value == {}):
        return value
    if not isinstance(value, dict):
        raise _not(value, "a dictionary", place)
    known = {each.name: each for each in dtype.properties}
    missing = [name for name, each in known.items() if each.required and name not in value]
    if missing:
        raise SignatureMismatch(f"{place} lacks {missing}. Add them.")
    if extra := [name for name in value if name not in known]:
        raise SignatureMismatch(f"{place} has {extra}, which the model's signature does not know. Leave them out.")
    return {
        name: enforce(item, known[name].dtype, f"{place}.{name}", known[name].required) for name, item in value.items()
    }


def _map(value: Any, dtype: Map, place: str, required: bool) -> Any:
    if (not required or isinstance(dtype.value_type, AnyType)) and (value is None or value == {}):
        return value
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise _not(value, "a dictionary with texts as keys", place)
    return {key: enforce(item, dtype.value_type, f"{place}.{key}", required) for key, item in value.items()}


def _not(value: Any, wanted: str, place: str) -> SignatureMismatch:
    return SignatureMismatch(f"{place} is to be {wanted}; {str(value)[:80]!r} ({type(value).__name__}) is not.")
