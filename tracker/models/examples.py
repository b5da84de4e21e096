"""Input examples: what a model may be given, as JSON beside it, and the body of a request that gives it that."""

from __future__ import annotations

import base64
import datetime as dt
import json
from pathlib import Path
from typing import Any

from tracker.errors import InvalidModel, InvalidValue
from tracker.models.saved import SavedModel

EXAMPLE, SERVING = "input_example.json", "serving_input_example.json"


def split(example: Any) -> tuple[Any, dict[str, Any] | None]:
    """The data of an example, and its params: an example may be a pair of both."""
    if isinstance(example, tuple) and len(example) == 2 and isinstance(example[1], dict):
        return example
    return example, None


def write(example: Any, folder: Path) -> dict[str, Any]:
    """Put an example into a model's folder. Returns what the MLmodel file says of it.

    Errors: InvalidValue for what JSON can't say.
    """
    data, params = split(example)
    info, told, serving = _told(data)
    if params is not None:
        info["params"] = "true"
        told, serving = {"inputs": told, "params": params}, serving | {"params": params}
    try:
        texts = {EXAMPLE: json.dumps(told, default=_plain), SERVING: json.dumps(serving, default=_plain, indent=2)}
    except (TypeError, ValueError) as error:
        raise InvalidValue(f"The input example can't be said in JSON: {error}. Give one of plain values.") from None
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return info | {"artifact_path": EXAMPLE, "serving_input_path": SERVING}


def read(saved: SavedModel) -> tuple[Any, dict[str, Any] | None]:
    """The example of a model, and its params; None where there is none.

    Errors: InvalidModel for an example that is not there, or can't be read.
    """
    info = saved.mlmodel.example_info
    if not info:
        return None, None
    file = saved.path(info.get("artifact_path", EXAMPLE))
    params = None
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        if info.get("params"):
            told, params = told["inputs"], told["params"]
        return _of_json(told, str(info.get("type"))), params
    except (OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise InvalidModel(f"{file} is no input example: {type(error).__name__}: {error}") from None


def _told(data: Any) -> tuple[dict[str, Any], Any, dict[str, Any]]:
    """What the MLmodel file says, what stands in the file, and in the body of a request."""
    import numpy as np
    import pandas as pd

    if isinstance(data, pd.DataFrame):
        return _told_frame(data)
    if isinstance(data, np.ndarray) or _is_arrays(data):
        told = {name: _list_of(array) for name, array in data.items()} if isinstance(data, dict) else _list_of(data)
        return {"type": "ndarray"}, told, {"inputs": told}
    if hasattr(data, "indptr"):
        told = {"data": data.data, "indices": data.indices, "indptr": data.indptr, "shape": list(data.shape)}
        return {"type": f"sparse_matrix_{data.format}"}, told, {"inputs": data.toarray()}
    if isinstance(data, (dict, list, str, bytes, int, float, bool, dt.date)) or np.isscalar(data):
        return {"type": "json_object"}, data, {"inputs": data}
    raise InvalidValue(
        f"{type(data).__name__} is no input example: give a data frame, an array, a dictionary, a list or one value."
    )


def _told_frame(frame: Any) -> tuple[dict[str, Any], Any, dict[str, Any]]:
    values = frame.astype(object).where(frame.notnull(), None)
    told = {"columns": list(frame.columns), "data": values.to_numpy(dtype=object).tolist()}
    has_names = list(frame.columns) != list(range(len(frame.columns)))
    if not has_names:
        del told["columns"]
    return {"type": "dataframe", "pandas_orient": "split" if has_names else "values"}, told, {"dataframe_split": told}


def _is_arrays(data: Any) -> bool:
    import numpy as np

    if not isinstance(data, dict) or not any(isinstance(value, np.ndarray) for value in data.values()):
        return False
    if not all(isinstance(value, np.ndarray) for value in data.values()):
        raise InvalidValue("An input example that is a dictionary has arrays for all its values, or for none.")
    return True


def _list_of(array: Any) -> Any:
    """An array as lists, with null for what is no number."""
    import numpy as np

    items: Any = array.astype(object) if array.dtype.kind == "f" else array
    if array.dtype.kind == "f":
        items[np.isnan(array)] = None
    return items.tolist()


def _of_json(told: Any, kind: str) -> Any:
    import pandas as pd

    if kind == "dataframe":
        return pd.DataFrame(told["data"], columns=told.get("columns"))
    if kind == "ndarray":
        return {name: _array_of(each) for name, each in told.items()} if isinstance(told, dict) else _array_of(told)
    if kind.startswith("sparse_matrix"):
        from scipy import sparse

        matrix = sparse.csc_matrix if kind.endswith("csc") else sparse.csr_matrix
        return matrix((told["data"], told["indices"], told["indptr"]), shape=tuple(told["shape"]))
    return told


def _array_of(told: Any) -> Any:
    """An array from lists, in which null stands for what is no number."""
    import numpy as np

    array = np.array(told)
    try:
        return array.astype(float) if array.dtype == object else array
    except (TypeError, ValueError):
        return array


def _plain(value: Any) -> Any:
    """What JSON has no word for: arrays as lists, bytes as base64, times as text."""
    if isinstance(value, (bytes, bytearray)):
        return base64.encodebytes(value).decode("ascii")
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} is no value of JSON")
