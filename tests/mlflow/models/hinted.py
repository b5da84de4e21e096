"""Type hints of `predict`, and data given to functions that have them."""

import datetime as dt
from typing import Any

import pydantic


class Part(pydantic.BaseModel):
    size: float
    label: str | None = None


class Message(pydantic.BaseModel):
    text: str
    parts: list[Part]
    extra: dict[str, int] = {}


class Unset(pydantic.BaseModel):
    label: str | None


HINTS = {
    "int": list[int], "str": list[str], "bool": list[bool], "float": list[float], "bytes": list[bytes],
    "datetime": list[dt.datetime], "any": list[Any], "lists": list[list[int]], "deep": list[list[list[str]]],
    "dict": list[dict[str, int]], "dict of lists": list[dict[str, list[float]]], "dict of any": list[dict[str, Any]],
    "union": list[int | str], "new union": list[int | str], "optional": list[int | None],
    "optional union": list[int | str | None], "list of optional": list[list[int | None]], "model": list[Message],
    "small model": list[Part], "model without default": list[Unset], "dict with other keys": list[dict[int, str]],
    "list of nothing": list[list], "dict of nothing": list[dict], "no list": int, "bare list": list,
    "object": list[object], "complex": list[complex], "tuple": list[tuple[int, int]], "set": list[set[int]],
}  # fmt: skip

_MESSAGE = {"text": "a", "parts": [{"size": 1.5}]}
DATA = {
    "ints": (list[int], [1, 2]), "a text among ints": (list[int], [1, "2"]), "a float for an int": (list[int], [1.0]),
    "an int for a float": (list[float], [1]), "a bool for an int": (list[int], [True]), "none": (list[int], [None]),
    "optional none": (list[int | None], [None, 1]), "no list": (list[int], 1), "a tuple": (list[int], (1, 2)),
    "empty": (list[int], []), "texts": (list[str], ["a"]), "bytes for text": (list[str], [b"a"]),
    "lists": (list[list[int]], [[1], []]), "a wrong inner": (list[list[int]], [[1, "a"]]),
    "dicts": (list[dict[str, int]], [{"a": 1}]), "other keys": (list[dict[str, int]], [{1: 1}]),
    "wrong values": (list[dict[str, int]], [{"a": "b"}]), "any": (list[Any], [1, "a", None, {}]),
    "union": (list[int | str], [1, "a", None, 2.5]), "datetime": (list[dt.datetime], [dt.datetime(2026, 1, 2)]),
    "a text for a datetime": (list[dt.datetime], ["2026-01-02"]), "model": (list[Message], [_MESSAGE]),
    "an instance": (list[Message], [Message(**_MESSAGE)]), "lacks a field": (list[Message], [{"text": "a"}]),
    "a number for text": (list[Message], [{"text": 1, "parts": []}]), "a text for a model": (list[Message], ["a"]),
}  # fmt: skip
