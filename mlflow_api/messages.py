"""Reads requests as MLflow's protocol buffers read JSON: unknown fields are passed over, numbers may come as text,
null means not said, and every field may be missing unless the protocol requires it.
"""

import re
from http import HTTPMethod
from typing import Annotated, Any, ClassVar, TypeVar, get_args

import msgspec
from django.http import HttpRequest

from trackerweb import json
from trackerweb.body import read_body
from trackerweb.errors import InvalidValue, MalformedRequest

Int64 = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]


_CAMEL_FIELD = re.compile(rb'"[a-z]+(?:[A-Z][a-z]*)+"\s*:')
_CAPITAL = re.compile("[A-Z]")
_HEAD_BYTES = 2048


class Message(msgspec.Struct):
    """The fields of a request. `required` names those that have to be there, and not empty."""

    required: ClassVar[tuple[str, ...]] = ()


class RunMessage(Message):
    """A request about a run, which clients before 1.0 call `run_uuid`."""

    required: ClassVar[tuple[str, ...]] = ("run_id",)

    run_id: str | None = None
    run_uuid: str | None = None

    def __post_init__(self) -> None:
        self.run_id = self.run_id or self.run_uuid


class Pair(msgspec.Struct):
    """A param or a tag."""

    key: str | None = None
    value: str | None = None


M = TypeVar("M", bound=Message)


class MissingValue(InvalidValue):
    """A field that the protocol requires."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Missing value for required parameter '{name}'.", field=name)


def read(request: HttpRequest, kind: type[M]) -> M:
    """The query of a GET, or the JSON body, as a message.

    Errors: InvalidValue names the field; MalformedRequest.
    """
    if request.method in (HTTPMethod.GET, HTTPMethod.HEAD) and request.META.get("QUERY_STRING"):
        message = _from_query(request, kind)
    else:
        message = _from_body(request, kind)
    for name in kind.required:
        if getattr(message, name) in (None, ""):
            raise MissingValue(name)
    return message


def _from_query(request: HttpRequest, kind: type[M]) -> M:
    """Fields that hold a list take every value of their name, the others the first."""
    said: dict[str, Any] = {}
    for field in msgspec.structs.fields(kind):
        values = request.GET.getlist(field.name)
        if values:
            said[field.name] = values if _is_list(field.type) else values[0]
    return json.convert(said, kind)


def _is_list(kind: Any) -> bool:
    return any(getattr(option, "__origin__", None) is list for option in (kind, *get_args(kind)))


def _from_body(request: HttpRequest, kind: type[M]) -> M:
    if request.method in (HTTPMethod.POST, HTTPMethod.PUT):
        _require_json(request)
    body = read_body(request)
    if body[:1] == b'"':
        # Early clients encoded their JSON twice.
        body = json.decode(body, str).encode()
    if _in_camel_case(body):
        return json.convert(_in_snake_case(json.decode(_checked(body), dict)), kind)
    return json.decode(_checked(body) or b"{}", kind, strict=False)


def is_snake(request: HttpRequest) -> bool:
    """Whether a client spells the fields of its request as the protocol does: `run_id`. The first ones said `runId`."""
    return not _in_camel_case(read_body(request))


def _in_camel_case(body: bytes) -> bool:
    """Protocol buffers read both. The fields of the message itself come first, so that its head tells."""
    return _CAMEL_FIELD.search(body, 0, _HEAD_BYTES) is not None


def _in_snake_case(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            _CAPITAL.sub(lambda found: f"_{found[0].lower()}", key): _in_snake_case(item) for key, item in value.items()
        }
    if isinstance(value, list):
        return [_in_snake_case(item) for item in value]
    return value


def _checked(body: bytes) -> bytes:
    """The body: fields that are passed over are not looked at by the parser, and may be no text.

    Errors: MalformedRequest.
    """
    try:
        body.decode()
    except UnicodeDecodeError:
        raise MalformedRequest("The body is not UTF-8.") from None
    return body


def _require_json(request: HttpRequest) -> None:
    if request.content_type != "application/json":
        raise InvalidValue(
            f"Content-Type {request.content_type!r} is not read here. Send the header Content-Type: application/json."
        )


def texts_of(pairs: list[Pair] | None, place: str) -> dict[str, str]:
    """Pairs as a mapping, the last of a key wins; a value that was not said is empty.

    Errors: InvalidValue for a pair without a key.
    """
    for index, pair in enumerate(pairs or ()):
        if not pair.key:
            raise MissingValue(f"{place}[{index}].key")
    return {pair.key or "": pair.value or "" for pair in pairs or ()}


def enum_of(value: str | int | None, names: tuple[str, ...], place: str) -> str | None:
    """The name of an enum's value, said by name or by its number, which counts from 1. A name that nobody knows is
    passed over, as a later release may have added it.

    Errors: InvalidValue for a number that is none.
    """
    if value is None:
        return None
    text = str(value)
    if text in names:
        return text
    if not (text.isascii() and text.isdigit()):
        return None
    if not 0 < int(text[:9]) <= len(names):
        raise InvalidValue(f"Invalid value {text[:20]} for {place}. Use {', '.join(names)}.", field=place)
    return names[int(text) - 1]
