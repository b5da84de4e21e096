"""The form of the page: fields made from a model's signature, and the body of a request made from what they hold."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tracker.models import LoadedModel, ModelSignature
from tracker.models.examples import SERVING
from tracker.models.signature.params import plain
from tracker.models.signature.schema import ColSpec, ParamSpec, Schema
from tracker.models.signature.types import DataType

#: More than this makes no form that anybody fills in.
MOST_FIELDS, MOST_ZEROS = 128, 1000
_KINDS = {
    "boolean": "boolean", "integer": "whole", "long": "whole", "float": "number", "double": "number",
    "string": "text", "binary": "text", "datetime": "time",
}  # fmt: skip


@dataclass(frozen=True)
class Field:
    """One value to fill in. `kind` is whole, number, boolean, time, text or json; `part` is data or params."""

    part: str
    name: str
    kind: str
    type_name: str
    required: bool
    value: str = ""

    @property
    def key(self) -> str:
        """Its name in the form."""
        return f"{self.part}.{self.name}"

    def read(self, text: str) -> Any:
        """What was filled in, as JSON has it.

        Errors: ValueError.
        """
        if self.kind in {"whole", "number"}:
            return int(text) if text.strip().lstrip("+-").isdigit() else float(text)
        if self.kind == "boolean":
            return text == "true"
        return json.loads(text) if self.kind == "json" else text


@dataclass(frozen=True)
class Form:
    """The fields of a model; none where it takes what has no fields, so that the body itself is written."""

    fields: tuple[Field, ...]
    has_names: bool
    example: dict[str, Any]

    def body(self, posted: Mapping[str, str]) -> dict[str, Any]:
        """The body of a request. A field that is empty is left out.

        Errors: ValueError that names the field.
        """
        names, row, params = [], [], {}
        for field in self.fields:
            text = posted.get(field.key, "")
            if text == "" and (field.kind != "text" or not field.required):
                if field.required and field.part == "data":
                    raise ValueError(f"{field.name} is empty. Fill it in.")
                continue
            value = _read(field, text)
            if field.part == "params":
                params[field.name] = value
            else:
                names.append(field.name)
                row.append(value)
        columns = {"columns": names} if self.has_names else {}
        return {"dataframe_split": columns | {"data": [row]}} | ({"params": params} if params else {})


def of_model(model: LoadedModel) -> Form:
    """The form of a model, filled with its input example."""
    signature, example = model.signature, _example(model)
    fields = _columns(signature.inputs if signature else None, example)
    if signature is not None and signature.params and fields:
        fields += [_param(spec, (example or {}).get("params") or {}) for spec in signature.params]
    has_names = bool(signature and signature.inputs and signature.inputs.has_names)
    return Form(tuple(fields), has_names, example or _empty(signature))


def _read(field: Field, text: str) -> Any:
    try:
        value = field.read(text)
    except ValueError:
        raise ValueError(f"{field.name} is to be {field.type_name}; {text[:80]!r} is not.") from None
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{field.name} is to be a finite number.")
    return value


def _example(model: LoadedModel) -> dict[str, Any] | None:
    """The body of a request that was saved with the model; None for none that can be read."""
    info = model.metadata.example_info
    if not info or not info.get("serving_input_path", SERVING):
        return None
    try:
        told = json.loads(model.saved.path(info.get("serving_input_path", SERVING)).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return told if isinstance(told, dict) else None


def _columns(schema: Schema | None, example: dict[str, Any] | None) -> list[Field]:
    """A field to each column; none where some column is more than one value."""
    if schema is None or len(schema) > MOST_FIELDS:
        return []
    first = _first_row(example)
    fields = []
    for name, spec in zip(schema.names, schema, strict=True):
        if not isinstance(spec, ColSpec) or not isinstance(spec.type, DataType):
            return []
        value = _text(first.get(str(name)))
        fields.append(Field("data", str(name), _KINDS[spec.type.value], spec.type.value, spec.required, value))
    return fields


def _first_row(example: dict[str, Any] | None) -> dict[str, Any]:
    split = (example or {}).get("dataframe_split")
    if not isinstance(split, dict) or not split.get("data"):
        return {}
    row = split["data"][0]
    return {str(name): value for name, value in zip(split.get("columns") or range(len(row)), row, strict=False)}


def _param(spec: ParamSpec, given: Mapping[str, Any]) -> Field:
    value = given.get(spec.name, plain(spec.default))
    if isinstance(spec.dtype, DataType) and spec.shape is None:
        return Field("params", spec.name, _KINDS[spec.dtype.value], spec.dtype.value, False, _text(value))
    type_name = spec.dtype.value if isinstance(spec.dtype, DataType) else "object"
    listed = f"list of {type_name}" if spec.shape is not None else type_name
    return Field("params", spec.name, "json", listed, False, json.dumps(value))


def _text(value: Any) -> str:
    if value is None:
        return ""
    return json.dumps(value) if isinstance(value, (bool, dict, list)) else str(value)


def _empty(signature: ModelSignature | None) -> dict[str, Any]:
    """A body for a model without an example: zeros in the shape of its tensor."""
    schema = signature.inputs if signature else None
    if schema is None or not schema.is_tensors:
        return {"inputs": []}
    zeros = [_zeros([max(1, length) for length in spec.shape]) for spec in schema]  # type: ignore[union-attr]
    return {"inputs": dict(zip(schema.names, zeros, strict=True)) if schema.has_names else zeros[0]}


def _zeros(shape: list[int]) -> Any:
    if math.prod(shape) > MOST_ZEROS:
        return []
    return [_zeros(shape[1:]) for _ in range(shape[0])] if shape else 0
