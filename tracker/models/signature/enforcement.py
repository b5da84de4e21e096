"""What was given to `predict`, made into what the model's signature asks for, or refused."""

from __future__ import annotations

from typing import Any

from tracker.errors import SignatureMismatch
from tracker.models.signature import columns, nested, tensors
from tracker.models.signature.schema import ColSpec, Schema
from tracker.models.signature.types import Array, DataType, Object
from tracker.notices import warn_once


def enforced(data: Any, schema: Schema | None) -> Any:
    """The data in the types of the schema: a data frame for columns, arrays for tensors.

    Columns that the schema does not know are left out, and said. Without a schema all stays as it is.

    Errors: SignatureMismatch.
    """
    if schema is None:
        return data
    import pandas as pd

    if isinstance(data, pd.Series):
        data = pd.DataFrame(data)
    if not schema.is_tensors:
        return _columns(_frame_of(data, schema), schema)
    if schema.has_names:
        if tensors.is_array(data) and len(schema) == 1:
            data = {schema.inputs[0].name: data}
        _check_names(data.columns if isinstance(data, pd.DataFrame) else data, schema)
    return tensors.enforced(data, schema)


def _frame_of(data: Any, schema: Schema) -> Any:
    import numpy as np
    import pandas as pd

    if isinstance(data, pd.DataFrame):
        return data
    if np.isscalar(data):
        return pd.DataFrame([data])
    if isinstance(data, dict) and _is_one_row(data, schema):
        return pd.DataFrame([data])
    try:
        if isinstance(data, dict):
            return pd.DataFrame({key: _as_column(value) for key, value in data.items()})
        if isinstance(data, (list, np.ndarray)):
            return pd.DataFrame(data)
    except (TypeError, ValueError) as error:
        raise SignatureMismatch(f"The model takes a data frame, and what was given can't become one: {error}") from None
    raise SignatureMismatch(f"The model takes a data frame, not {type(data).__name__}.")


def _is_one_row(data: dict[Any, Any], schema: Schema) -> bool:
    """Whether a dictionary is a row, with its values as they are, rather than a list to each column."""
    if any(isinstance(each.type, (Array, Object)) for each in schema):
        return True
    values = list(data.values())
    return all(_is_single(value) for value in values) or all(_is_text_of_numpy(value) for value in values)


def _is_single(value: Any) -> bool:
    import numpy as np

    is_texts = isinstance(value, list) and all(isinstance(item, str) for item in value)
    return value is None or bool(np.isscalar(value)) or is_texts


def _is_text_of_numpy(value: Any) -> bool:
    return getattr(value, "shape", None) == () and value.dtype.kind == "U"


def _as_column(value: Any) -> Any:
    """Arrays of several dimensions as lists: a column has one."""
    return value.tolist() if getattr(value, "ndim", 1) > 1 else value


def _columns(frame: Any, schema: Schema) -> Any:
    import pandas as pd

    if schema.has_names:
        _check_names(frame.columns, schema)
        specs = {spec.name: spec for spec in schema if spec.name in frame.columns}
    elif len(frame.columns) < len(schema):
        raise SignatureMismatch(f"The model takes {len(schema)} columns; {len(frame.columns)} were given.")
    else:
        specs = dict(zip(frame.columns, schema, strict=False))
    return pd.DataFrame({name: _column(frame[name], spec) for name, spec in specs.items()})


def _column(values: Any, spec: Any) -> Any:
    import pandas as pd

    assert isinstance(spec, ColSpec)
    if isinstance(spec.type, DataType):
        return columns.enforced(values, spec.type, values.name)
    rows = [nested.enforce(value, spec.type, str(values.name), spec.required) for value in values]
    return pd.Series(rows, index=values.index, name=values.name)


def _check_names(given: Any, schema: Schema) -> None:
    names = list(given) if hasattr(given, "__iter__") and not tensors.is_array(given) else []
    missing = [spec.name for spec in schema if spec.required and spec.name not in names]
    extra = [name for name in names if name not in schema.names]
    if missing:
        raise SignatureMismatch(
            f"The model takes {schema.names}; missing are {missing}." + (f" {extra} are not known." if extra else "")
        )
    if extra:
        warn_once(f"the model does not take {extra}: they are left out.")
