"""What both servers are asked: name to model, content type and body."""

import io
import json

import pandas as pd

from tests.mlflow.models.serving.saved import TYPES

JSON, CSV, PARQUET = "application/json", "text/csv", "application/vnd.apache.parquet"

#: The answers of echo.py, by the param `kind`.
KINDS = [
    "frame", "frame without names", "empty frame", "frame of times", "frame of zones", "frame of small numbers",
    "frame of lists", "frame of bytes", "frame of categories", "frame of nullable numbers", "frame of durations",
    "frame with an index", "frame with a name twice", "series", "named series", "series of texts", "array",
    "array of floats", "array of float32", "array of float16", "array of booleans", "array of texts", "array of bytes",
    "array of objects", "array of times", "array of nanoseconds", "array of complex numbers", "array of no dimension",
    "not finite", "numbers of numpy", "times", "time of nanoseconds", "bytes", "text", "number", "large number",
    "float", "truth", "nothing", "tuple", "dictionary", "dictionary of arrays", "dictionary by numbers",
    "dictionary by numbers of numpy", "dictionary by floats of numpy", "dictionary of a frame", "dictionary by tuples",
    "list of arrays", "list of frames", "list of dictionaries", "empty list", "set", "missing of pandas", "an object",
    "a generator", "error", "error of a key",
]  # fmt: skip

ROW = {
    "boolean": True, "integer": 1, "long": 2, "float": 0.1, "double": 0.1, "string": "ü", "binary": "YWJj",
    "datetime": "2026-11-29T12:30:00",
}  # fmt: skip
REQUIRED = {name: value for name, value in ROW.items() if name not in {"long", "string"}}
#: One value that is not of the type, or not quite, in place of the right one.
ODD = {
    "boolean": [0, 1, "true", None, 2.5], "integer": [1.5, "7", 2**40, True, None, "x"],
    "long": [1.5, "7", 2**70, None, True, 1.0], "float": [1, "0.1", 1e300, None, True],
    "double": [1, "0.1", None, True, "x", 2**63, [1.5]], "string": [1, None, 1.5, True, ["a"], {"a": 1}],
    "binary": ["no base64!", 1, None, ""],
    "datetime": ["2026-11-29", "no time", 1, None, "2026-11-29T12:00:00Z", "2026-11-29 12:00:00.123456789"],
}  # fmt: skip

Request = tuple[str, str, bytes]


def asked(model, body, kind=JSON):
    """A request: `body` goes as JSON unless it is bytes."""
    return model, kind, body if isinstance(body, bytes) else json.dumps(body).encode()


def split(*rows, columns=("a", "b", "c", "d"), **more):
    return {"dataframe_split": {"columns": list(columns), "data": [list(row) for row in rows]} | more}


def records(*rows, columns=("a", "b", "c", "d")):
    return {"dataframe_records": [dict(zip(columns, row, strict=True)) for row in rows]}


def _parquet(frame):
    target = io.BytesIO()
    frame.to_parquet(target)
    return target.getvalue()


def typed(**values):
    row = ROW | values
    return asked("types", split(list(row.values()), columns=list(row)))


ONE, TWO = (5.1, 3.5, 1.4, 0.2), (6.2, 2.8, 4.8, 1.8)
FRAME = pd.DataFrame([ONE, TWO], columns=["a", "b", "c", "d"])

