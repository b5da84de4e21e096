"""A model of code that both sides load: it answers with what it was given, or with what its param `kind` names."""

import datetime as dt

import mlflow
import numpy as np
import pandas as pd

NOON = dt.datetime(2026, 11, 29, 12, 30, 15, 123456)

ANSWERS = {
    "frame": lambda: pd.DataFrame({"a": [1, 2], "b": ["x", "ü"], "c": [1.5, np.nan]}),
    "frame without names": lambda: pd.DataFrame([[1, 2.5], [3, 4.5]]),
    "empty frame": lambda: pd.DataFrame(),
    "frame of times": lambda: pd.DataFrame({"t": [pd.Timestamp(NOON), pd.NaT]}),
    "frame of zones": lambda: pd.DataFrame({"t": pd.to_datetime(["2026-11-29T12:00Z"])}),
    "frame of small numbers": lambda: pd.DataFrame({"a": np.float32([0.1, 2]), "b": np.int8([1, 2])}),
    "frame of lists": lambda: pd.DataFrame({"a": [[1, 2], []], "b": [{"x": np.int64(1)}, None]}),
    "frame of bytes": lambda: pd.DataFrame({"a": [b"abc", b"\xff\x00"]}),
    "frame of categories": lambda: pd.DataFrame({"a": pd.Categorical(["x", "y"])}),
    "frame of nullable numbers": lambda: pd.DataFrame({"a": pd.array([1, None], "Int64")}),
    "frame of durations": lambda: pd.DataFrame({"a": [dt.timedelta(seconds=1)]}),
    "frame with an index": lambda: pd.DataFrame({"a": [1, 2]}, index=["x", "y"]),
    "frame with a name twice": lambda: pd.DataFrame([[1, 2]], columns=["a", "a"]),
    "series": lambda: pd.Series([1.5, np.nan]),
    "named series": lambda: pd.Series([1, 2], name="score"),
    "series of texts": lambda: pd.Series(["a", None]),
    "array": lambda: np.array([[1, 2], [3, 4]]),
    "array of floats": lambda: np.array([0.1, 1e22, 1e-7, -0.0, 3.0]),
    "array of float32": lambda: np.float32([0.1, 16777217]),
    "array of float16": lambda: np.float16([0.1]),
    "array of booleans": lambda: np.array([True, False]),
    "array of texts": lambda: np.array(["a", "日本"]),
    "array of bytes": lambda: np.array([b"abc", b"d"]),
    "array of objects": lambda: np.array([1, "a", None, NOON, b"x", np.float32(0.5)], dtype=object),
    "array of times": lambda: np.array(["2026-11-29T12:00"], "datetime64[s]"),
    "array of nanoseconds": lambda: np.array(["2026-11-29T12:00"], "datetime64[ns]"),
    "array of complex numbers": lambda: np.array([1j]),
    "array of no dimension": lambda: np.array(5),
    "not finite": lambda: [float("nan"), float("inf"), -float("inf")],
    "numbers of numpy": lambda: [np.int64(1), np.float64(1.5), np.float32(0.1), np.bool_(True), np.str_("a")],
    "times": lambda: [NOON, NOON.date(), NOON.time(), pd.Timestamp(NOON), np.datetime64(NOON), pd.NaT],
    "time of nanoseconds": lambda: [np.datetime64("2026-11-29T12:00:00.123456789")],
    "bytes": lambda: [b"abc" * 30, bytearray(b"x")],
    "text": lambda: "a \"quoted\" text with ü and 😀 and \x00 and </script>",
    "number": lambda: 42,
    "large number": lambda: 10**30,
    "float": lambda: 1e16,
    "truth": lambda: True,
    "nothing": lambda: None,
    "tuple": lambda: (1, 2),
    "dictionary": lambda: {"a": 1, "b": [1.5, None]},
    "dictionary of arrays": lambda: {"a": np.array([1, 2]), "b": {"c": np.zeros((1, 2))}},
    "dictionary by numbers": lambda: {1: "a", 2.5: "b", False: "c", None: "d"},
    "dictionary by numbers of numpy": lambda: {np.int64(1): "a"},
    "dictionary by floats of numpy": lambda: {np.float64(1.5): "a"},
    "dictionary of a frame": lambda: {"a": pd.DataFrame({"x": [1]})},
    "dictionary by tuples": lambda: {(1, 2): "a"},
    "list of arrays": lambda: [np.array([1, 2]), np.array([[0.5]])],
    "list of frames": lambda: [pd.DataFrame({"x": [1]})],
    "list of dictionaries": lambda: [{"a": np.float32(1)}, {"b": NOON}],
    "empty list": lambda: [],
    "set": lambda: {1},
    "missing of pandas": lambda: [pd.NA],
    "an object": lambda: object(),
    "a generator": lambda: (item for item in [1]),
    "error": lambda: 1 / 0,
    "error of a key": lambda: {}["missing"],
    "the end": lambda: exit(3),
}  # fmt: skip


def described(data):
    """What was given, in words that tell types and values apart."""
    if isinstance(data, pd.DataFrame):
        columns = [[str(name), str(data.dtypes.iloc[place])] for place, name in enumerate(data.columns)]
        return {"frame": columns, "index": [str(label) for label in data.index], "cells": repr(data.values.tolist())}
    if isinstance(data, dict):
        return {str(key): described(value) for key, value in data.items()}
    if isinstance(data, np.ndarray):
        return {"dtype": str(data.dtype), "shape": list(data.shape), "items": repr(data.tolist())}
    if isinstance(data, list):
        return [described(item) for item in data]
    return [type(data).__name__, repr(data)]


class Echo(mlflow.pyfunc.PythonModel):
    """Answers with what it was given."""

    def predict(self, context, model_input, params=None):
        kind = (params or {}).get("kind")
        if kind:
            return ANSWERS[kind]()
        told = described(model_input)
        return {"given": told, "params": repr(sorted(params.items())) if params else repr(params)}


mlflow.models.set_model(Echo())
