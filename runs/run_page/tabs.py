"""The tabs of a run's pages. Rooms above this one add theirs when they are ready, for imports point one way."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from runs.models import Run


@dataclass(frozen=True)
class Part:
    """A tab: the name of its address, its label, and how many things are in it. None where a number says nothing."""

    name: str
    label: str
    count: Callable[[Run], int | None]


@dataclass(frozen=True)
class Tab:
    """A tab as the page shows it."""

    label: str
    address: str
    count: int | None
    is_current: bool

    @property
    def is_empty(self) -> bool:
        """Nothing is in it."""
        return self.count == 0


_PARTS: list[Part] = []


def register(*parts: Part) -> None:
    """Add tabs after those that are there."""
    _PARTS.extend(parts)


def tabs_of(run: Run, current: str) -> list[Tab]:
    """All tabs; `current` is the name of the address of the one that is open."""
    return [
        Tab(part.label, reverse(part.name, args=[run.run_id]), part.count(run), part.name == current) for part in _PARTS
    ]
