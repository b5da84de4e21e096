"""Schemas, with data to be made to fit or refused. Read by our tests and, in its own Python, beside a real MLflow."""

import datetime as dt
import decimal
import json

import numpy as np
import pandas as pd
from scipy import sparse

from tests.mlflow.models.inputs import NOON, column


def one(kind, required=True, **more):
    return json.dumps([{"type": kind, "name": "x", "required": required} | more])


def unnamed(*kinds):
    return json.dumps([{"type": kind, "required": True} for kind in kinds])


def tensor(dtype, *shape, name=None):
    told = {"type": "tensor", "tensor-spec": {"dtype": dtype, "shape": list(shape)}}
    return told | ({"name": name} if name else {})


def tensors(*specs):
    return json.dumps(list(specs))


TWO = json.dumps([
    {"type": "double", "name": "a", "required": True},
    {"type": "string", "name": "b", "required": False},
])  # fmt: skip
LIST = one("array", items={"type": "double"})
LIST_OF_WHOLE = one("array", items={"type": "long"})
LIST_OPTIONAL = one("array", required=False, items={"type": "string"})
LIST_OF_ANY = one("array", items={"type": "any"})
LISTS = one("array", items={"type": "array", "items": {"type": "long"}})
PROPERTIES = {"a": {"type": "long", "required": True}, "b": {"type": "string", "required": False}}
OBJECT = one("object", properties=PROPERTIES)
OBJECT_OPTIONAL = one("object", required=False, properties=PROPERTIES)
MAP = one("map", values={"type": "double"})
ANY = one("any", required=False)
BY_NAME = tensors(tensor("float64", -1, 2, name="a"), tensor("int64", -1, name="b"))

