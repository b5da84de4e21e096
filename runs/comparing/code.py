"""The code and the surroundings of two of the runs that are compared."""

from collections.abc import Sequence
from functools import cached_property

from runs.comparing.contenders import Contender
from runs.models import Run
from runs.provenance.differences import Differences
from runs.provenance.shown import Diff, between
from runs.provenance.snapshot import Snapshot, snapshot_of


class CodeComparison:
    """Any two of the contenders, by the ids of their leading runs: the base and the next one where none are named."""

    def __init__(self, contenders: Sequence[Contender], one: str = "", other: str = "") -> None:
        self._contenders = contenders
        self._named = (one, other)

    @property
    def choices(self) -> Sequence[Contender]:
        """What can be chosen."""
        return self._contenders

    @cached_property
    def runs(self) -> tuple[Run, Run]:
        """The two."""
        leads = {contender.lead.run_id: contender.lead for contender in self._contenders}
        one = leads.get(self._named[0], self._contenders[0].lead)
        others = [run for run in leads.values() if run != one]
        return one, leads.get(self._named[1], others[0] if others else one)

    @cached_property
    def _snapshots(self) -> tuple[Snapshot, Snapshot]:
        one, other = self.runs
        return snapshot_of(one, with_source=True), snapshot_of(other, with_source=True)

    @cached_property
    def differences(self) -> Differences:
        """Commit, command, packages, machine."""
        return Differences(*self._snapshots)

    @cached_property
    def diff(self) -> Diff | None:
        """How their source differs; None where that can't be known from what was captured."""
        return between(*self._snapshots)

    @property
    def is_captured(self) -> bool:
        """Something is known of one of them."""
        return not all(snapshot.is_empty for snapshot in self._snapshots)
