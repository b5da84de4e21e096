"""Nested runs: a run that was started by another one of the table stands below it."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Q

from runs.models import Run
from runs.search import tree
from runs.search.languages import SPELLED_OUT, Kind
from runs.search.tree import Clause


class Family:
    """The runs that a filter found, as trees. A child whose parent was not found stands by itself."""

    def __init__(self, found: Any) -> None:
        self._found = found

    def roots(self) -> Any:
        """Runs below no other."""
        ids = self._found.order_by().values("run_id")
        return self._found.filter(Q(parent_run_id=None) | ~Q(parent_run_id__in=ids))

    def children_of(self, run_id: str) -> Any:
        """What a run started itself."""
        return self._found.filter(parent_run_id=run_id)

    def counts(self, runs: Sequence[Run]) -> dict[str, int]:
        """How many children each of the runs has."""
        below = self._found.order_by().filter(parent_run_id__in=[run.run_id for run in runs])
        return dict(below.values_list("parent_run_id").annotate(Count("pk")))


def condition(run_id: str) -> str:
    """The filter that finds a run's children."""
    return tree.printed(Clause(Kind.ATTRIBUTE, "parent_run_id", "=", run_id), SPELLED_OUT)
