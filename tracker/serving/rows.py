"""Rows of numbers for scikit-learn without a data frame between: for models that make the same of both.

Of the time that one row takes, three quarters go into making a data frame, checking it and taking it apart again.
Whatever is not plainly the same is left to the general way.
"""

from __future__ import annotations

import warnings
from typing import Any

from tracker.models import LoadedModel
from tracker.models.signature.schema import ColSpec, Schema
from tracker.models.signature.types import DataType

_TYPES: dict[Any, set[type]] = {DataType.double: {float, int}, DataType.long: {int}, DataType.integer: {int}}
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

        self._estimator = model.unwrap()
        self._names = schema.names
        kinds = [spec.type for spec in schema if isinstance(spec.type, DataType)]
        self._types = [_TYPES[kind] for kind in kinds]
        self._dtype = np.result_type(*(np.dtype(kind.numpy_name) for kind in kinds))
        # The names were compared here, once for all.
        warnings.filterwarnings("ignore", message="X does not have valid feature names")

    def read(self, told: dict[str, Any]) -> Any:
        """The numbers (rows, columns) of a body; None for one that is to be read in the general way."""
        if len(told) != 1:
            return None
        rows = self._of_split(told.get("dataframe_split")) or self._of_records(told.get("dataframe_records"))
        if not rows or not all(map(self._is_plain, rows)):
            return None
        return self._array(rows)

    def predict(self, rows: Any) -> Any:
        """What the model says of rows that were read."""
        return self._estimator.predict(rows)

    def _of_split(self, told: Any) -> Any:
        if not isinstance(told, dict) or len(told) != 2 or told.get("columns") != self._names:
            return None
        return told.get("data") if isinstance(told.get("data"), list) else None

    def _of_records(self, told: Any) -> Any:
        if not isinstance(told, list) or not all(
            isinstance(row, dict) and len(row) == len(self._names) for row in told
        ):
            return None
        try:
            return [[row[name] for name in self._names] for row in told]
        except KeyError:
            return None

    def _is_plain(self, row: Any) -> bool:
        if not isinstance(row, list) or len(row) != len(self._types):
            return False
        return all(type(value) in types for value, types in zip(row, self._types, strict=True))

    def _array(self, rows: list[list[float]]) -> Any:
        """By column in memory, as data frames have it, so that sums are made in the same order."""
        import numpy as np

        try:
            return np.array(list(zip(*rows, strict=True)), self._dtype).T
        except OverflowError:
            return None


def of_model(model: LoadedModel) -> NumberRows | None:
    """The reader for a model; None for one that may make a difference between an array and a data frame."""
    signature = model.signature
    schema = signature.inputs if signature else None
    entry = model.metadata.python_function or {}
    if schema is None or signature is None or signature.params or entry.get("loader_module") != "mlflow.sklearn":
        return None
    if entry.get("predict_fn", "predict") != "predict" or not schema.has_names:
        return None
    if not all(isinstance(spec, ColSpec) and spec.required and spec.type in _TYPES for spec in schema):
        return None
    estimator = model.unwrap()
    names = getattr(estimator, "feature_names_in_", None)
    if (names is not None and list(names) != schema.names) or not _is_blind(estimator):
        return None
    return NumberRows(model, schema)


def _is_blind(estimator: Any) -> bool:
    """Whether it makes the same of an array and of a data frame with the right columns."""
    kind = type(estimator)
    if f"{kind.__module__}.{kind.__name__}" == "sklearn.pipeline.Pipeline":
        return all(step == "passthrough" or _is_blind(step) for _, step in estimator.steps)
    is_known = kind.__module__.startswith(_MODULES)
    return is_known and getattr(estimator, "_sklearn_output_config", {}).get("transform", "default") == "default"
