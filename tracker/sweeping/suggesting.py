"""Which values a trial gets: of a grid its place, of a random search its draw. Both follow from the number alone."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Protocol

from tracker.sweeping.space import Space
from tracker.sweeping.spec import Spec

if TYPE_CHECKING:
    from tracker.sweeping.trials import Trial


class Suggester(Protocol):
    """Chooses the values of trials, and says which of them are not worth their time."""

    def begin(self, number: int, known: dict[str, str] | None = None) -> dict[str, str]:
        """The values of a trial that begins; `known` are those that it had before it was interrupted."""

    def hopeless_at(self, number: int, points: list[tuple[int, float]]) -> int | None:
        """Hear new points of a trial's metric, by step. The step at which it should be given up, if it should."""

    def ended(self, trial: Trial) -> None:
        """Hear how a trial ended: one begun here, or one of an earlier session."""


class Plain:
    """Grid and random search: nothing is learnt from the trials."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec

    def begin(self, number: int, known: dict[str, str] | None = None) -> dict[str, str]:
        """See Suggester."""
        return known or point(self._spec, number)

    def hopeless_at(self, number: int, points: list[tuple[int, float]]) -> int | None:
        """Never."""
        return None

    def ended(self, trial: Trial) -> None:
        """Nothing to learn."""


def suggester(spec: Spec) -> Suggester:
    """Who chooses the values of a sweep's trials.

    Errors: MissingLibrary when it needs Optuna and there is none.
    """
    if spec.method != "tpe" and spec.pruner is None:
        return Plain(spec)
    from tracker.sweeping.study import Study

    return Study(spec)


def point(spec: Spec, number: int) -> dict[str, str]:
    """The values of a trial, counted from 0, by grid or at random."""
    if spec.method == "grid":
        return grid_point(spec.parameters, number)
    return random_point(spec.parameters, spec.seed or 0, number)


def grid_point(space: Space, number: int) -> dict[str, str]:
    """A point of the grid; the last parameter changes first, as digits do."""
    chosen: dict[str, str] = {}
    for name in reversed(list(space)):
        points = space[name].points()
        number, place = divmod(number, len(points))
        chosen[name] = points[place]
    return {name: chosen[name] for name in space}


def random_point(space: Space, seed: int, number: int) -> dict[str, str]:
    """The draw of a number: the same for the same seed, on every machine and in whatever order they are drawn."""
    source = random.Random(f"{seed}:{number}")  # noqa: S311 - no secret
    return {name: domain.at(source.random()) for name, domain in space.items()}
