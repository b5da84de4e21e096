"""Rows of plain numbers, read at once: no column is inferred, cast and checked by itself.

Of the time that one row takes, most goes into making a data frame and checking it, and with scikit-learn as much again
into taking it apart. Whatever is not plainly the same is left to the general way.
"""

from __future__ import annotations

import warnings
from typing import Any

from tracker.models import LoadedModel
from tracker.models.signature.schema import ColSpec, Schema
from tracker.models.signature.types import DataType

_NONE = type(None)
_TYPES: dict[Any, set[type]] = {DataType.double: {float, int, _NONE}, DataType.long: {int}, DataType.integer: {int}}
#: Estimators here look at numbers alone, never at the names or the types of columns.
_MODULES = (
    "sklearn.linear_model.", "sklearn.svm.", "sklearn.tree.", "sklearn.naive_bayes", "sklearn.neighbors.",
    "sklearn.neural_network.", "sklearn.discriminant_analysis", "sklearn.cluster.", "sklearn.decomposition.",
    "sklearn.ensemble._forest", "sklearn.ensemble._gb", "sklearn.preprocessing._data",
)  # fmt: skip


class NumberRows:
    """Reads bodies that hold nothing but a number for each column of a model's signature."""

    def __init__(self, model: LoadedModel, schema: Schema) -> None:
        import numpy as np
        import pandas as pd

        kinds = [spec.type for spec in schema if isinstance(spec.type, DataType)]
        self._model, self._names, self._types = model, schema.names, [_TYPES[kind] for kind in kinds]
        self._dtypes = [np.dtype(kind.numpy_name) for kind in kinds]
        self._dtype, self._columns = np.result_type(*self._dtypes), pd.Index(schema.names)
        self._estimator = model.unwrap() if _takes_arrays(model, schema) else None
        if self._estimator is not None:
            # The names were compared, once for all.
            warnings.filterwarnings("ignore", message="X does not have valid feature names")

    def read(self, told: dict[str, Any]) -> Any:
        """The numbers of a body, as the model takes them; None for one that is to be read in the general way."""
        columns = self._columns_of(told) if len(told) == 1 else None
        if not columns or not columns[0] or len({len(column) for column in columns}) > 1:
            return None
        if not all(types.issuperset(map(type, column)) for types, column in zip(self._types, columns, strict=True)):
            return None
        try:
            return self._data(columns)
        except OverflowError:
            return None

    def predict(self, data: Any) -> Any:
        """What the model says of numbers that were read."""
        if self._estimator is not None:
            return self._estimator.predict(data)
        return self._model.predict_checked(data, None)

    def _data(self, columns: list[Any]) -> Any:
        """An array (by column in memory, as in data frames, so that sums have the same order), or a data frame."""
        import numpy as np
        import pandas as pd

        if self._estimator is not None:
            return np.array(columns, self._dtype).T
        if len(set(self._dtypes)) == 1:
            return pd.DataFrame(np.array(columns, self._dtype).T, columns=self._columns)
        each = zip(self._names, columns, self._dtypes, strict=True)
        return pd.DataFrame({name: np.array(column, dtype) for name, column, dtype in each})

    def _columns_of(self, told: dict[str, Any]) -> Any:
        """The values of each column, in the order of the signature."""
        ((key, value),) = told.items()
        if key == "dataframe_split":
            return self._of_split(value)
        if isinstance(value, list) and key in {"dataframe_records", "inputs", "instances"}:
            return self._of_records(value)
        if isinstance(value, dict) and key in {"inputs", "instances"}:
            return self._of_columns(value)
        return None

    def _of_split(self, told: Any) -> Any:
        if not isinstance(told, dict) or len(told) != 2 or told.get("columns") != self._names:
            return None
        rows, width = told.get("data"), len(self._names)
        if not isinstance(rows, list) or not all(isinstance(row, list) and len(row) == width for row in rows):
            return None
        return list(zip(*rows, strict=True))

    def _of_records(self, rows: list[Any]) -> Any:
        width = len(self._names)
        if not all(isinstance(row, dict) and len(row) == width for row in rows):
            return None
        try:
            return [[row[name] for row in rows] for name in self._names]
        except KeyError:
            return None

    def _of_columns(self, told: dict[str, Any]) -> Any:
        columns = [told.get(name) for name in self._names]
        is_whole = len(told) == len(columns) and all(isinstance(column, list) for column in columns)
        return columns if is_whole else None


def of_model(model: LoadedModel) -> NumberRows | None:
    """The reader for a model; None for one that takes more than a number to each of its columns."""
    signature = model.signature
    schema = signature.inputs if signature else None
    if schema is None or signature is None or signature.params or not schema.has_names:
        return None
    if model.metadata.fields.get("is_signature_from_type_hint"):
        return None
    if not all(isinstance(spec, ColSpec) and spec.required and spec.type in _TYPES for spec in schema):
        return None
    return NumberRows(model, schema)


def _takes_arrays(model: LoadedModel, schema: Schema) -> bool:
    """Whether it is of scikit-learn, and makes the same of an array and of a data frame with these columns."""
    entry = model.metadata.python_function or {}
    if entry.get("loader_module") != "mlflow.sklearn" or entry.get("predict_fn", "predict") != "predict":
        return False
    estimator = model.unwrap()
    names = getattr(estimator, "feature_names_in_", None)
    return (names is None or list(names) == schema.names) and _is_blind(estimator)


def _is_blind(estimator: Any) -> bool:
    """Whether it looks at numbers alone."""
    kind = type(estimator)
    if f"{kind.__module__}.{kind.__name__}" == "sklearn.pipeline.Pipeline":
        return all(step == "passthrough" or _is_blind(step) for _, step in estimator.steps)
    is_known = kind.__module__.startswith(_MODULES)
    return is_known and getattr(estimator, "_sklearn_output_config", {}).get("transform", "default") == "default"
