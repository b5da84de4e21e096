"""What the pages of imports show."""

from functools import cached_property
from typing import Any

from django.db.models import Count, QuerySet

from importing import reports
from importing.models import Import, ImportState
from importing.reporting import Level
from trackerweb.clock import now_ms

#: A job tells of itself after a run, twice a second at most; one that did not for so long died with its server.
SILENT_MS = 600_000
_ORDER = (Level.REFUSAL, Level.REPAIR, Level.NOTE)
_TITLES = {Level.REFUSAL: "Left out", Level.REPAIR: "Mended", Level.NOTE: "Notes"}
_STATES = {
    ImportState.RUNNING: "Importing",
    ImportState.FINISHED: "Done",
    ImportState.FAILED: "Failed",
    ImportState.STOPPED: "Stopped",
}


class ImportPage:
    """One import, and its findings of a level, or of all."""

    def __init__(self, record: Import, level: str = "") -> None:
        self.record = record
        self.level = level if level in set(Level) else ""

    @property
    def is_running(self) -> bool:
        """Whether it goes on."""
        return self.record.state == ImportState.RUNNING and not self.was_killed

    @property
    def was_killed(self) -> bool:
        """Whether its server ended while it ran."""
        silent = now_ms() - self.record.heartbeat_time > SILENT_MS
        return self.record.state == ImportState.RUNNING and silent

    @property
    def state(self) -> str:
        """In a word."""
        return "Interrupted" if self.was_killed else _STATES[ImportState(self.record.state)]

    @property
    def done(self) -> int:
        """Runs that it has looked at."""
        return reports.runs_done(self.record)

    @property
    def figures(self) -> list[tuple[str, int]]:
        """What it counted."""
        return reports.figures(self.record)

    @property
    def seconds(self) -> float:
        """How long it took."""
        return reports.seconds(self.record)

    @property
    def findings(self) -> "QuerySet[Any]":
        """Those of the level."""
        found = self.record.findings.order_by("pk")
        return found.filter(level=self.level) if self.level else found

    @cached_property
    def tabs(self) -> list[tuple[str, str, int]]:
        """(level, title, how many) of those that there are."""
        rows = self.record.findings.order_by().values_list("level").annotate(Count("pk"))
        counts = dict(rows)
        return [(level, _TITLES[level], counts[level]) for level in _ORDER if level in counts]
