"""Keys that begin alike stand together: `val/loss` and `val/accuracy` under "val"."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")

#: What a machine measured about itself is looked at last.
LAST = "system"


@dataclass(frozen=True)
class Section(Generic[T]):
    """Items under one heading; an empty `name` has none. A folded one is opened on demand."""

    name: str
    items: list[T]
    is_folded: bool = False


def by_prefix(items: Iterable[T], key: Callable[[T], str], separators: str = "/") -> list[Section[T]]:
    """Sections in the order of their names, those without a prefix first, system metrics folded at the end.

    A prefix stands before the first of `separators`. When all keys share one heading, there is none.
    """
    found: dict[str, list[T]] = {}
    for item in items:
        found.setdefault(prefix_of(key(item), separators), []).append(item)
    if len(found) == 1:
        return [Section("", next(iter(found.values())))]
    names = sorted(found, key=lambda name: (name == LAST, name))
    return [Section(name, found[name], is_folded=name == LAST) for name in names]


def prefix_of(key: str, separators: str = "/") -> str:
    """What stands before the first separator; nothing where there is none, or nothing on one of its sides."""
    places: list[Any] = [place for separator in separators if 0 < (place := key.find(separator)) < len(key) - 1]
    return key[: min(places)] if places else ""


def without_prefix(key: str, separators: str = "/") -> str:
    """The rest of a key: `val/loss` is `loss`."""
    prefix = prefix_of(key, separators)
    return key[len(prefix) + 1 :] if prefix else key
