"""The types of columns that no signature tells: those that a file has as a whole, whatever its first rows look like."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

#: What a column without a single value says about its type; and texts of CSV, as pandas names them.
NOTHING, TEXT = None, "str"


def of_frames(frames: Iterable[Any], *, is_text: bool) -> dict[Any, Any]:
    """The type that each column has in all of the data frames together, in the order in which columns appear.

    `is_text` is for files of text, as CSV: columns of several kinds then hold texts.
    """
    found: dict[Any, Any] = {}
    for frame in frames:
        absent = found.keys() - set(frame.columns)
        for name in frame.columns:
            kind = _kind_of(frame[name], is_text)
            found[name] = _merged(found[name], kind, is_text) if name in found else kind
        found |= {name: _with_gaps(found[name]) for name in absent}
    return found


def cast(frame: Any, kinds: dict[Any, Any]) -> Any:
    """A data frame with all columns, in their types. Texts are taken to be texts already."""
    frame = frame.reindex(columns=list(kinds))
    changed = {name: kind for name, kind in kinds.items() if not _is_open(kind) and frame[name].dtype != kind}
    return frame.astype(changed) if changed else frame


def _kind_of(column: Any, is_text: bool) -> Any:
    import pandas as pd

    if bool(column.isna().all()):
        return NOTHING
    if is_text and column.dtype.kind not in "iufb":
        # Truths of which some are missing are objects, and still truths.
        return column.dtype if pd.api.types.infer_dtype(column, skipna=True) == "boolean" else TEXT
    return column.dtype


def _is_open(kind: Any) -> bool:
    # By identity: numpy takes None, compared to a type, for a double.
    return kind is NOTHING or kind is TEXT


def _with_gaps(kind: Any) -> Any:
    """A type whose values may be missing."""
    import numpy as np

    if _is_open(kind) or kind.kind not in "iub":
        return kind
    return np.dtype(object) if kind.kind == "b" else np.dtype("float64")


def _merged(one: Any, other: Any, is_text: bool) -> Any:
    import numpy as np

    if one is NOTHING or other is NOTHING:
        return _with_gaps(other if one is NOTHING else one)
    if one is TEXT or other is TEXT:
        return TEXT
    kinds = {one.kind, other.kind}
    if one == other or kinds <= set("iuf"):
        return one if one == other else np.result_type(one, other)
    return TEXT if is_text and kinds != {"b", "O"} else np.dtype(object)
