"""What all endpoints share: hot bodies, whole numbers from a query, and the base of their serializers."""

from typing import Any, TypeVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from trackerweb import json
from trackerweb.body import read_body
from trackerweb.errors import InvalidValue, UnsupportedMediaType

T = TypeVar("T")

INT64_MAX = 2**63 - 1


def decode_body(request: Request, kind: type[T]) -> T:
    """The JSON body as a msgspec struct, past REST framework's parsers: for the hot endpoints."""
    content_type = (request.content_type or "").partition(";")[0].strip().lower()
    if content_type != "application/json":
        raise UnsupportedMediaType(f"Content-Type {content_type!r} is not read here. Send application/json.")
    return json.decode(read_body(request._request), kind)


def whole_number(request: Request, name: str, default: int | None, low: int, high: int) -> int | None:
    """A whole number of the query string between `low` and `high`, both included; `default` when it is not there.

    Errors: InvalidValue names it.
    """
    text = request.query_params.get(name, "")
    return _whole(text, name, low, high) if text else default


def whole_numbers(request: Request, name: str, low: int, high: int) -> list[int]:
    """All numbers of a name that may be given several times.

    Errors: those of `whole_number`.
    """
    return [_whole(text, name, low, high) for text in request.query_params.getlist(name) if text]


def _whole(text: str, name: str, low: int, high: int) -> int:
    try:
        number = int(text) if len(text) <= 20 else high + 1
    except ValueError:
        raise InvalidValue(f"{name}={text[:40]!r} is not a whole number.", field=name) from None
    if not low <= number <= high:
        raise InvalidValue(f"{name}={text[:40]} is not between {low} and {high}.", field=name)
    return number


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields that it does not know: a misspelt name must not pass as nothing said."""

    def to_internal_value(self, data: Any) -> Any:
        """The checked values.

        Errors: a validation error that names the unknown field and the known ones.
        """
        unknown = sorted(set(data) - set(self.fields)) if isinstance(data, dict) else []
        if unknown:
            known = ", ".join(sorted(self.fields))
            raise serializers.ValidationError({unknown[0]: [f"There is no such field. Known: {known}."]})
        return super().to_internal_value(data)


class TextField(serializers.CharField):
    """Text as it is: JSON text only, blanks kept."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"trim_whitespace": False, "allow_blank": True} | options)

    def to_internal_value(self, data: Any) -> str:
        """The text.

        Errors: a validation error for anything but text.
        """
        if not isinstance(data, str):
            raise serializers.ValidationError(f"Expected text, got {data!r:.40}.")
        return super().to_internal_value(data)


@extend_schema_field(
    {"oneOf": [{"type": "number"}, {"type": "string", "enum": ["NaN", "Infinity", "-Infinity"]}], "nullable": True}
)
class NumberField(serializers.FloatField):
    """A number of an answer: what JSON can't hold is spelled out."""


class TimeField(serializers.IntegerField):
    """Milliseconds since 1970, UTC."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=0, max_value=INT64_MAX, **options)

    def to_internal_value(self, data: Any) -> int:
        """The time.

        Errors: a validation error for text, fractions and booleans.
        """
        if not isinstance(data, int) or isinstance(data, bool):
            raise serializers.ValidationError(f"Expected milliseconds since 1970 as a whole number, got {data!r:.40}.")
        return super().to_internal_value(data)
