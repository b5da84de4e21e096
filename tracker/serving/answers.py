"""What is sent back: predictions as JSON, byte for byte as MLflow writes them, and errors."""

from __future__ import annotations

import base64
import datetime as dt
import json
import sys
from dataclasses import dataclass
from typing import Any

from tracker.errors import TrackerError

JSON, TEXT = "application/json", "text/plain; charset=utf-8"
INVALID, BAD, INTERNAL = "INVALID_PARAMETER_VALUE", "BAD_REQUEST", "INTERNAL_ERROR"


@dataclass(frozen=True)
class Answer:
    """An answer to a request. `rows` is how many were predicted."""

    status: int
    content: bytes
    kind: str = JSON
    headers: tuple[tuple[str, str], ...] = ()
    rows: int = 0


class Refusal(TrackerError):
    """A request that can't be met, with the answer that says so."""

    def __init__(self, message: str, status: int = 400, error_code: str = BAD) -> None:
        super().__init__(message)
        self.status, self.error_code = status, error_code

    @property
    def answer(self) -> Answer:
        """As MLflow says it: JSON, but plain text for a kind of content that is not read."""
        if self.status == 415:
            return Answer(415, str(self).encode(), TEXT)
        return error(self.status, self.error_code, str(self))


def error(status: int, error_code: str, message: str, *headers: tuple[str, str]) -> Answer:
    """An error, in the one shape that all have."""
    content = json.dumps({"error_code": error_code, "message": message}).encode()
    return Answer(status, content, JSON, headers)


def predictions(made: Any, rows: int, *, is_bare: bool) -> Answer:
    """What a model gave, in `{"predictions": …}` unless it is to be bare.

    Errors: TypeError, ValueError, RecursionError for what JSON can't say.
    """
    told = _plain(made)
    text = json.dumps(told if is_bare else {"predictions": told}, default=_converted)
    return Answer(200, text.encode(), rows=rows)


def _plain(made: Any) -> Any:
    """Arrays as lists, and data frames as a dictionary to each row."""
    if hasattr(made, "to_frame") and hasattr(made, "dtype"):
        made = _named(made)
    if hasattr(made, "columns") and hasattr(made, "to_dict"):
        return made.to_dict(orient="records")
    return made.tolist() if _is_array(made) else made


def _named(series: Any) -> Any:
    import pandas as pd

    return pd.DataFrame(series)


def _is_array(value: Any) -> bool:
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, numpy.ndarray)


def _converted(value: Any) -> Any:
    """What JSON has no word for: numbers of numpy, times as text, bytes as base64."""
    if _is_array(value):
        return value.tolist()
    if isinstance(value, (bytes, bytearray)):
        return base64.encodebytes(value).decode("ascii")
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    numpy, pydantic = sys.modules.get("numpy"), sys.modules.get("pydantic")
    if numpy is not None and isinstance(value, numpy.generic):
        return value.item()
    if pydantic is not None and isinstance(value, pydantic.BaseModel):
        return value.model_dump()
    raise TypeError(f"{type(value).__name__} is no value of JSON")
