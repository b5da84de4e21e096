"""A signature from examples: what a model was given, and what it gave."""

from __future__ import annotations

from typing import Any

from tracker.errors import InvalidValue
from tracker.models.signature.nested import is_missing
from tracker.models.signature.schema import ColSpec, ModelSignature, ParamSchema, ParamSpec, Schema, TensorSpec
from tracker.models.signature.types import AnyType, Array, ColumnType, DataType, Object, Property, merged_all
from tracker.notices import warn

_SCALARS = {
    "bool": DataType.boolean, "int": DataType.long, "int64": DataType.long, "int32": DataType.integer,
    "float": DataType.double, "float64": DataType.double, "float32": DataType.float, "str": DataType.string,
    "bytes": DataType.binary, "bytearray": DataType.binary, "datetime": DataType.datetime, "date": DataType.datetime,
    "datetime64": DataType.datetime, "str_": DataType.string, "bytes_": DataType.binary, "bool_": DataType.boolean,
}  # fmt: skip


def infer_signature(inputs: Any = None, outputs: Any = None, params: dict[str, Any] | None = None) -> ModelSignature:
    """The signature of a model that was given `inputs` (and `params`), and gave `outputs`.

    Each may be a data frame, a series, an array or sparse matrix (the first axis is taken to be of any length), a
    dictionary of arrays, or lists, dictionaries and scalars as JSON has them. What has no type is of the type `any`.

    Errors: InvalidValue for params that are no single values, lists or dictionaries.
    """
    return ModelSignature(
        _schema_or_any(inputs, "inputs"), _schema_or_any(outputs, "outputs"), infer_params(params) if params else None
    )


def infer_schema(data: Any) -> Schema:
    """The columns or tensors of an example.

    Errors: InvalidValue for what has no type.
    """
    import numpy as np
    import pandas as pd

    if isinstance(data, pd.DataFrame):
        return Schema(_column_of(data[name], name) for name in data.columns)
    if isinstance(data, pd.Series):
        return Schema([_column_of(data, data.name)])
    if isinstance(data, np.ndarray) or hasattr(data, "indptr"):
        return Schema([_tensor_of(data)])
    if isinstance(data, dict):
        return _of_dictionary(data)
    if isinstance(data, list):
        return _of_list(data)
    return Schema([ColSpec(infer_type(data))])


def infer_params(params: dict[str, Any]) -> ParamSchema:
    """The params of prediction, with the values given as defaults.

    Errors: InvalidValue.
    """
    return ParamSchema(_param_of(str(name), value) for name, value in params.items())


def infer_type(value: Any) -> ColumnType:
    """The type of one value.

    Errors: InvalidValue for what JSON and signatures do not have.
    """
    import numpy as np

    if is_missing(value) or (isinstance(value, (list, dict)) and not value):
        return AnyType()
    if isinstance(value, dict):
        return Object(tuple(_property_of(name, item) for name, item in value.items()))
    if isinstance(value, (list, np.ndarray)):
        return Array(_type_of_items(value))
    known = _SCALARS.get(type(value).__name__)
    if known is None:
        raise InvalidValue(
            f"{value!r} ({type(value).__name__}) has no type in a signature. Convert it, or leave it out."
        )
    return known


def _schema_or_any(data: Any, which: str) -> Schema | None:
    if data is None:
        return None
    try:
        return infer_schema(data)
    except InvalidValue as error:
        warn(f"the {which} of the signature are of the type any, and not checked: {error}")
        return Schema([ColSpec(AnyType())])


def _of_dictionary(data: dict[Any, Any]) -> Schema:
    import numpy as np

    if all(isinstance(value, np.ndarray) for value in data.values()):
        return Schema(_tensor_of(value, name) for name, value in data.items())
    if not all(isinstance(name, str) for name in data):
        raise InvalidValue(f"The keys {list(data)} of the example are not all texts.")
    return Schema(ColSpec(infer_type(value), name, _is_complete(value)) for name, value in data.items())


