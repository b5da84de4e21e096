"""Reads YAML that strangers wrote, as data that costs no more than a file is worth."""

from typing import Any

import yaml

MAX_DEPTH = 20
#: With all that its aliases stand for.
MAX_VALUES = 100_000

_Loader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class NotPlain(Exception):
    """The message says why it is no plain mapping."""


def mapping_of(content: bytes | str) -> dict[str, Any]:
    """The mapping that a YAML text holds; dates as texts, without what neither JSON nor a database holds.

    Values may stand for others (&a, *a): MLflow writes so what it meets twice.

    Errors: NotPlain for a tag, a merge (<<), deep nesting, too many values, broken text, or anything but a mapping.
    """
    try:
        _refuse_tricks(content)
        found = yaml.load(content, Loader=_Loader)  # noqa: S506 - both are safe loaders
    except (yaml.YAMLError, ValueError, KeyError, AttributeError, TypeError, OverflowError, RecursionError) as error:
        # What a reader of scalars makes of odd ones is its own affair: a time with a thirteenth month, say.
        raise NotPlain(f"It is no YAML that can be read: {_first_line(error)}") from None
    if not isinstance(found, dict):
        raise NotPlain("It holds no fields.")
    copy: dict[str, Any] = _Copy().of(found)
    return copy


def _refuse_tricks(content: bytes | str) -> None:
    depth = 0
    for event in yaml.parse(content, Loader=_Loader):
        if getattr(event, "tag", None) is not None:
            raise NotPlain("It holds a YAML tag, which MLflow never writes.")
        if isinstance(event, yaml.ScalarEvent) and event.value == "<<" and event.implicit[0]:
            # Of merges of merges the reader makes copies without end.
            raise NotPlain("It holds a YAML merge (<<), which MLflow never writes.")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            _check_depth(depth)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _check_depth(depth: int) -> None:
    if depth > MAX_DEPTH:
        raise NotPlain(f"It is nested deeper than {MAX_DEPTH} levels.")


class _Copy:
    """Copies what was read: plain, and no more of it than MAX_VALUES."""

    def __init__(self) -> None:
        self._count = 0

    def of(self, value: Any, depth: int = 0) -> Any:
        """The same without NUL and half characters, which become \ufffd.

        Errors: NotPlain.
        """
        self._count += 1
        if self._count > MAX_VALUES:
            raise NotPlain(f"It stands for more than {MAX_VALUES:,} values.")
        _check_depth(depth)
        if isinstance(value, dict):
            return {str(key): self.of(item, depth + 1) for key, item in value.items()}
        if isinstance(value, list):
            return [self.of(item, depth + 1) for item in value]
        if value is None or isinstance(value, (bool, int)):
            return value
        return str(value).encode("utf-8", "replace").decode().replace("\0", "\ufffd")


def _first_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
