"""One strict JSON for every endpoint: what a database can't keep is refused on the way in, what JSON can't hold is
written as text on the way out."""

import math
import re
from typing import Any, TypeVar

import msgspec
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from trackerweb.body import read_body
from trackerweb.errors import InvalidValue, MalformedRequest

T = TypeVar("T")


def decode(body: bytes, kind: type[T] | Any = Any, strict: bool = True) -> T:
    """Read `body` as a `kind` (a msgspec struct, or anything); unless `strict`, numbers may come as text.

    Errors: MalformedRequest when it is not JSON; InvalidValue, with the field, when it is not a `kind`.
    """
    _refuse_nul(body)
    try:
        return msgspec.json.decode(body, type=kind, strict=strict)
    except msgspec.ValidationError as error:
        raise _invalid(error) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedRequest(f'The body is not JSON: {error}. NaN and infinities go as "NaN", "Infinity".') from None
    except RecursionError:
        raise MalformedRequest("The body is nested too deeply.") from None


def convert(value: Any, kind: type[T]) -> T:
    """Plain values, such as those of a query, as a `kind`; numbers may be text.

    Errors: InvalidValue with the field.
    """
    try:
        return msgspec.convert(value, kind, strict=False)
    except msgspec.ValidationError as error:
        raise _invalid(error) from None


_ITEM = re.compile(r"(.+)\[(\d+)\]")


def _invalid(error: msgspec.ValidationError) -> InvalidValue:
    """``Expected `float`, got `null` - at `$.values[2]` `` becomes field "values", index 2."""
    message, _, place = str(error).partition(" - at `")
    field = place.rstrip("`").removeprefix("$").lstrip(".") or None
    index = None
    if field and (item := _ITEM.fullmatch(field)):
        field, index = item[1], int(item[2])
    place = "" if field is None else f"{field}: " if index is None else f"{field}, item {index}: "
    remedy = (
        ' Numbers are JSON numbers, or "NaN", "Infinity", "-Infinity".' if field and field.endswith("values") else ""
    )
    return InvalidValue(f"{place}{message}.{remedy}", field=field, index=index)


def _refuse_nul(body: bytes) -> None:
    """Neither database keeps U+0000 in text."""
    if b"\\u0000" not in body:
        return
    # An escaped backslash before it makes it six plain characters, which are fine.
    if b"\\u0000" in body.replace(b"\\\\", b""):
        raise InvalidValue("The body holds the character U+0000, which can't be stored. Remove it.")


def encode(value: Any) -> bytes:
    """JSON text of `value`, with NaN and infinities as "NaN", "Infinity" and "-Infinity" wherever they stand."""
    return msgspec.json.encode(_speakable(value))


def encode_plain(value: Any) -> bytes:
    """JSON text of a value without NaN or infinities: a long answer is not walked twice."""
    return msgspec.json.encode(value)


def speakable_number(value: float) -> float | str:
    """A number as the protocols carry it."""
    if math.isfinite(value):
        return value
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def _speakable(value: Any) -> Any:
    if isinstance(value, float):
        return speakable_number(value)
    if isinstance(value, dict):
        return {str(key): _speakable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return value if _all_finite(value) else [_speakable(item) for item in value]
    return value if isinstance(value, (str, int, type(None), msgspec.Raw)) else str(value)


def _all_finite(values: list[Any] | tuple[Any, ...]) -> bool:
    """Whether these are plain numbers: a column of a million is not walked item by item."""
    try:
        return all(map(math.isfinite, values))
    except (TypeError, OverflowError):
        return False


class StrictJSONParser(BaseParser):
    """Parses `application/json` for serializers."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """The body as plain Python values; an empty one says nothing."""
        body = read_body((parser_context or {})["request"]._request)
        return decode(body) if body else {}


class StrictJSONRenderer(BaseRenderer):
    """Renders every answer; bytes are taken as JSON already written."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        """`data` as JSON; nothing for None."""
        if data is None:
            return b""
        return data if isinstance(data, bytes) else encode(data)


class AlwaysJSON(BaseContentNegotiation):
    """We speak JSON whatever `Accept` says: a training script that asks for */* or text/html is still a script."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        """The JSON parser, when the body is said to be JSON."""
        content_type = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == content_type), None)

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        """The first renderer."""
        return renderers[0], renderers[0].media_type
