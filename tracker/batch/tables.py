"""Predictions as columns of a table, beside what they were made from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tracker.errors import InvalidValue

COLUMN = "prediction"


def of_predictions(made: Any, count: int) -> Any:
    """A data frame (count rows) of what a model gave: its columns, or one called `prediction`, or several of these.

    Errors: InvalidValue for what is not one prediction a row.
    """
    frame = _frame_of(made)
    if frame is None or len(frame) != count:
        raise not_by_row(made, count)
    return frame


def not_by_row(made: Any, count: int) -> InvalidValue:
    """The error for predictions that are not one a row."""
    told = (
        f"{len(made):,} predictions" if hasattr(made, "__len__") and not isinstance(made, (dict, str)) else repr(made)
    )
    return InvalidValue(
        f"The model gave {told[:200]} for {count:,} rows. Only JSON can hold that, of rows that are scored at once: "
        "write to a .json file, with --chunk-rows above the number of rows."
    )


def beside(inputs: Any, predictions: Any) -> Any:
    """The columns of the inputs, then those of the predictions; names that both have get `_predicted` added."""
    import pandas as pd

    taken = set(inputs.columns)
    renamed = {name: f"{name}_predicted" for name in predictions.columns if name in taken}
    return pd.concat([inputs.reset_index(drop=True), predictions.rename(columns=renamed)], axis=1)


def _frame_of(made: Any) -> Any:
    import pandas as pd

    if hasattr(made, "toarray"):
        made = made.toarray()
    if isinstance(made, pd.DataFrame):
        return made.reset_index(drop=True).set_axis(_names(made.columns), axis=1)
    if isinstance(made, pd.Series):
        return pd.DataFrame({COLUMN if made.name is None else made.name: made.to_numpy()})
    if isinstance(made, dict):
        columns = {name: _cells(value) for name, value in made.items()}
        lengths = {len(value) if value is not None else -1 for value in columns.values()}
        return pd.DataFrame(columns) if len(lengths) == 1 and -1 not in lengths else None
    if isinstance(made, (list, tuple)) and made and all(isinstance(row, dict) for row in made):
        return pd.DataFrame(list(made))
    return _of_array(made)


def _of_array(made: Any) -> Any:
    import pandas as pd

    if getattr(made, "ndim", 0) == 2:
        names = [COLUMN] if made.shape[1] == 1 else [f"{COLUMN}_{place}" for place in range(made.shape[1])]
        return pd.DataFrame(made, columns=names)
    cells = _cells(made)
    return None if cells is None else pd.DataFrame({COLUMN: cells})


def _cells(value: Any) -> Any:
    """A cell for each row: lists where there are more dimensions. None for a single value."""
    import pandas as pd

    if isinstance(value, (list, tuple, pd.Series)):
        return list(value)
    if getattr(value, "ndim", 0) == 0:
        return None
    return list(value.tolist()) if value.ndim > 1 else value


def _names(columns: Iterable[Any]) -> list[str]:
    """Texts, as files have them for names: a column that has only a number is called prediction_0."""
    names = list(columns)
    if len(names) == 1 and not isinstance(names[0], str):
        return [COLUMN]
    return [name if isinstance(name, str) else f"{COLUMN}_{name}" for name in names]
