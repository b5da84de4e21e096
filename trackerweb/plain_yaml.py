"""Reads YAML that strangers wrote, as data: no alias, no depth that would cost more than the file is worth."""

from typing import Any

import yaml

MAX_DEPTH = 20

_Loader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class NotPlain(Exception):
    """The message says why it is no plain mapping."""


def mapping_of(content: bytes | str) -> dict[str, Any]:
    """The mapping that a YAML text holds; dates as texts, without what neither JSON nor a database holds.

    Errors: NotPlain for an alias, a tag, deep nesting, broken text, or anything but a mapping.
    """
    try:
        _refuse_tricks(content)
        found = yaml.load(content, Loader=_Loader)  # noqa: S506 - both are safe loaders
    except (yaml.YAMLError, ValueError, KeyError, AttributeError, TypeError, OverflowError, RecursionError) as error:
        # What a reader of scalars makes of odd ones is its own affair: a time with a thirteenth month, say.
        raise NotPlain(f"It is no YAML that can be read: {_first_line(error)}") from None
    if not isinstance(found, dict):
        raise NotPlain("It holds no fields.")
    return {str(key): _storable(value) for key, value in found.items()}


def _refuse_tricks(content: bytes | str) -> None:
    depth = 0
    for event in yaml.parse(content, Loader=_Loader):
        if isinstance(event, yaml.AliasEvent):
            raise NotPlain("It holds a YAML alias, which MLflow never writes.")
        if getattr(event, "tag", None) is not None and not isinstance(event, yaml.AliasEvent):
            raise NotPlain("It holds a YAML tag, which MLflow never writes.")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise NotPlain(f"It is nested deeper than {MAX_DEPTH} levels.")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _storable(value: Any) -> Any:
    """The same without NUL and half characters, which become \ufffd."""
    if isinstance(value, dict):
        return {str(key): _storable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if value is None or isinstance(value, (bool, int)):
        return value
    return str(value).encode("utf-8", "replace").decode().replace("\0", "\ufffd")


def _first_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
