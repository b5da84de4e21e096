"""What an import has to say: what it mended, what it left out and why."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum


class Level(StrEnum):
    """How much it matters."""

    NOTE = "note"
    REPAIR = "repair"
    REFUSAL = "refusal"


@dataclass(frozen=True)
class Finding:
    """Something that was mended, left out or noticed, where, and why."""

    level: Level
    place: str
    reason: str


@dataclass
class Report:
    """Passes findings on. What is found again, word for word, is told once."""

    listener: Callable[[Finding], None]
    _told: set[Finding] = field(default_factory=set)

    def note(self, place: str, reason: str) -> None:
        """Something worth knowing."""
        self._tell(Level.NOTE, place, reason)

    def repair(self, place: str, reason: str) -> None:
        """Something was mended."""
        self._tell(Level.REPAIR, place, reason)

    def refuse(self, place: str, reason: str) -> None:
        """Something was left out."""
        self._tell(Level.REFUSAL, place, reason)

    def begin_part(self) -> None:
        """Forget what was told of the part before, so that memory stays flat."""
        self._told.clear()

    def _tell(self, level: Level, place: str, reason: str) -> None:
        finding = Finding(level, place, reason)
        if finding not in self._told:
            self._told.add(finding)
            self.listener(finding)
