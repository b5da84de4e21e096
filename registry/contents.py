"""What the files of a model say of it: flavors, signature, requirements. They are read as texts; nothing is run.

The file MLmodel is MLflow's (reference: mlflow 3.17, models/model.py); a signature's parts are JSON in it.
"""

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from registry.places import Place
from runs.artifacts import store
from trackerweb.plain_yaml import NotPlain, mapping_of

MLMODEL, REQUIREMENTS, EXAMPLE = "MLmodel", "requirements.txt", "serving_input_example.json"
MAX_BYTES = 1 << 20
MAX_COLUMNS = 2000
MAX_PROPERTIES = 40
#: Flavors whose files hold no code, and types within files of skops that hold none: the same that the client knows.
DATA_FLAVORS = ("onnx", "xgboost", "lightgbm")
SAFE_TYPES = frozenset({
    "collections.OrderedDict", "lightgbm.basic.Booster", "lightgbm.sklearn.LGBMClassifier",
    "lightgbm.sklearn.LGBMModel", "lightgbm.sklearn.LGBMRanker", "lightgbm.sklearn.LGBMRegressor",
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
})  # fmt: skip


@dataclass(frozen=True)
class Column:
    """A column of what a model takes or gives, or a param; `name` is "" where it has none."""

    name: str
    kind: str
    is_required: bool = True
    default: str = ""


@dataclass(frozen=True)
class Signature:
    """What a model takes and gives."""

    inputs: list[Column] = field(default_factory=list)
    outputs: list[Column] = field(default_factory=list)
    params: list[Column] = field(default_factory=list)

    @property
    def parts(self) -> list[tuple[str, list[Column]]]:
        """Those that say something, by name."""
        named = (("Inputs", self.inputs), ("Outputs", self.outputs), ("Params", self.params))
        return [(name, columns) for name, columns in named if columns]


class Contents:
    """The files of a model at a place; None for files that are not here."""

    def __init__(self, place: Place | None) -> None:
        self.place = place

    @cached_property
    def _read(self) -> tuple[dict[str, Any], str]:
        text = self.text(MLMODEL)
        if not text:
            return {}, ""
        try:
            return mapping_of(text), ""
        except NotPlain as error:
            return {}, str(error)

    @property
    def mlmodel(self) -> dict[str, Any]:
        """The fields of its MLmodel file."""
        return self._read[0]

    @property
    def problem(self) -> str:
        """Why its MLmodel file can't be read; "" when it can, or there is none."""
        return self._read[1]

    @property
    def is_model(self) -> bool:
        """Whether it has an MLmodel file that can be read."""
        return bool(self.mlmodel)

    @property
    def flavors(self) -> dict[str, dict[str, Any]]:
        """Its flavors, each with its fields."""
        found = self.mlmodel.get("flavors")
        items = found.items() if isinstance(found, dict) else ()
        return {name: value for name, value in items if isinstance(value, dict)}

    @property
    def runs_code(self) -> bool:
        """Whether loading it runs code that its maker wrote: all but the formats that hold data alone."""
        natives = [(name, flavor) for name, flavor in self.flavors.items() if name != "python_function"]
        brings_code = any(flavor.get("code") for flavor in self.flavors.values())
        loader = self.flavors.get("python_function", {}).get("loader_module")
        if brings_code or not natives or loader not in (None, *(f"mlflow.{name}" for name, _ in natives)):
            return self.is_model
        return not all(_is_data(name, flavor) for name, flavor in natives)

    @property
    def python(self) -> str:
        """The version of Python that it was made with."""
        return str(self.flavors.get("python_function", {}).get("python_version", ""))

    @cached_property
    def signature(self) -> Signature:
        """What it takes and gives; nothing where it does not say."""
        told = self.mlmodel.get("signature")
        told = told if isinstance(told, dict) else {}
        return Signature(*(_columns(told.get(part)) for part in ("inputs", "outputs", "params")))

    @cached_property
    def requirements(self) -> list[str]:
        """The lines of its requirements.txt, without comments."""
        lines = (line.strip() for line in self.text(REQUIREMENTS).splitlines())
        return [line for line in lines if line and not line.startswith("#")][:MAX_COLUMNS]

    @cached_property
    def example(self) -> str:
        """The body of a request to a server of it, as JSON in a line; "" when it has none."""
        try:
            return json.dumps(json.loads(self.text(EXAMPLE)), ensure_ascii=False)
        except (ValueError, RecursionError):
            return ""

    def text(self, path: str) -> str:
        """A small text file of it; "" where there is none."""
        if self.place is None:
            return ""
        file = store.file_at(self.place.owner, self.place.within(path))
        if file is None or file.blob.size > MAX_BYTES:
            return ""
        with store.open_blob(file.blob) as content:
            return content.read(MAX_BYTES).decode("utf-8", "replace").replace("\0", "\ufffd")


def _is_data(name: str, flavor: dict[str, Any]) -> bool:
    """Whether a flavor's files hold data alone, as far as is told: its loader looks into them."""
    format_, named = flavor.get("serialization_format"), flavor.get("skops_trusted_types") or ()
    if format_ is None:
        return name in DATA_FLAVORS
    return format_ == "skops" and all(str(kind) in SAFE_TYPES for kind in named)


def _columns(told: Any) -> list[Column]:
    """The columns that a part of a signature lists, as JSON in a text."""
    try:
        found = json.loads(told) if isinstance(told, str) and len(told) <= MAX_BYTES else told
    except (ValueError, RecursionError):
        return []
    items = [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
    return [_column(item) for item in items[:MAX_COLUMNS]]


def _column(item: dict[str, Any]) -> Column:
    default = "" if "default" not in item else json.dumps(item["default"])
    return Column(str(item.get("name") or ""), _kind(item), item.get("required") is not False, default)


def _kind(item: dict[str, Any], depth: int = 0) -> str:
    """A type in a line: `double`, `array of string`, `tensor of float32 (-1, 28, 28)`, `{a: long, b: string?}`."""
    kind = str(item.get("type") or item.get("dtype") or "any")
    spec = item.get("tensor-spec")
    if isinstance(spec, dict):
        shape = spec.get("shape")
        return f"tensor of {spec.get('dtype')} ({', '.join(map(str, shape if isinstance(shape, list) else []))})"
    if depth > 4:
        return kind
    inner = item.get("items") if kind == "array" else item.get("values") if kind == "map" else None
    if isinstance(inner, dict):
        return f"{kind} of {_kind(inner, depth + 1)}"
    properties = item.get("properties")
    if kind == "object" and isinstance(properties, dict):
        known = [(name, value) for name, value in properties.items() if isinstance(value, dict)][:MAX_PROPERTIES]
        return "{" + ", ".join(_field(name, value, depth) for name, value in known) + "}"
    shape = item.get("shape")
    return f"list of {kind}" if isinstance(shape, list) else kind


def _field(name: str, value: dict[str, Any], depth: int) -> str:
    return f"{name}: {_kind(value, depth + 1)}{'' if value.get('required') is not False else '?'}"
