"""Keys that begin alike stand together: `val/loss` and `val/accuracy` under "val"."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")

#: What a machine measured about itself is looked at last.
LAST = "system"
#: Up to so many charts need no headings.
FEW = 9


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


def of_charts(curves: Sequence[T], dots: Sequence[T], key: Callable[[T], str]) -> list[Section[T]]:
    """Charts by prefix where there are many; a few stand in one grid, for half-empty rows would push them out of sight.

    `dots`, charts of one value each, are folded at the end: a table says them better.
    """
    shown = [chart for chart in curves if prefix_of(key(chart)) != LAST]
    if 0 < len(shown) <= FEW:
        system = [chart for chart in curves if prefix_of(key(chart)) == LAST]
        sections = [Section("", shown)] + ([Section(LAST, system, is_folded=True)] if system else [])
    else:
        sections = by_prefix(curves, key) if curves else []
    return sections + ([Section("One value each", list(dots), is_folded=bool(curves))] if dots else [])


def prefix_of(key: str, separators: str = "/") -> str:
    """What stands before the first separator; nothing where there is none, or nothing on one of its sides."""
    places: list[Any] = [place for separator in separators if 0 < (place := key.find(separator)) < len(key) - 1]
    return key[: min(places)] if places else ""


def without_prefix(key: str, separators: str = "/") -> str:
    """The rest of a key: `val/loss` is `loss`."""
    prefix = prefix_of(key, separators)
    return key[len(prefix) + 1 :] if prefix else key