#: Name → (schema, data made anew).
CASES = {
    f"{kind} from {dtype}": (one(kind), lambda dtype=dtype: column([0, 2], dtype))
    for kind in ("boolean", "integer", "long", "float", "double", "string")
    for dtype in ("bool", "int8", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64")
} | {
    "zeros and ones": (one("double"), lambda: column([0, 1, 1])),
    "zeros and ones as float": (one("float"), lambda: column([0, 1, 1])),
    "whole numbers with one missing": (one("long"), lambda: column([1.0, None])),
    "nullable whole numbers": (one("long"), lambda: column([1, 2], "Int64")),
    "nullable whole numbers, one missing": (one("long"), lambda: column([1, None], "Int64")),
    "nullable numbers": (one("double"), lambda: column([1.5, None], "Float64")),
    "nullable booleans": (one("boolean"), lambda: column([True, None], "boolean")),
    "whole numbers as objects": (one("long"), lambda: column([1, 2], object)),
    "numbers as objects": (one("double"), lambda: column([1, 2.5], object)),
    "booleans with one missing": (one("boolean"), lambda: column([True, None], object)),
    "decimals": (one("double"), lambda: column([decimal.Decimal("1.5")], object)),
    "texts": (one("string"), lambda: column(["a", None])),
    "texts as objects": (one("string"), lambda: column(["a", 1], object)),
    "texts as categories": (one("string"), lambda: column(["a"], "category")),
    "texts as numbers": (one("double"), lambda: column(["a"])),
    "texts as truths": (one("boolean"), lambda: column(["a"])),
    "texts as bytes": (one("binary"), lambda: column(["a"])),
    "bytes": (one("binary"), lambda: column([b"a"])),
    "bytes as text": (one("string"), lambda: column([b"a"])),
    "numbers as bytes": (one("binary"), lambda: column([1.5])),
    "times": (one("datetime"), lambda: column([NOON])),
    "times in seconds": (one("datetime"), lambda: column(np.array(["2026-11-29"], "datetime64[s]"))),
    "times with a zone": (one("datetime"), lambda: column(pd.to_datetime(["2026-11-29T12:00Z"]))),
    "dates": (one("datetime"), lambda: column([dt.date(2026, 11, 29)], object)),
    "texts as times": (one("datetime"), lambda: column(["2026-11-29"], object)),
    "words as times": (one("datetime"), lambda: column(["noon"], object)),
    "numbers as times": (one("datetime"), lambda: column([1.5])),
    "whole numbers as times": (one("datetime"), lambda: column([1])),
    "times as numbers": (one("long"), lambda: column([NOON])),
    "columns in another order": (TWO, lambda: pd.DataFrame({"b": ["x"], "a": [1.5]})),
    "an optional column is missing": (TWO, lambda: pd.DataFrame({"a": [1.5]})),
    "a required column is missing": (TWO, lambda: pd.DataFrame({"b": ["x"]})),
    "a column too many": (TWO, lambda: pd.DataFrame({"a": [1.5], "z": [1]})),
    "an index is kept": (TWO, lambda: pd.DataFrame({"a": [1.5, 2.5]}, index=[7, 9])),
    "a dictionary is a row": (TWO, lambda: {"a": 1.5, "b": "x"}),
    "a dictionary of lists": (TWO, lambda: {"a": [1.5, 2.5], "b": ["x", "y"]}),
    "a dictionary of arrays": (TWO, lambda: {"a": np.array([1.5, 2.5])}),
    "a dictionary of matrices": (TWO, lambda: {"a": np.zeros((2, 2))}),
    "a dictionary of lists that differ": (TWO, lambda: {"a": [1.5, 2.5], "b": ["x"]}),
    "a dictionary that lacks one": (TWO, lambda: {"b": "x"}),
    "a list of dictionaries": (TWO, lambda: [{"a": 1.5, "b": "x"}, {"a": 2.5}]),
    "a list of dictionaries with whole numbers": (TWO, lambda: [{"a": 1}, {"a": 2}]),
    "a list is no named column": (TWO, lambda: [1.5, 2.5]),
    "a set": (TWO, lambda: {1.5}),
    "nothing": (TWO, lambda: None),
    "a series by its name": (one("double"), lambda: pd.Series([1.5], name="x")),
    "a series of another name": (one("double"), lambda: pd.Series([1.5], name="y")),
    "no rows": (one("double"), lambda: column([], "float64")),
    "positions": (unnamed("double", "long"), lambda: pd.DataFrame({"p": [1.5], "q": [1], "r": ["x"]})),
    "positions, too few": (unnamed("double", "long"), lambda: pd.DataFrame({"p": [1.5]})),
    "positions from an array": (unnamed("double", "double"), lambda: np.array([[1.5, 2.5]])),
    "a scalar": (unnamed("double"), lambda: 1.5),
    "a text": (unnamed("string"), lambda: "x"),
    "a list of texts": (unnamed("string"), lambda: ["x", "y"]),
    "a list": (unnamed("double"), lambda: [1.5, 2.5]),
    "lists": (LIST, lambda: column([[1.5, 2.5], [3.5]])),
    "lists of whole numbers as doubles": (LIST, lambda: column([[1, 2]])),
    "lists of zeros and ones as doubles": (LIST, lambda: column([[1, 0]])),
    "lists of numbers as whole ones": (LIST_OF_WHOLE, lambda: column([[1.5]])),
    "arrays in cells": (LIST, lambda: column([np.array([1.5]), np.array([2.5, 3.5])])),
    "empty lists": (LIST, lambda: column([[]], object)),
    "a missing list": (LIST, lambda: column([[1.5], None])),
    "a missing list that may": (LIST_OPTIONAL, lambda: column([["a"], None])),
    "lists with a missing text": (LIST_OPTIONAL, lambda: column([["a", None]])),
    "a text is no list": (LIST, lambda: column(["x"])),
    "lists of anything": (LIST_OF_ANY, lambda: column([[1, "a", None], None])),
    "lists of lists": (LISTS, lambda: column([[[1], [2, 3]]])),
    "lists of lists of texts": (LISTS, lambda: column([[["a"]]])),
    "objects": (OBJECT, lambda: column([{"a": 1, "b": "x"}, {"a": 2}])),
    "objects that lack one": (OBJECT, lambda: column([{"b": "x"}])),
    "objects with one too many": (OBJECT, lambda: column([{"a": 1, "z": 1}])),
    "objects of another type": (OBJECT, lambda: column([{"a": "x"}])),
    "objects with nothing for what may be missing": (OBJECT, lambda: column([{"a": 1, "b": None}])),
    "a missing object": (OBJECT, lambda: column([None], object)),
    "a missing object that may": (OBJECT_OPTIONAL, lambda: column([None, {"a": 1}], object)),
    "an empty object that may": (OBJECT_OPTIONAL, lambda: column([{}, {"a": 1}], object)),
    "an object by its dictionary": (OBJECT, lambda: {"x": {"a": 1}}),
    "maps": (MAP, lambda: column([{"p": 1.5}, {"q": 2.5, "r": 3.5}])),
    "maps of texts": (MAP, lambda: column([{"p": "x"}])),
    "maps by numbers": (MAP, lambda: column([{1: 1.5}])),
    "anything": (ANY, lambda: column([1, "a", None], object)),
    "an array": (tensors(tensor("float64", -1, 2)), lambda: np.zeros((3, 2))),
    "an array of another dtype": (tensors(tensor("float64", -1, 2)), lambda: np.zeros((3, 2), "float32")),
    "an array of another shape": (tensors(tensor("float64", -1, 2)), lambda: np.zeros((3, 3))),
    "an array of other dimensions": (tensors(tensor("float64", -1, 2)), lambda: np.zeros((3, 2, 1))),
    "an array with a fixed first axis": (tensors(tensor("float64", 3, 2)), lambda: np.zeros((4, 2))),
    "an array of texts": (tensors(tensor("str", -1)), lambda: np.array(["abc"])),
    "a ragged array": (
        tensors(tensor("float64", -1, -1)),
        lambda: np.array([np.zeros(1), np.zeros(2)], dtype=object),
    ),
    "an array of objects": (tensors(tensor("object", -1)), lambda: np.zeros((2, 2))),
    "a list is no array": (tensors(tensor("float64", -1)), lambda: [1.5]),
    "a sparse matrix": (tensors(tensor("float64", -1, 3)), lambda: sparse.csr_matrix(np.eye(3))),
    "a data frame as an array": (tensors(tensor("float64", -1, 2)), lambda: pd.DataFrame(np.zeros((3, 2)))),
    "a data frame of another width": (tensors(tensor("float64", -1, 2)), lambda: pd.DataFrame(np.zeros((3, 3)))),
    "a data frame of another dtype": (tensors(tensor("float64", -1, 2)), lambda: pd.DataFrame([[1, 2]])),
    "an empty data frame": (tensors(tensor("float64", -1, 2)), lambda: pd.DataFrame()),
    "a column of scalars": (tensors(tensor("float64", -1)), lambda: pd.DataFrame({"p": [1, 2]})),
    "a column of scalars in two dimensions": (tensors(tensor("float64", -1, 1)), lambda: pd.DataFrame({"p": [1, 2]})),
    "a column of scalars as rows": (tensors(tensor("float64", -1, 2)), lambda: pd.DataFrame({"p": [1, 2]})),
    "a column of lists": (tensors(tensor("float64", -1, 2)), lambda: pd.DataFrame({"p": [[1, 2], [3, 4]]})),
    "a column of lists as pictures": (
        tensors(tensor("float32", -1, 2, 2)),
        lambda: pd.DataFrame({"p": [[1, 2, 3, 4]]}),
    ),
    "a column of lists of another length": (tensors(tensor("float64", -1, 3)), lambda: pd.DataFrame({"p": [[1, 2]]})),
    "a column of lists that differ": (tensors(tensor("float64", -1, 2)), lambda: pd.DataFrame({"p": [[1, 2], [3]]})),
    "a column of arrays": (tensors(tensor("float64", -1, 2)), lambda: pd.DataFrame({"p": [np.zeros(2), np.ones(2)]})),
    "a column of arrays of another dtype": (
        tensors(tensor("float32", -1, 2)),
        lambda: pd.DataFrame({"p": [np.zeros(2), np.ones(2)]}),
    ),
    "a column of texts": (tensors(tensor("float64", -1)), lambda: pd.DataFrame({"p": ["x"]})),
    "arrays by name": (BY_NAME, lambda: {"a": np.zeros((2, 2)), "b": np.array([1, 2])}),
    "arrays by name, one missing": (BY_NAME, lambda: {"a": np.zeros((2, 2))}),
    "arrays by name, one too many": (
        BY_NAME,
        lambda: {"a": np.zeros((2, 2)), "b": np.array([1, 2]), "z": np.zeros(1)},
    ),
    "lists by name are no arrays": (BY_NAME, lambda: {"a": [[1.5, 2.5]], "b": [1]}),
    "a data frame for arrays by name": (BY_NAME, lambda: pd.DataFrame({"a": [[1.5, 2.5]], "b": [1]})),
    "an array for arrays by name": (BY_NAME, lambda: np.zeros((2, 2))),
    "an array for the one by name": (tensors(tensor("float64", -1, name="a")), lambda: np.zeros(2)),
}


def param(kind, default, shape=None, **more):
    return json.dumps([{"name": "p", "type": kind, "default": default, "shape": shape} | more])


_VALUES = {
    "True": True, "1": 1, "1.5": 1.5, "a text": "x", "int32": np.int32(1), "int64": np.int64(1),
    "float32": np.float32(1.5), "float64": np.float64(1.5), "a truth of numpy": np.bool_(True), "a list": [1],
    "nothing": None, "a text of numpy": np.str_("x"),
}  # fmt: skip
_DEFAULTS = {"boolean": False, "integer": 3, "long": 3, "float": 3.5, "double": 3.5, "string": "d"}

#: Name → (schema of params, params).
PARAMS = {
    f"{kind} from {name}": (param(kind, default), {"p": value})
    for kind, default in _DEFAULTS.items()
    for name, value in _VALUES.items()
} | {
    "the default": (param("long", 3), {}),
    "nothing at all": (param("long", 3), None),
    "an unknown one": (param("long", 3), {"q": 1}),
    "a key that is no text": (param("long", 3), {1: 1}),
    "no mapping": (param("long", 3), [1]),
    "a time as text": (param("datetime", "2026-11-29T12:00:00"), {"p": "2026-11-30"}),
    "a time": (param("datetime", "2026-11-29T12:00:00"), {"p": NOON}),
    "a word as time": (param("datetime", "2026-11-29T12:00:00"), {"p": "noon"}),
    "a number as time": (param("datetime", "2026-11-29T12:00:00"), {"p": 5}),
    "a list": (param("long", [1, 2], [-1]), {"p": [3]}),
    "a list from an array": (param("double", [1.5], [-1]), {"p": np.array([2.5, 3.5])}),
    "a list of whole numbers as doubles": (param("double", [1.5], [-1]), {"p": [2, 3]}),
    "a list of texts as numbers": (param("double", [1.5], [-1]), {"p": ["x"]}),
    "a scalar for a list": (param("long", [1, 2], [-1]), {"p": 3}),
    "a list of lists": (param("long", [1, 2], [-1]), {"p": [[3]]}),
    "an empty list": (param("long", [1, 2], [-1]), {"p": []}),
    "an object": (
        param("object", {"a": 1}, properties={"a": {"type": "long", "required": True}}),
        {"p": {"a": 2}},
    ),
    "an object of another type": (
        param("object", {"a": 1}, properties={"a": {"type": "long", "required": True}}),
        {"p": {"a": "x"}},
    ),
    "no schema": (None, {"p": 1}),
    "no schema and no params": (None, None),
}


def told(data):
    """What was made of the data, as plain values that can be compared: types and dtypes included."""
    if isinstance(data, pd.DataFrame):
        cells = [[told(value) for value in data[name].tolist()] for name in data.columns]
        return ["frame", list(map(str, data.columns)), list(map(str, data.dtypes)), cells, list(map(str, data.index))]
    if isinstance(data, np.ndarray):
        return ["array", str(data.dtype), list(data.shape), [told(item) for item in data.reshape(-1).tolist()]]
    if isinstance(data, dict):
        return ["dict", sorted([str(key), told(value)] for key, value in data.items())]
    if isinstance(data, list):
        return ["list", [told(item) for item in data]]
    if hasattr(data, "toarray"):
        return ["sparse", data.format, told(data.toarray())]
    if isinstance(data, np.generic):
        return told(data.item())
    return [type(data).__name__, repr(data)]
