"""What a request says, read as MLflow reads it: its body becomes what a model is given."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tracker.models.signature.schema import ModelSignature, Schema
from tracker.serving import arrays, frames
from tracker.serving.answers import INVALID, Refusal

CONTENT_TYPES = JSON, CSV, PARQUET = "application/json", "text/csv", "application/vnd.apache.parquet"
_FORMATS: dict[str, Callable[[Any, Schema | None], Any]] = {
    "dataframe_split": frames.from_split,
    "dataframe_records": frames.from_records,
    "instances": arrays.from_instances,
    "inputs": arrays.from_inputs,
}
#: Bodies of chats, completions and embeddings go through as they are.
_BARE = ("messages", "prompt", "input")


@dataclass(frozen=True)
class Question:
    """What a model is asked. `is_bare` says that its answer goes back without `{"predictions": …}`."""

    data: Any
    params: dict[str, Any] | None = None
    is_bare: bool = False

    @property
    def rows(self) -> int:
        """How many predictions are asked for, as far as that can be told."""
        data: Any = next(iter(self.data.values()), None) if isinstance(self.data, dict) else self.data
        return len(data) if hasattr(data, "__len__") and getattr(data, "shape", None) != () else 1


def of_table(kind: str, body: bytes, signature: ModelSignature | None) -> Question:
    """What a table asks, which is CSV or Parquet.

    Errors: Refusal.
    """
    if kind == CSV:
        return Question(frames.from_csv(body, signature.inputs if signature else None))
    return Question(frames.from_parquet(body))


def kind_of(content_type: str) -> str:
    """Which of CONTENT_TYPES a header means.

    Errors: Refusal with status 415 for others, and for another charset than UTF-8.
    """
    if content_type == JSON:
        return JSON
    kind, *pairs = (part.strip() for part in content_type.split(";"))
    said = {key: value for key, _, value in (pair.partition("=") for pair in pairs)}
    if said.pop("charset", "utf-8").lower() != "utf-8":
        raise Refusal("Bodies are read in UTF-8 only: leave the charset out.", 415)
    if said:
        raise Refusal(f"Content-Type may have a charset, and nothing else: leave out {', '.join(said)}.", 415)
    if kind not in CONTENT_TYPES:
        raise Refusal(f"Content-Type {content_type!r} is none of {', '.join(CONTENT_TYPES)}.", 415)
    return kind


def object_of(body: bytes) -> dict[str, Any]:
    """The JSON object of a body.

    Errors: Refusal.
    """
    try:
        told = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refusal(f"The body can't be read as JSON: {error}") from None
    if isinstance(told, dict):
        return told
    raise Refusal(f"The body is a JSON object with one of {', '.join(_FORMATS)}, not {type(told).__name__}.")


def of_json(told: dict[str, Any], signature: ModelSignature | None, *, is_hinted: bool) -> Question:
    """What a JSON object asks. `is_hinted` is for signatures from type hints, which the model itself checks.

    Errors: Refusal.
    """
    if any(key in told for key in _BARE):
        return _bare(told, signature)
    params = told.get("params")
    if params is not None and not isinstance(params, dict):
        raise Refusal(f'params is an object, such as {{"a": 1}}, not {type(params).__name__}.', error_code=INVALID)
    named = [key for key in told if key in _FORMATS]
    if is_hinted:
        if "inputs" not in told:
            raise Refusal(f"The model takes the key inputs; there are {list(told)}.", error_code=INVALID)
        return Question(told["inputs"], params)
    if len(named) != 1:
        raise Refusal(f"The body has exactly one of {', '.join(_FORMATS)}; this has the keys {list(told)}.")
    return Question(_FORMATS[named[0]](told[named[0]], signature.inputs if signature else None), params)


def _bare(told: dict[str, Any], signature: ModelSignature | None) -> Question:
    known = {spec.name for spec in signature.params} if signature and signature.params else set()
    data = {key: value for key, value in told.items() if key not in known}
    return Question(data, {key: value for key, value in told.items() if key in known}, is_bare=True)
