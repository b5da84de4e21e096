"""What a check finds: what is wrong, where, and what to do about it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from experiments.models import AuditEntry
from runs.models import Run
from trackerweb.clock import now_ms

WHO = "check_data"
#: Rows that one look takes, so that no look holds on to an old state of the database for long.
ROWS_A_LOOK = 500


@dataclass(frozen=True)
class Finding:
    """Something wrong. `mend` does what can be done and returns whether that puts it right; None where nothing can.

    `heals` is False where mending only prepares what a person has to do. What is harmless only takes room.
    """

    where: str
    what: str
    remedy: str
    mend: Callable[[], bool] | None = None
    heals: bool = True
    is_harmless: bool = False

    @property
    def is_repairable(self) -> bool:
        """Whether `mend` puts it right."""
        return self.mend is not None and self.heals


@dataclass(frozen=True)
class Scope:
    """How far to look, and whom to tell how many things were looked at since the last time."""

    quick: bool = False
    tick: Callable[[int], object] = lambda looked_at: None


def keyset(rows: "QuerySet[Any]") -> Iterator[list[Any]]:
    """All rows in pieces in the order of their keys, each a query of its own: the key comes first in a row."""
    last = -(2**63)
    while piece := list(rows.filter(pk__gt=last).order_by("pk")[:ROWS_A_LOOK]):
        yield piece
        last = piece[-1][0]


def note_run(run: Run, before: dict[str, Any]) -> None:
    """Leave in the audit trail what was repaired about a run."""
    note("run", run.run_id, run.name, before)


def note(kind: str, object_id: str, name: str, before: dict[str, Any]) -> None:
    """Leave in the audit trail what was repaired."""
    AuditEntry.objects.create(
        time=now_ms(), who=WHO, action="repair", kind=kind, object_id=object_id, name=name, before=before
    )
