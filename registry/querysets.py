"""What is asked of models."""

from collections.abc import Iterable, Sequence
from typing import Any, Self

from django.db import models

from trackerweb.errors import NotFound
from trackerweb.lifecycle import LifecycleStage


class LoggedModelQuerySet(models.QuerySet[Any]):
    """Models, chosen."""

    def kept(self) -> Self:
        """All but those whose experiment is being deleted for good."""
        return self.exclude(experiment__lifecycle_stage=LifecycleStage.PURGING)

    def active(self) -> Self:
        """Those that were not moved to the trash themselves. Those of a trashed experiment are among them."""
        return self.kept().filter(lifecycle_stage=LifecycleStage.ACTIVE)

    def by_id(self, model_id: str) -> Any:
        """The model, trashed or not.

        Errors: NotFound names the id.
        """
        found = self.kept().filter(model_id=model_id).select_related("experiment").first()
        if found is None:
            raise NotFound(f"No model {model_id!r}.", field="model_id")
        return found

    def with_all(self) -> Self:
        """Loaded with all that is told of them."""
        return self.select_related("experiment").prefetch_related(
            models.Prefetch("tags", self._sorted("tags", "key")),
            models.Prefetch("params", self._sorted("params", "key")),
            models.Prefetch("metrics", self._sorted("metrics", "key", "timestamp", "step").select_related("run")),
        )

    def _sorted(self, relation: str, *columns: str) -> Any:
        return self.model._meta.get_field(relation).related_model.objects.order_by(*columns)


class RunModelQuerySet(models.QuerySet[Any]):
    """Ties of runs and models, chosen."""

    def of_runs(self, runs: Sequence[int], role: str) -> Iterable[tuple[int, str, int]]:
        """(run, model_id, step) in the order of model ids."""
        chosen = self.filter(run__in=runs, role=role).order_by("run", "model_id")
        return chosen.values_list("run_id", "model_id", "step")
