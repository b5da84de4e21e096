"""Reads meta.yaml files, as data: no alias, no depth, no size that would cost more than the file is worth."""

from typing import Any

from importing.found import Unreadable
from importing.mlruns.folder import Folder, PlainFile
from trackerweb.plain_yaml import NotPlain, mapping_of

META = "meta.yaml"
MAX_META_BYTES = 1 << 20
#: A dataset's schema may hold a million characters, and its profile sixteen million.
MAX_DATASET_BYTES = 80 << 20


def read_meta(folder: Folder, limit: int = MAX_META_BYTES) -> dict[str, Any] | None:
    """The meta.yaml of a folder; None when it has none.

    Errors: Unreadable.
    """
    file = folder.file(META)
    return parse(file, limit) if file is not None else None


def parse(file: PlainFile, limit: int = MAX_META_BYTES) -> dict[str, Any]:
    """A mapping from a YAML file.

    Errors: Unreadable for what is no plain mapping: a tag, a merge, deep nesting, broken text.
    """
    content = file.read(limit)
    if not content.strip():
        raise Unreadable("It is empty. Its program may be writing it: import again later.")
    try:
        return mapping_of(content)
    except NotPlain as error:
        raise Unreadable(str(error)) from None


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
