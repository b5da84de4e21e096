"""Reads meta.yaml files, as data: no alias, no depth, no size that would cost more than the file is worth."""

from typing import Any

import yaml

from importing.found import Unreadable
from importing.mlruns.folder import Folder, PlainFile

META = "meta.yaml"
MAX_META_BYTES = 1 << 20
#: A dataset's schema may hold a million characters, and its profile sixteen million.
MAX_DATASET_BYTES = 80 << 20
MAX_DEPTH = 20

_Loader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_meta(folder: Folder, limit: int = MAX_META_BYTES) -> dict[str, Any] | None:
    """The meta.yaml of a folder; None when it has none.

    Errors: Unreadable.
    """
    file = folder.file(META)
    return parse(file, limit) if file is not None else None


def parse(file: PlainFile, limit: int = MAX_META_BYTES) -> dict[str, Any]:
    """A mapping from a YAML file.

    Errors: Unreadable for what is no plain mapping: an alias, a tag, deep nesting, broken text.
    """
    content = file.read(limit)
    if not content.strip():
        raise Unreadable("It is empty. Its program may be writing it: import again later.")
    try:
        _refuse_tricks(content)
        found = yaml.load(content, Loader=_Loader)  # noqa: S506 - both are safe loaders
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Unreadable(f"It is no YAML that can be read: {_first_line(error)}") from None
    if not isinstance(found, dict):
        raise Unreadable("It holds no fields.")
    return {str(key): _storable(value) for key, value in found.items()}


def _refuse_tricks(content: bytes) -> None:
    depth = 0
    for event in yaml.parse(content, Loader=_Loader):
        if isinstance(event, yaml.AliasEvent):
            raise Unreadable("It holds a YAML alias, which MLflow never writes.")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise Unreadable(f"It is nested deeper than {MAX_DEPTH} levels.")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _storable(value: Any) -> Any:
    """The same without what neither JSON nor a database holds: dates become texts, NUL and half characters \ufffd."""
    if isinstance(value, dict):
        return {str(key): _storable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if value is None or isinstance(value, (bool, int)):
        return value
    return str(value).encode("utf-8", "replace").decode().replace("\0", "\ufffd")


def _first_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]


def text(meta: dict[str, Any], name: str) -> str:
    """A field as text: "" for none. What YAML takes for a number or a date is text again."""
    value = meta.get(name)
    return "" if value is None else str(value)


def whole(meta: dict[str, Any], name: str) -> int | None:
    """A field that is a whole number; None for none.

    Errors: Unreadable for what is none.
    """
    value = meta.get(name)
    if value is None or value == "":
        return None
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        number = 2**63
    if isinstance(value, bool) or not -(2**63) <= number < 2**63:
        raise Unreadable(f"{name} is {str(value)[:60]!r}, which is no whole number of 64 bits.")
    return number


def mapping(meta: dict[str, Any], name: str) -> dict[str, str]:
    """A field that maps texts to texts; empty for none."""
    value = meta.get(name)
    return {str(key): str(item) for key, item in value.items()} if isinstance(value, dict) else {}
