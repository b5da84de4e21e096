"""Columns of a data frame, as a signature types them. Only conversions that keep each value are made."""

from __future__ import annotations

from typing import Any

from tracker.errors import SignatureMismatch
from tracker.models.signature.types import DataType

_NUMBERS = {"i", "u", "f"}


def enforced(values: Any, dtype: DataType, name: Any) -> Any:
    """A column (pandas.Series, n values) of the type, converted where no value changes.

    Errors: SignatureMismatch.
    """
    if values.dtype == object and dtype not in {DataType.binary, DataType.string}:
        values = values.infer_objects()
    if _is_already(values, dtype):
        return values
    if dtype is DataType.datetime:
        return _times(values, name)
    if dtype is DataType.double and values.dtype == object:
        return _from_decimals(values, name)
    target = _numpy_type(dtype)
    if not _is_wider(values.dtype, target) and not _is_zeros_and_ones(values, target):
        raise _mismatch(values, dtype, name)
    try:
        return values.astype(target)
    except ValueError:
        # Nullable columns of pandas, some of whose values are missing.
        raise _mismatch(values, dtype, name) from None


def _numpy_type(dtype: DataType) -> Any:
    import numpy as np

    return np.dtype(dtype.numpy_name)


def _is_already(values: Any, dtype: DataType) -> bool:
    import pandas as pd

    is_text = values.dtype == object or isinstance(values.dtype, pd.StringDtype)
    if dtype is DataType.string:
        return is_text or values.dtype.kind == "U"
    if dtype is DataType.binary:
        return is_text or values.dtype.kind == "S"
    if dtype is DataType.boolean and values.dtype == object:
        # Truths among which some are missing: as booleans of numpy they would become false.
        return True
    return bool(values.dtype == _numpy_type(dtype))


def _times(values: Any, name: Any) -> Any:
    """Times in nanoseconds, from times of any precision or what reads as one."""
    if values.dtype.kind != "M" and values.dtype != object:
        raise _mismatch(values, DataType.datetime, name)
    try:
        return values.astype("datetime64[ns]")
    except (TypeError, ValueError):
        raise SignatureMismatch(
            f"The column {name!r} holds what is no time without a zone ({values.dtype}). Give times such as "
            "'2026-11-29T10:00:00', in one zone that you leave out."
        ) from None


def _from_decimals(values: Any, name: Any) -> Any:
    import decimal

    import pandas as pd

    if not all(isinstance(value, decimal.Decimal) for value in values):
        raise _mismatch(values, DataType.double, name)
    return pd.to_numeric(values)


def _is_wider(given: Any, target: Any) -> bool:
    if given.kind == target.kind:
        return bool(given.itemsize <= target.itemsize)
    if given.kind == "u" and target.kind == "i":
        return bool(given.itemsize < target.itemsize)
    # A double holds each whole number of 48 bits or less.
    return given.kind in {"i", "u"} and target == "float64" and given.itemsize <= 6


def _is_zeros_and_ones(values: Any, target: Any) -> bool:
    return values.dtype == "int64" and target.kind == "f" and bool(values.isin([0, 1]).all())


def _mismatch(values: Any, dtype: DataType, name: Any) -> SignatureMismatch:
    message = f"The column {name!r} is to be {dtype.value}; {values.dtype} can't become that without changing values."
    if dtype in {DataType.integer, DataType.long} and values.dtype.kind == "f" and _is_whole(values):
        message += (
            " Values are missing, and whole numbers have no way to say so: let the signature have this column as "
            "double, by inferring it from data in which some are missing."
        )
    return SignatureMismatch(message + " Convert it, or change the model's signature.")


def _is_whole(values: Any) -> bool:
    there = values.dropna()
    return len(there) < len(values) and bool((there % 1 == 0).all())
