"""The types that columns and params may have, and their JSON in an MLmodel file."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from tracker.errors import InvalidValue


class DataType(Enum):
    """A scalar. The value is its name in JSON."""

    boolean = "boolean"
    integer = "integer"
    long = "long"
    float = "float"
    double = "double"
    string = "string"
    binary = "binary"
    datetime = "datetime"

    @property
    def numpy_name(self) -> str:
        """The type of numpy that holds it."""
        return _NUMPY_NAMES[self.value]

    @property
    def json(self) -> dict[str, Any]:
        """As an MLmodel file has it."""
        return {"type": self.value}


_NUMPY_NAMES = {
    "boolean": "bool", "integer": "int32", "long": "int64", "float": "float32", "double": "float64",
    "string": "str", "binary": "bytes", "datetime": "datetime64[ns]",
}  # fmt: skip


@dataclass(frozen=True)
class AnyType:
    """Whatever JSON can say, or nothing; it is not checked."""

    @property
    def json(self) -> dict[str, Any]:
        """As an MLmodel file has it."""
        return {"type": "any"}


@dataclass(frozen=True)
class Array:
    """A list of items of one type."""

    dtype: ColumnType

    def __post_init__(self) -> None:
        object.__setattr__(self, "dtype", type_of(self.dtype))

    @property
    def json(self) -> dict[str, Any]:
        """As an MLmodel file has it."""
        return {"type": "array", "items": self.dtype.json}


@dataclass(frozen=True)
class SparkVector(Array):
    """A vector of Spark ML: a list of doubles with a name of its own in JSON."""

    dtype: ColumnType = DataType.double

    @property
    def json(self) -> dict[str, Any]:
        """As an MLmodel file has it."""
        return {"type": "sparkml_vector"}


@dataclass(frozen=True)
class Map:
    """A dictionary from any text to values of one type."""

    value_type: ColumnType

    def __post_init__(self) -> None:
        object.__setattr__(self, "value_type", type_of(self.value_type))

    @property
    def json(self) -> dict[str, Any]:
        """As an MLmodel file has it."""
        return {"type": "map", "values": self.value_type.json}


@dataclass(frozen=True)
class Property:
    """A key of an object, and the type of its value."""

    name: str
    dtype: ColumnType
    required: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "dtype", type_of(self.dtype))


@dataclass(frozen=True)
class Object:
    """A dictionary with keys that are known. They are kept in the order of their names.

    Errors: InvalidValue for no keys, or one twice.
    """

    properties: tuple[Property, ...]

    def __post_init__(self) -> None:
        ordered = tuple(sorted(self.properties, key=lambda each: each.name))
        names = [each.name for each in ordered]
        if not names or len(set(names)) < len(names):
            raise InvalidValue(f"An object of a signature has properties, each once; these are {names}.")
        object.__setattr__(self, "properties", ordered)

    @property
    def json(self) -> dict[str, Any]:
        """As an MLmodel file has it."""
        return {
            "type": "object",
            "properties": {each.name: each.dtype.json | {"required": each.required} for each in self.properties},
        }


ColumnType = DataType | AnyType | Array | Map | Object


def type_of(given: ColumnType | str) -> ColumnType:
    """A type, or the one that a word such as `double` names.

    Errors: InvalidValue.
    """
    if not isinstance(given, str):
        return given
    if given == "any":
        return AnyType()
    try:
        return DataType(given)
    except ValueError:
        known = ", ".join(each.value for each in DataType)
        raise InvalidValue(
            f"{given!r} is no type of a signature. Types are {known}, any, array, object, map."
        ) from None


def type_from_json(told: Mapping[str, Any]) -> ColumnType:
    """The type that a part of an MLmodel file says.

    Errors: InvalidValue.
    """
    if not isinstance(told, Mapping) or not isinstance(told.get("type"), str):
        raise InvalidValue(f"{told!r} in a signature has no type. Write it like {{'type': 'double'}}.")
    reader = _READERS.get(told["type"])
    try:
        return reader(told) if reader else type_of(told["type"])
    except KeyError as error:
        raise InvalidValue(f"The type {told['type']!r} in a signature lacks {error}.") from None


def _object_from_json(told: Mapping[str, Any]) -> Object:
    properties = told["properties"]
    if not isinstance(properties, Mapping):
        raise InvalidValue(f"The properties of an object in a signature are a mapping, not {properties!r}.")
    return Object(
        tuple(Property(name, type_from_json(each), each.get("required", True)) for name, each in properties.items())
    )


_READERS: dict[str, Callable[[Mapping[str, Any]], ColumnType]] = {
    "array": lambda told: Array(type_from_json(told["items"])),
    "map": lambda told: Map(type_from_json(told["values"])),
    "object": _object_from_json,
    "sparkml_vector": lambda told: SparkVector(),
}


def merged(one: ColumnType, other: ColumnType) -> ColumnType:
    """The type that holds values of both.

    Errors: InvalidValue where there is none.
    """
    if isinstance(one, AnyType) or isinstance(other, AnyType):
        return _maybe_missing(other if isinstance(one, AnyType) else one)
    if one == other:
        return one
    if type(one) is type(other):
        if isinstance(one, Array) and isinstance(other, Array):
            return Array(merged(one.dtype, other.dtype))
        if isinstance(one, Map) and isinstance(other, Map):
            return Map(merged(one.value_type, other.value_type))
        if isinstance(one, Object) and isinstance(other, Object):
            return _merged_objects(one, other)
    raise InvalidValue(f"Values of the types {one.json} and {other.json} are in one list: a signature has one for all.")


def merged_all(types: list[ColumnType]) -> ColumnType:
    """The type that holds values of all.

    Errors: InvalidValue where there is none.
    """
    return functools.reduce(merged, types)


def _maybe_missing(given: ColumnType) -> ColumnType:
    """A type whose values may be missing: of an object, each property then may."""
    if isinstance(given, Object):
        return Object(tuple(replace(each, required=False) for each in given.properties))
    return given


def _merged_objects(one: Object, other: Object) -> Object:
    left, right = ({each.name: each for each in side.properties} for side in (one, other))
    both = [
        Property(name, merged(left[name].dtype, right[name].dtype), left[name].required and right[name].required)
        for name in left.keys() & right.keys()
    ]
    single = [replace((left | right)[name], required=False) for name in left.keys() ^ right.keys()]
    return Object(tuple(both + single))
