"""Which runs are compared: those that an address names, those of a stored selection, or all that a filter finds."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from experiments.models import Experiment
from runs.comparing.state import State
from runs.models import Run, Selection
from trackerweb.errors import InvalidValue
from trackerweb.lifecycle import LifecycleStage

MAX_RUNS = 1000
#: Addresses are cut by browsers and proxies; a selection has a short one, however many runs it holds.
MAX_IN_ADDRESS = 100


class Chosen:
    """The runs of a comparison in their order, and what became of those that can't be shown.

    Errors: InvalidValue for more ids than an address holds, SearchError for a filter, NotFound for a selection that
    is gone or an experiment that is not there.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self.unknown_ids: list[str] = []
        self.trashed: list[Run] = []
        if state.query is not None:
            self.experiment = None if state.experiment is None else Experiment.objects.by_id(state.experiment)
            self.runs = self._found()
            return
        self.runs = self._named(self._ids())
        experiments = {run.experiment_id: run.experiment for run in self.runs}
        self.experiment = next(iter(experiments.values())) if len(experiments) == 1 else None

    @property
    def is_live(self) -> bool:
        """Whether runs join when they meet the filter."""
        return self._state.query is not None

    @cached_property
    def total(self) -> int:
        """How many there are, of which the first MAX_RUNS are compared."""
        return len(self.runs) if len(self.runs) < MAX_RUNS or not self.is_live else self._all().count()

    def _ids(self) -> Sequence[str]:
        state = self._state
        if state.selection:
            return Selection.by_token(state.selection).run_ids[:MAX_RUNS]
        if len(state.run_ids) > MAX_IN_ADDRESS:
            raise InvalidValue(
                f"This address names {len(state.run_ids)} runs, and an address holds {MAX_IN_ADDRESS}. "
                "Select them in the run table and press Compare, which keeps them under a short address.",
                field="run",
            )
        return state.run_ids

    def _named(self, ids: Sequence[str]) -> list[Run]:
        found = {run.run_id: run for run in Run.objects.kept().filter(run_id__in=ids).select_related("experiment")}
        self.unknown_ids = [run_id for run_id in ids if run_id not in found]
        self.trashed = [found[run_id] for run_id in ids if run_id in found and not found[run_id].is_active]
        return [found[run_id] for run_id in ids if run_id in found and found[run_id].is_active]

    def _all(self) -> Any:
        runs = Run.objects.active()
        if self._state.experiment is not None:
            runs = runs.filter(experiment=self._state.experiment)
        else:
            runs = runs.filter(experiment__lifecycle_stage=LifecycleStage.ACTIVE)
        return runs.search(self._state.query or "", self._state.order)

    def _found(self) -> list[Run]:
        found = list(self._all().select_related("experiment")[:MAX_RUNS])
        base = self._state.base
        if not base or any(run.run_id == base for run in found):
            return found
        # The base stays, whatever the filter says.
        return [*Run.objects.active().filter(run_id=base).select_related("experiment"), *found]
