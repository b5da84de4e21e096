"""What a model takes and gives: columns or tensors, and params. As JSON text within an MLmodel file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tracker.errors import InvalidValue
from tracker.models.signature import params as param_values
from tracker.models.signature.types import ColumnType, DataType, Object, type_from_json, type_of

#: Data is checked level by level, each in a call of its own.
MOST_LEVELS = 100


@dataclass(frozen=True)
class ColSpec:
    """A column: its type (a type, or its word such as `double`), its name, and whether it must be there."""

    type: ColumnType
    name: Any = None
    required: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "type", type_of(self.type))

    @property
    def json(self) -> dict[str, Any]:
        """As an MLmodel file has it."""
        name = {} if self.name is None else {"name": self.name}
        return self.type.json | name | {"required": self.required}


@dataclass(frozen=True)
class TensorSpec:
    """An array: `type` is a dtype of numpy or its name, `shape` has -1 where any length will do."""

    type: Any
    shape: tuple[int, ...]
    name: Any = None
    required: bool = field(default=True, init=False)

    def __post_init__(self) -> None:
        name = str(getattr(self.type, "name", self.type))
        # Texts and bytes of numpy have their length in their name; a signature has none.
        object.__setattr__(self, "type", name.rstrip("0123456789") if name.startswith(("str", "bytes")) else name)
        object.__setattr__(self, "shape", tuple(self.shape))

    @property
    def json(self) -> dict[str, Any]:
        """As an MLmodel file has it."""
        name = {} if self.name is None else {"name": self.name}
        return name | {"type": "tensor", "tensor-spec": {"dtype": self.type, "shape": list(self.shape)}}


@dataclass(frozen=True)
class Schema:
    """Columns, or tensors.

    Errors: InvalidValue for none, for both at once, for some with and some without a name.
    """

    inputs: tuple[ColSpec | TensorSpec, ...]

    def __init__(self, inputs: Iterable[ColSpec | TensorSpec]) -> None:
        object.__setattr__(self, "inputs", tuple(inputs))
        self._check()

    def __iter__(self) -> Iterator[ColSpec | TensorSpec]:
        return iter(self.inputs)

    def __len__(self) -> int:
        return len(self.inputs)

    @property
    def is_tensors(self) -> bool:
        """Whether it is of tensors rather than columns."""
        return isinstance(self.inputs[0], TensorSpec)

    @property
    def has_names(self) -> bool:
        """Whether the inputs are told apart by names, rather than by position."""
        return self.inputs[0].name is not None

    @property
    def names(self) -> list[Any]:
        """The names of the inputs; their positions where they have none."""
        return [place if each.name is None else each.name for place, each in enumerate(self.inputs)]

    def to_json(self) -> str:
        """The text that stands in an MLmodel file."""
        return json.dumps([each.json for each in self.inputs])

    @classmethod
    def from_json(cls, text: str) -> Schema:
        """What such a text says.

        Errors: InvalidValue.
        """
        return cls(_input_from_json(each) for each in _items_of(text))

    def _check(self) -> None:
        if not self.inputs:
            raise InvalidValue("A schema has at least one input.")
        kinds = {type(each) for each in self.inputs}
        if len(kinds) > 1:
            raise InvalidValue("A schema has columns or tensors, not both: use one of ColSpec and TensorSpec.")
        named = [each.name is not None for each in self.inputs]
        if any(named) and not all(named):
            raise InvalidValue(f"Some inputs of the schema have names, some not: {self.names}. Name all, or none.")
        if not any(named) and (not all(each.required for each in self.inputs)):
            raise InvalidValue("An input without a name can't be left out: name all inputs, or make all required.")
        if not any(named) and kinds == {TensorSpec} and len(self.inputs) > 1:
            raise InvalidValue("Several tensors are told apart by names: name each.")


@dataclass(frozen=True)
class ParamSpec:
    """A param of prediction: `shape` is None for one value, (-1,) for a list.

    Errors: InvalidValue for a default that is not of the type.
    """

    name: str
    dtype: DataType | Object
    default: Any
    shape: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        kind = type_of(self.dtype)
        if not isinstance(kind, (DataType, Object)) or kind is DataType.binary:
            raise InvalidValue(f"The param {self.name!r} can't be of the type {self.dtype}.")
        object.__setattr__(self, "dtype", kind)
        object.__setattr__(self, "shape", None if self.shape is None else tuple(self.shape))
        object.__setattr__(self, "default", self.value_of(self.default))

    def value_of(self, value: Any) -> Any:
        """A value as it is given to the model.

        Errors: InvalidValue for one that is not of the type.
        """
        return param_values.value_of(value, self.name, self.dtype, self.shape)

    @property
    def json(self) -> dict[str, Any]:
        """As an MLmodel file has it."""
        default = param_values.plain(self.default) if self.dtype is DataType.datetime else self.default
        shape = None if self.shape is None else list(self.shape)
        return {"name": self.name, "default": default, "shape": shape} | self.dtype.json


@dataclass(frozen=True)
class ParamSchema:
    """The params that a model knows.

    Errors: InvalidValue for a name twice.
    """

    params: tuple[ParamSpec, ...]

    def __init__(self, params: Iterable[ParamSpec]) -> None:
        object.__setattr__(self, "params", tuple(params))
        names = [each.name for each in self.params]
        if len(set(names)) < len(names):
            raise InvalidValue(f"A param is there twice: {names}.")

    def __iter__(self) -> Iterator[ParamSpec]:
        return iter(self.params)

    def __len__(self) -> int:
        return len(self.params)

    def to_json(self) -> str:
        """The text that stands in an MLmodel file."""
        return json.dumps([each.json for each in self.params])

    @classmethod
    def from_json(cls, text: str) -> ParamSchema:
        """What such a text says.

        Errors: InvalidValue.
        """
        return cls(_param_from_json(each) for each in _items_of(text))


@dataclass(frozen=True)
class ModelSignature:
    """What a model takes and gives."""

    inputs: Schema | None = None
    outputs: Schema | None = None
    params: ParamSchema | None = None

    def to_dict(self) -> dict[str, str | None]:
        """As it stands in an MLmodel file: each part a JSON text."""
        parts = {"inputs": self.inputs, "outputs": self.outputs, "params": self.params}
        return {name: part.to_json() if part else None for name, part in parts.items()}

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> ModelSignature:
        """What stands in an MLmodel file.

        Errors: InvalidValue.
        """
        inputs, outputs = (Schema.from_json(told[name]) if told.get(name) else None for name in ("inputs", "outputs"))
        return cls(inputs, outputs, ParamSchema.from_json(told["params"]) if told.get("params") else None)


def _items_of(text: str) -> list[dict[str, Any]]:
    try:
        items = json.loads(text)
    except (TypeError, ValueError, RecursionError):
        raise InvalidValue(f"The signature {str(text)[:200]!r} is no JSON.") from None
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise InvalidValue(f"The signature {text[:200]!r} is no list of columns, tensors or params.")
    if _is_deeper(items, MOST_LEVELS):
        raise InvalidValue(f"The signature {text[:200]!r} is nested more than {MOST_LEVELS} levels deep.")
    return items


def _is_deeper(items: Any, levels: int) -> bool:
    """Whether lists and mappings lie within each other in more than so many levels."""
    layer = [items]
    for _ in range(levels):
        inner = (each.values() if isinstance(each, dict) else each for each in layer if isinstance(each, (dict, list)))
        layer = [value for values in inner for value in values]
    return any(isinstance(each, (dict, list)) for each in layer)


def _input_from_json(told: dict[str, Any]) -> ColSpec | TensorSpec:
    if told.get("type") != "tensor":
        required = told.get("required", not told.get("optional", False))
        return ColSpec(type_from_json(told), told.get("name"), required)
    spec = told.get("tensor-spec")
    if not isinstance(spec, dict) or not {"dtype", "shape"} <= spec.keys():
        raise InvalidValue(f"A tensor of the signature lacks tensor-spec with dtype and shape: {told}.")
    return TensorSpec(spec["dtype"], tuple(spec["shape"]), told.get("name"))


def _param_from_json(told: dict[str, Any]) -> ParamSpec:
    # Early MLflow 2 wrote `dtype`.
    kind = told.get("type", told.get("dtype"))
    if "name" not in told or "default" not in told or kind is None:
        raise InvalidValue(f"A param of the signature lacks name, type or default: {told}.")
    dtype = type_from_json(told | {"type": kind})
    return ParamSpec(str(told["name"]), dtype, told["default"], told.get("shape"))  # type: ignore[arg-type]