def _of_list(data: list[Any]) -> Schema:
    if not data:
        return Schema([ColSpec(DataType.string)])
    if not all(isinstance(row, dict) for row in data):
        return Schema([ColSpec(_type_of_items(data))])
    names = dict.fromkeys(name for row in data for name in row)
    return Schema(
        ColSpec(
            _type_of_items([row[name] for row in data if name in row]),
            name,
            all(row.get(name) is not None for row in data),
        )
        for name in names
    )


def _column_of(values: Any, name: Any) -> ColSpec:
    """A column of a data frame. One in which values are missing need not be there."""
    return ColSpec(_type_of_column(values), name, not bool(values.isna().any()))


def _type_of_column(values: Any) -> ColumnType:
    import pandas as pd

    if values.dtype.kind == "O":
        values = values.infer_objects()
    if values.dtype.kind != "O":
        return _type_of_dtype(values.dtype)
    try:
        return _type_of_items(values.to_list())
    except InvalidValue:
        if pd.api.types.is_string_dtype(values):
            return DataType.string
        raise


def _type_of_dtype(dtype: Any) -> DataType:
    """Of a dtype of numpy or an extension of pandas.

    Errors: InvalidValue.
    """
    kind, size = dtype.kind, dtype.itemsize
    if kind in {"i", "u"}:
        # Without a sign a number needs the next larger type.
        size = size * 2 if kind == "u" else size
        found = DataType.integer if size <= 4 else DataType.long if size <= 8 else None
    elif kind == "f":
        found = DataType.float if size <= 4 else DataType.double if size <= 8 else None
    else:
        found = {"b": DataType.boolean, "U": DataType.string, "S": DataType.binary, "M": DataType.datetime}.get(kind)
    if found is None:
        raise InvalidValue(f"The dtype {dtype} has no type in a signature.")
    return found


def _type_of_items(items: Any) -> ColumnType:
    """The type of all items of a list.

    Errors: InvalidValue for types that do not go together, or for none.
    """
    import numpy as np

    found = [infer_type(item) for item in items if not (isinstance(item, np.ndarray) and item.size == 0)]
    if not found:
        raise InvalidValue("An array without items has no type.")
    return merged_all(found)


def _property_of(name: Any, value: Any) -> Property:
    if not isinstance(name, str):
        raise InvalidValue(f"The key {name!r} of an example is no text.")
    dtype = infer_type(value)
    return Property(name, dtype, not isinstance(dtype, AnyType))


def _tensor_of(array: Any, name: Any = None) -> TensorSpec:
    if array.ndim == 0:
        raise InvalidValue("An array of no dimension is no example: give one of several items.")
    return TensorSpec(array.dtype, (-1, *array.shape[1:]), name)


def _is_complete(value: Any) -> bool:
    return not (any(is_missing(item) for item in value) if isinstance(value, list) else is_missing(value))


def _param_of(name: str, value: Any) -> ParamSpec:
    import numpy as np

    if isinstance(value, dict):
        dtype = infer_type(value)
        if not isinstance(dtype, Object):
            raise InvalidValue(f"The param {name!r} is an empty dictionary, which has no type.")
        return ParamSpec(name, dtype, value)
    is_list = isinstance(value, (list, np.ndarray))
    items = list(value) if is_list else [value]
    if not is_list and not np.isscalar(value) and infer_type(value) is not DataType.datetime:
        raise InvalidValue(f"The param {name!r} is a single value, a list or a dictionary, not {value!r}.")
    if all(_is_time(item) for item in items):
        return ParamSpec(name, DataType.datetime, value, (-1,) if is_list else None)
    array = np.array(value)
    if array.ndim > 1:
        raise InvalidValue(f"The param {name!r} is a list of lists: give a list of single values.")
    return ParamSpec(name, _type_of_dtype(array.dtype), value, (-1,) if is_list else None)


def _is_time(value: Any) -> bool:
    return not is_missing(value) and _SCALARS.get(type(value).__name__) is DataType.datetime
