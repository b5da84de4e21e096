"""Data frames from the bodies of requests, their columns in the types of the model's signature."""

from __future__ import annotations

import base64
import io
from typing import Any

from tracker.models.signature import nested
from tracker.models.signature.schema import ColSpec, Schema, TensorSpec
from tracker.models.signature.types import AnyType, DataType
from tracker.serving.answers import INVALID, Refusal

#: A few bytes of Parquet can stand for billions of values.
MOST_CELLS = 50_000_000


def from_split(told: Any, schema: Schema | None) -> Any:
    """A data frame from `{"columns": […], "index": […], "data": […]}`, of which only data has to be there.

    Errors: Refusal.
    """
    import pandas as pd

    if not isinstance(told, dict) or "data" not in told or told.keys() - {"columns", "index", "data"}:
        raise Refusal('dataframe_split is a dictionary: {"columns": ["a"], "data": [[1]]}, and maybe "index".')
    try:
        frame = pd.DataFrame(index=told.get("index"), columns=told.get("columns"), data=told["data"])
    except Exception as error:
        raise Refusal(f"dataframe_split can't become a data frame: {error}") from None
    return frame if schema is None else _cast(frame, schema)


def from_records(told: Any, schema: Schema | None) -> Any:
    """A data frame from a list with a dictionary to each row.

    Errors: Refusal.
    """
    import pandas as pd

    if not isinstance(told, list):
        raise Refusal('dataframe_records is a list with a dictionary to each row: [{"a": 1}].')
    try:
        frame = pd.DataFrame(data=told)
    except Exception as error:
        raise Refusal(f"dataframe_records can't become a data frame: {error}") from None
    return frame if schema is None else _cast(frame, schema)


def from_csv(body: bytes, schema: Schema | None) -> Any:
    """A data frame from CSV with a head, in UTF-8.

    Errors: Refusal.
    """
    import pandas as pd

    try:
        return pd.read_csv(io.StringIO(body.decode("utf-8")), dtype=None if schema is None else _types(schema))
    except Exception as error:
        raise Refusal(f"The body can't be read as CSV with a head: {error}") from None


def from_parquet(body: bytes) -> Any:
    """A data frame from a Parquet file.

    Errors: Refusal; status 415 where pyarrow is not installed, 413 for more than MOST_CELLS values.
    """
    try:
        from pyarrow import parquet
    except ImportError:
        raise Refusal("This server reads no Parquet: install pyarrow beside it.", status=415) from None
    import pandas as pd

    try:
        told = parquet.ParquetFile(io.BytesIO(body)).metadata
        if told.num_rows * max(1, told.num_columns) <= MOST_CELLS:
            return pd.read_parquet(io.BytesIO(body))
    except Exception as error:
        raise Refusal(f"The body can't be read as Parquet: {error}") from None
    raise Refusal(f"The Parquet file holds more than {MOST_CELLS:,} values. Send fewer rows.", 413)


def _types(schema: Schema) -> dict[Any, Any]:
    if not all(isinstance(spec, ColSpec) and isinstance(spec.type, DataType) for spec in schema):
        raise Refusal("The model takes lists, objects or tensors, which CSV can't say. Send JSON.")
    return {name: _type_of(spec.type) for name, spec in zip(schema.names, schema, strict=True)}  # type: ignore[arg-type]


def _type_of(kind: DataType) -> Any:
    """The type of a column, in which texts and bytes are objects."""
    import numpy as np

    return np.dtype(object if kind in {DataType.string, DataType.binary} else kind.numpy_name)


def _cast(frame: Any, schema: Schema) -> Any:
    """The columns in the types of the schema, even where that loses something: `1.5` becomes 1 for a whole number.

    Columns that the schema does not know, or that are not there, are left to its enforcement.
    """
    given = dict(zip(frame.columns, frame.dtypes, strict=True))
    for name, spec in _specs(frame, schema):
        if name not in given or _is_plain(spec, given[name]):
            continue
        try:
            column = frame[name]
            if column.ndim > 1:
                raise Refusal(f"The column {name!r} is there twice. Give it once.", error_code=INVALID)
            cast = _cast_column(column, spec, spec.required if schema.has_names else name in schema.names)
            if cast is not column:
                frame[name] = cast
        except Refusal:
            raise
        except Exception as error:
            raise Refusal(f"The column {name!r} can't become {_kind(spec)}, which the model takes: {error}") from None
    return frame


def _kind(spec: ColSpec | TensorSpec) -> str:
    """The type of a column, in a word where it has one."""
    told = spec.type.json if isinstance(spec, ColSpec) else spec.json
    return str(told["type"]) if len(told) == 1 else str(told)


def _is_plain(spec: ColSpec | TensorSpec, dtype: Any) -> bool:
    """Whether a column is a number of the right type already, as can be told without looking into it."""
    kind = spec.type
    return isinstance(kind, DataType) and dtype.kind in "bif" and dtype == _type_of(kind)


def _specs(frame: Any, schema: Schema) -> list[tuple[Any, ColSpec | TensorSpec]]:
    if schema.has_names:
        return list(zip(schema.names, schema, strict=True))
    if schema.is_tensors:
        return [(name, schema.inputs[0]) for name in dict.fromkeys(frame.columns)]
    return list(zip(frame.columns, schema, strict=False))


def _cast_column(column: Any, spec: ColSpec | TensorSpec, required: bool) -> Any:
    import numpy as np

    if isinstance(spec, TensorSpec):
        return _cast_to_tensor(column, np.dtype(spec.type))
    kind = spec.type
    if isinstance(kind, DataType):
        return _cast_scalars(column, kind)
    if isinstance(kind, AnyType):
        return column
    return column.map(lambda value: nested.enforce(value, kind, str(column.name), required))


def _cast_to_tensor(column: Any, dtype: Any) -> Any:
    if dtype.kind == "S":
        return column.map(lambda text: bytes(text, "utf8"))
    # Lists in a column become arrays when the signature is enforced.
    if isinstance(column.iloc[0], list):
        return column
    return _as_type(column, dtype)


def _cast_scalars(column: Any, kind: DataType) -> Any:
    import pandas as pd

    if kind is DataType.binary:
        return column.map(lambda text: base64.decodebytes(bytes(text, "utf8")))
    if kind is not DataType.datetime:
        return _as_type(column, _type_of(kind))
    times = pd.to_datetime(column)
    return times.dt.as_unit("ns") if pd.api.types.is_datetime64_any_dtype(times) else times


def _as_type(column: Any, dtype: Any) -> Any:
    import pandas as pd

    if column.dtype == dtype or (dtype.kind in "OU" and isinstance(column.dtype, pd.StringDtype)):
        return column
    return column.astype(dtype)
