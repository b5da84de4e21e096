"""Arrays, as a signature's tensors have them: dtype and shape, with -1 for any length."""

from __future__ import annotations

from typing import Any

from tracker.errors import SignatureMismatch
from tracker.models.signature.schema import Schema, TensorSpec


def enforced(data: Any, schema: Schema) -> Any:
    """An array, a sparse matrix, or a dictionary of arrays by name. Data frames give a column to each tensor.

    Errors: SignatureMismatch.
    """
    if schema.has_names:
        return _by_name(data, schema)
    spec = schema.inputs[0]
    assert isinstance(spec, TensorSpec)
    if hasattr(data, "columns"):
        return _of_frame(data, spec)
    if not is_array(data):
        raise SignatureMismatch(f"The model takes an array {_wanted(spec)}, or a data frame, not {_kind(data)}.")
    return _checked(data, spec)


def is_array(data: Any) -> bool:
    """Whether it is an array of numpy or a sparse matrix by rows or columns."""
    import numpy as np

    return isinstance(data, np.ndarray) or getattr(data, "format", None) in {"csr", "csc"}


def _by_name(data: Any, schema: Schema) -> dict[Any, Any]:
    specs = {spec.name: spec for spec in schema.inputs if isinstance(spec, TensorSpec)}
    if hasattr(data, "columns"):
        return {name: _of_column(data[name], spec) for name, spec in specs.items()}
    if not isinstance(data, dict):
        raise SignatureMismatch(f"The model takes arrays by name ({list(specs)}), or a data frame, not {_kind(data)}.")
    for name in specs:
        if not is_array(data[name]):
            raise SignatureMismatch(f"{name!r} is to be an array, not {_kind(data[name])}. Use numpy.asarray.")
    return {name: _checked(data[name], spec) for name, spec in specs.items()}


def _of_frame(data: Any, spec: TensorSpec) -> Any:
    if data.empty:
        raise SignatureMismatch("The data frame is empty: give at least one row.")
    width = len(data.columns)
    if width == 1:
        return _of_column(data[data.columns[0]], spec)
    if spec.shape != (-1, width):
        raise SignatureMismatch(f"A data frame of {width} columns can't become an array {_wanted(spec)}.")
    return _checked(data.to_numpy(), spec)


def _of_column(column: Any, spec: TensorSpec) -> Any:
    """An array from a column: of scalars, or of a list or an array in each row."""
    import numpy as np

    if spec.shape[0] != -1 or -1 in spec.shape[1:]:
        raise SignatureMismatch(f"A column can't become an array {_wanted(spec)}: only its rows may be of any number.")
    first = column.iloc[0]
    if np.isscalar(first):
        if spec.shape not in {(-1,), (-1, 1)}:
            raise SignatureMismatch(f"The column {column.name!r} holds scalars, not arrays {_wanted(spec)}.")
        return _converted(lambda: np.array(column, dtype=spec.type).reshape(spec.shape), column, spec)
    if isinstance(first, np.ndarray):
        # An array knows its dtype, and keeps it, as in MLflow.
        return _converted(lambda: np.vstack(column.tolist()).reshape(spec.shape), column, spec)
    if isinstance(first, list) and np.isscalar(first[0]):
        return _converted(lambda: np.vstack(column.tolist()).reshape(spec.shape).astype(spec.type), column, spec)
    raise SignatureMismatch(f"The column {column.name!r} holds {_kind(first)}: give scalars, lists or arrays.")


def _converted(convert: Any, column: Any, spec: TensorSpec) -> Any:
    try:
        array = convert()
    except (TypeError, ValueError):
        array = None
    if array is None or len(array) != len(column):
        raise SignatureMismatch(f"The rows of the column {column.name!r} can't become an array {_wanted(spec)}.")
    return array


def _checked(array: Any, spec: TensorSpec) -> Any:
    dtype = _plain_name(array.dtype)
    is_ragged = array.dtype == object and array.ndim == 1 and len(spec.shape) > 1 and -1 in spec.shape[1:]
    if is_ragged or (spec.shape == (-1,) and spec.type == "object"):
        return array
    fits = len(array.shape) == len(spec.shape) and all(
        wanted in {-1, length} for wanted, length in zip(spec.shape, array.shape, strict=True)
    )
    if not fits or dtype != spec.type:
        named = "" if spec.name is None else f" {spec.name!r}"
        raise SignatureMismatch(
            f"The array{named} is of {dtype} and shape {array.shape}; the model takes one {_wanted(spec)}. "
            "Convert it with astype or reshape."
        )
    return array


def _plain_name(dtype: Any) -> str:
    return {"U": "str", "S": "bytes"}.get(dtype.kind, dtype.name)


def _wanted(spec: TensorSpec) -> str:
    return f"of {spec.type} and shape {spec.shape}"


def _kind(value: Any) -> str:
    return type(value).__name__