ASKED: dict[str, Request] = {
    f"answer: {kind}": asked("answers", {"inputs": [1], "params": {"kind": kind}}) for kind in KINDS
}
ASKED |= {f"{name} of {value!r}": typed(**{name: value}) for name, values in ODD.items() for value in values}
ASKED |= {
    f"{model}: {name}": asked(model, body)
    for model in ("iris", "untyped", "names", "forest", "regression", "arrays")
    for name, body in {
        "split": split(ONE),
        "split, two rows": split(ONE, TWO),
        "records": records(ONE, TWO),
        "split in another order": split(ONE, columns="dcba"),
        "split with more": split((*ONE, 1), columns="abcde"),
        "split without a column": split(ONE[:3], columns="abc"),
        "split without names": {"dataframe_split": {"data": [ONE]}},
        "split with an index": split(ONE, TWO, index=[7, 9]),
        "no rows": split(),
        "no records": {"dataframe_records": []},
        "whole numbers": split((5, 3, 1, 0)),
        "texts": split(("5", "3", "1", "0")),
        "words": split(("a", "b", "c", "d")),
        "missing": split((None, 3.5, 1.4, 0.2)),
        "truths": split((True, 3.5, 1.4, False)),
        "large": split((1e308, -1e308, 2**53 + 1, 5e-324)),
        "larger": split((2**63, 2**64, 2**70, 0)),
        "not finite": split((float("nan"), float("inf"), 1, 2)),
        "lists": split(([1], [2], [3], [4])),
        "inputs": {"inputs": [ONE, TWO]},
        "inputs by name": {"inputs": {name: [1.5] for name in "abcd"}},
        "inputs as records": {"inputs": [dict(zip("abcd", ONE, strict=True))]},
        "instances": {"instances": [ONE, TWO]},
        "instances by name": {"instances": [dict(zip("abcd", ONE, strict=True))]},
        "one row": {"inputs": ONE},
        "ragged": {"inputs": [[1, 2], [3]]},
        "params that nobody knows": split(ONE) | {"params": {"x": 1}},
        "more keys": split(ONE) | {"more": 1},
        "rows of several lengths": split(ONE, ONE[:3]),
        "duplicated column": split((*ONE, 9.0), columns="abcda"),
    }.items()
}
ASKED |= {
    f"{model}: {name}": asked(model, {key: value})
    for model in ("plain", "tensor", "tensors", "texts", "one", "unnamed", "text", "nested")
    for key in ("inputs", "instances")
    for name, value in {
        f"{key}, numbers": [[1, 2], [3, 4]],
        f"{key}, floats": [[0.1, 2.5]],
        f"{key}, one number": 1.5,
        f"{key}, a list": [1, 2, 3],
        f"{key}, a text": "abc",
        f"{key}, texts": ["a", "b"],
        f"{key}, null": None,
        f"{key}, an empty list": [],
        f"{key}, an empty dictionary": {},
        f"{key}, a truth": True,
        f"{key}, by name": {"a": [[1, 2], [3, 4]], "b": [5, 6]},
        f"{key}, of two lengths": {"a": [[1, 2]], "b": [5, 6]},
        f"{key}, rows by name": [{"a": [1, 2], "b": 5}, {"a": [3, 4], "b": 6}],
        f"{key}, one of two": {"a": [[1, 2]]},
        f"{key}, single by name": {"a": 1.5},
        f"{key}, list by name": {"a": [1.5, 2]},
        f"{key}, rows of one": [{"a": 1.5}],
        f"{key}, not all rows": [{"a": 1}, 5],
        f"{key}, mixed": [1, "a", None],
        f"{key}, large": [2**70],
        f"{key}, three deep": [[[1, 2], [3, 4]]],
        f"{key}, nested": {"words": ["a"], "thing": {"a": 1}},
        f"{key}, nested rows": [{"words": ["a"], "thing": {"a": 1, "b": "x"}, "scores": {"s": 1.5}, "any": [1]}],
        f"{key}, wrongly nested": [{"words": "a", "thing": {"b": 1}}],
    }.items()
}
ASKED |= {
    "types: all right": typed(),
    "types: optional left out": asked("types", split(REQUIRED.values(), columns=REQUIRED)),
    "types: records": asked("types", {"dataframe_records": [ROW, ROW | {"double": 7, "string": None}]}),
    "types: required left out": asked("types", {"dataframe_records": [{"boolean": True}]}),
    "types: inputs": asked("types", {"inputs": ROW}),
    "types: inputs of rows": asked("types", {"inputs": [ROW, ROW]}),
    "types: instances": asked("types", {"instances": [ROW, ROW]}),
    "types: csv": asked("types", ",".join(TYPES).encode() + b"\nTrue,1,2,0.1,0.1,a,YQ==,2026-11-29\n", CSV),
    "nested: split": asked(
        "nested", split((["a", "b"], {"a": 1}, {"x": 1}, None), columns=("words", "thing", "scores", "any"))
    ),
    "nested: wrong list": asked("nested", split(("a", {"a": 1}), columns=("words", "thing"))),
    "nested: missing key": asked("nested", split((["a"], {"b": "x"}), columns=("words", "thing"))),
    "nested: extra key": asked("nested", split((["a"], {"a": 1, "z": 2}), columns=("words", "thing"))),
    "nested: wrong item": asked("nested", split(([1], {"a": "x"}), columns=("words", "thing"))),
    "nested: csv": asked("nested", b"words,thing\na,b\n", CSV),
    "tensor: split": asked("tensor", split((1, 2), columns="ab")),
    "tensor: lists": asked("tensor", split(([1, 2],), columns="a")),
    "tensor: csv": asked("tensor", b"a,b\n1,2\n", CSV),
    "tensors: split": asked("tensors", split(([1, 2], 3), columns="ab")),
    "unnamed: split": asked("unnamed", {"dataframe_split": {"data": [[1, 2], [3.5, 4]]}}),
    "unnamed: too few": asked("unnamed", {"dataframe_split": {"data": [[1]]}}),
    "unnamed: csv": asked("unnamed", b"0,1\n1.5,2\n", CSV),
    "plain: split": asked("plain", split((1, "a", None, [1]))),
    "plain: records": asked("plain", {"dataframe_records": [{"a": 1}, {"b": 2}]}),
    "plain: csv": asked("plain", b"a,b\n1,x\n2.5,\n", CSV),
    "plain: csv in windows' lines": asked("plain", b"a,b\r\n1,x\r\n", CSV),
    "plain: a single record": asked("plain", {"dataframe_records": {"a": 1}}),
    "plain: split as list": asked("plain", {"dataframe_split": [[1]]}),
    "plain: split without data": asked("plain", {"dataframe_split": {"columns": ["a"]}}),
    "plain: split with more": asked("plain", {"dataframe_split": {"data": [[1]], "dtypes": []}}),
    "plain: columns of another number": asked("plain", {"dataframe_split": {"columns": ["a"], "data": [[1, 2]]}}),
    "plain: records of numbers": asked("plain", {"dataframe_records": [1, 2]}),
    "params: defaults": asked("params", split((1.5,), columns="a")),
    "params: given": asked(
        "params",
        split((1.5,), columns="a") | {"params": {"count": 7, "rate": 1, "name": "y", "deep": True, "several": [3]}},
    ),
    "params: a time": asked("params", split((1.5,), columns="a") | {"params": {"since": "2026-01-02T03:04:05"}}),
    "params: no time": asked("params", split((1.5,), columns="a") | {"params": {"since": "yesterday"}}),
    "params: unknown": asked("params", split((1.5,), columns="a") | {"params": {"other": 1}}),
    "params: wrong type": asked("params", split((1.5,), columns="a") | {"params": {"count": "many"}}),
    "params: float for whole": asked("params", split((1.5,), columns="a") | {"params": {"count": 1.5}}),
    "params: one for several": asked("params", split((1.5,), columns="a") | {"params": {"several": 1.5}}),
    "params: several for one": asked("params", split((1.5,), columns="a") | {"params": {"count": [1, 2]}}),
    "params: null": asked("params", split((1.5,), columns="a") | {"params": None}),
    "params: null for one": asked("params", split((1.5,), columns="a") | {"params": {"count": None}}),
    "params: a list": asked("params", split((1.5,), columns="a") | {"params": [1]}),
    "plain: params": asked("plain", {"inputs": [1], "params": {"x": 1}}),
    "plain: no params": asked("plain", {"inputs": [1], "params": {}}),
    "chat: messages": asked("chat", {"messages": [{"role": "user", "content": "hi"}], "temperature": 0.1, "other": 1}),
    "chat: prompt": asked("chat", {"prompt": "hi"}),
    "chat: input": asked("chat", {"input": ["a"], "params": {"x": 1}}),
    "chat: input of iris": asked("iris", {"input": [ONE]}),
    "chat: messages beside inputs": asked("chat", {"messages": [], "inputs": [1]}),
    "chat: to a model without params": asked("plain", {"messages": []}),
    "chat: answer in kinds": asked("answers", {"input": 1, "kind": "frame"}),
    "iris: csv": asked("iris", FRAME.to_csv(index=False).encode(), CSV),
    "iris: csv with charset": asked("iris", FRAME.to_csv(index=False).encode(), f"{CSV}; charset=UTF-8"),
    "iris: csv without head": asked("iris", b"1,2,3,4\n", CSV),
    "iris: csv of words": asked("iris", b"a,b,c,d\nx,y,z,w\n", CSV),
    "iris: empty csv": asked("iris", b"", CSV),
    "iris: csv in latin1": asked("iris", "a,b\nü,1\n".encode("latin1"), CSV),
    "iris: parquet": asked("iris", _parquet(FRAME), PARQUET),
    "iris: no parquet": asked("iris", b"PAR1", PARQUET),
    "plain: parquet": asked("plain", _parquet(pd.DataFrame({"a": [1, 2], "b": ["x", None]})), PARQUET),
    "iris: charset": asked("iris", json.dumps(split(ONE)).encode(), f"{JSON}; charset=utf-8"),
    "iris: charset in capitals": asked("iris", json.dumps(split(ONE)).encode(), f"{JSON};charset=UTF-8"),
    "iris: other charset": asked("iris", json.dumps(split(ONE)).encode(), f"{JSON}; charset=latin-1"),
    "iris: other parameter": asked("iris", json.dumps(split(ONE)).encode(), f"{JSON}; format=pandas-split"),
    "iris: text": asked("iris", b"hello", "text/plain"),
    "iris: form": asked("iris", b"a=1", "application/x-www-form-urlencoded"),
    "iris: JSON in capitals": asked("iris", json.dumps(split(ONE)).encode(), "Application/JSON"),
    "iris: empty kind": asked("iris", b"{}", ""),
    "iris: empty body": asked("iris", b""),
    "iris: no JSON": asked("iris", b"{"),
    "iris: a list": asked("iris", [1]),
    "iris: a number": asked("iris", 1),
    "iris: null": asked("iris", None),
    "iris: a text": asked("iris", "x"),
    "iris: empty object": asked("iris", {}),
    "iris: two keys": asked("iris", split(ONE) | {"inputs": [ONE]}),
    "iris: 0.4.1's split": asked("iris", {"columns": ["a"], "data": [[1]]}),
    "iris: no UTF-8": asked("iris", b'{"inputs": "\xff"}'),
    "iris: UTF-16": asked("iris", json.dumps(split(ONE)).encode("utf-16")),
    "iris: a mark of order": asked("iris", json.dumps(split(ONE)).encode("utf-8-sig")),
    "plain: a key twice": asked("plain", b'{"inputs": [1], "inputs": [2]}'),
    "plain: a lone surrogate": asked("plain", b'{"inputs": ["\\ud800"]}'),
    "plain: NUL": asked("plain", b'{"inputs": ["\\u0000"]}'),
    "plain: signature_name": asked("plain", {"signature_name": "x", "inputs": [1]}),
}
