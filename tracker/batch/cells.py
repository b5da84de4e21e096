"""Which cell of a table of texts is not of the type that its column is to have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tracker.models.signature.types import DataType

_WHOLE = {DataType.integer: 32, DataType.long: 64}
_TRUTHS = {"True", "TRUE", "true", "False", "FALSE", "false"}


def first_bad(frames: Iterable[Any], types: Mapping[Any, DataType]) -> str | None:
    """Words for the first cell that is not of its type: `, row 7: the column …`; None where all are.

    `types` has the names of columns, or their places.
    """
    first = 1
    for frame in frames:
        found = [cell for name, kind in types.items() if (cell := _in_column(_column(frame, name), kind))]
        if found:
            place, told = min(found)
            return f", row {first + place:,}: {told}"
        first += len(frame)
    return None


def _column(frame: Any, name: Any) -> Any:
    if name in frame.columns:
        return frame[name]
    is_place = isinstance(name, int) and name < len(frame.columns)
    return frame.iloc[:, name] if is_place else frame.iloc[:0, 0]


def _in_column(column: Any, kind: DataType) -> tuple[int, str] | None:
    """The place of the first bad cell, and what is wrong with it."""
    wrong = _wrong(column, kind)
    if not wrong.any():
        return None
    place = int(wrong.to_numpy().argmax())
    value = column.iloc[place]
    if isinstance(value, str):
        return place, f"the column {column.name!r} holds {value[:80]!r}, which is no {kind.value}."
    return place, f"the column {column.name!r} is empty, which a {kind.value} can't be."


def _wrong(column: Any, kind: DataType) -> Any:
    import pandas as pd

    if kind is DataType.boolean:
        return ~column.isin(_TRUTHS)
    if kind is DataType.datetime:
        return column.notna() & pd.to_datetime(column, format="mixed", errors="coerce").isna()
    if kind not in {DataType.double, DataType.float, *_WHOLE}:
        return pd.Series(False, index=column.index)
    numbers = pd.to_numeric(column, errors="coerce")
    if kind not in _WHOLE:
        return numbers.isna() & column.notna() & (column.str.strip().str.lower() != "nan")
    most = 2.0 ** (_WHOLE[kind] - 1)
    is_whole = column.str.fullmatch(r"\s*[+-]?\d+\s*").fillna(False).astype(bool)
    return ~(is_whole & (numbers >= -most) & (numbers < most))
