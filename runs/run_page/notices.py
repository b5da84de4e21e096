"""Lines below the head of a run's pages. Rooms above this one add theirs when they are ready."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from runs.models import Run


@dataclass(frozen=True)
class Notice:
    """A line: its template, which finds `about` in it, and the script that it needs."""

    template: str
    about: Any
    module: str


_MAKERS: list[Callable[[Run], Notice | None]] = []


def register(maker: Callable[[Run], Notice | None]) -> None:
    """Add what makes a line of a run, or none."""
    _MAKERS.append(maker)


def notices_of(run: Run) -> list[Notice]:
    """The lines of a run."""
    return [notice for maker in _MAKERS if (notice := maker(run)) is not None]
