"""One strict JSON for every endpoint: what a database can't keep is refused on the way in, what JSON can't hold is
written as text on the way out."""

import math
from typing import Any, TypeVar

import msgspec
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from trackerweb.errors import InvalidValue, MalformedRequest

T = TypeVar("T")


def decode(body: bytes, kind: type[T] | Any = Any) -> T:
    """Read `body` as a `kind` (a msgspec struct, or anything).

    Errors: MalformedRequest when it is not JSON; InvalidValue, with the field, when it is not a `kind`.
    """
    _refuse_nul(body)
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise _invalid(error) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedRequest(f"The body is not JSON: {error}. NaN and infinities go as \"NaN\", \"Infinity\".") from None
    except RecursionError:
        raise MalformedRequest("The body is nested too deeply.") from None


def _invalid(error: msgspec.ValidationError) -> InvalidValue:
    """`Expected `int`, got `str` - at `$.seq`` becomes field "seq"."""
    message, _, place = str(error).partition(" - at `")
    field = place.rstrip("`").removeprefix("$").lstrip(".") or None
    return InvalidValue(f"{field}: {message}." if field else f"{message}.", field=field)


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
        return [_speakable(item) for item in value]
    return value if isinstance(value, (str, int, type(None), msgspec.Raw)) else str(value)


class StrictJSONParser(BaseParser):
    """Parses `application/json` for serializers."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """The body as plain Python values."""
        return decode(stream.read())


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
