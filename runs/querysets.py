"""What many runs can be asked."""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Self, cast

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.expressions import RawSQL

from experiments.models import Direction
from runs import direction
from trackerweb.clock import now_ms
from trackerweb.errors import InvalidValue, NotFound
from trackerweb.lifecycle import LifecycleStage
from trackerweb.prepared import Prepared

if TYPE_CHECKING:
    from runs.search.languages import Language
    from runs.search.sorting import SortColumn

# UNION, not UNION ALL: it stops at runs that it has seen.
_DESCENDANTS = """
    WITH RECURSIVE family (run_id) AS (
        VALUES (%s)
        UNION
        SELECT child.run_id FROM runs_run AS child JOIN family ON child.parent_run_id = family.run_id
    )
    SELECT id FROM runs_run WHERE run_id IN (SELECT run_id FROM family)
"""


@cache
def _by_run_id(model: Any) -> Prepared:
    return Prepared(lambda run_id: model.objects.filter(run_id=run_id), "", related="experiment")


def stale_q() -> models.Q:
    """Runs said to be running whose heartbeat stopped TRACKER_STALE_AFTER ago: `Run.is_stale` in SQL."""
    silent = now_ms() - settings.TRACKER_STALE_AFTER_MS
    return models.Q(status="RUNNING", has_heartbeat=True, heartbeat_time__lt=silent)


class RunQuerySet(models.QuerySet[Any]):
    """Runs, chosen and filled. `sort_columns` is what a search sorts by; runs/paging.py cuts pages along it."""

    sort_columns: "tuple[SortColumn, ...]" = ()

    def _clone(self) -> Self:
        clone = super()._clone()  # type: ignore[misc]
        clone.sort_columns = self.sort_columns
        return clone

    def search(self, text: str = "", order_by: Sequence[str] = (), language: "Language | None" = None) -> Self:
        """Those that meet a filter of docs/search.md, in order: newest first unless `order_by` says otherwise. Short
        forms count unless another `language` is given.

        Errors: SearchError with the place and the remedy.
        """
        from runs.search import compiler, grammar, languages, sorting, tree

        spoken = language or languages.RUNS
        filter_, orders = grammar.parse(text, spoken), grammar.parse_order(order_by, spoken)
        made, columns = sorting.sort_columns(orders)
        made |= compiler.made_for((*tree.clauses_of(filter_), *orders))
        condition = compiler.matching(filter_, compiler.of_run)
        found = self.annotate(**made).filter(condition).order_by(*sorting.ordering(columns))
        found.sort_columns = columns
        return found

    def active(self) -> Self:
        """Those not in the trash."""
        return self.filter(lifecycle_stage=LifecycleStage.ACTIVE)

    def trashed(self) -> Self:
        """Those in the trash."""
        return self.filter(lifecycle_stage=LifecycleStage.DELETED)

    def kept(self) -> Self:
        """Those that are not being deleted for good: active or in the trash."""
        return self.exclude(lifecycle_stage=LifecycleStage.PURGING)

    def purging(self) -> Self:
        """Those being deleted for good."""
        return self.filter(lifecycle_stage=LifecycleStage.PURGING)

    def stale(self) -> Self:
        """Those said to be running that have a heartbeat, and been silent for longer than TRACKER_STALE_AFTER."""
        return self.filter(stale_q())

    def running(self) -> Self:
        """Those that run, as far as is known."""
        return self.filter(~stale_q(), status="RUNNING")

    def in_experiments(self, ids: Sequence[int] | None) -> Self:
        """Those of the experiments with these ids; of all for None."""
        return self if ids is None else self.filter(experiment__in=ids)

    def tagged(self, key: str, value: str) -> Self:
        """Those with a tag of this value. Found in the index of tags."""
        from runs.search import compiler, tree
        from runs.search.languages import Kind

        return self.filter(compiler.of_run(tree.Clause(Kind.TAG, key, "=", value)))

    def descendants_of(self, run_id: str) -> Self:
        """Its children, their children and so on. A circle of parents ends where it began."""
        return self.filter(pk__in=RawSQL(_DESCENDANTS, [run_id])).exclude(run_id=run_id)

    def last_sign_below(self, run: Any) -> str:
        """When its children were last heard of, and how many of them have ended: changes as a sweep goes on."""
        below = self.filter(parent_run_id=run.run_id)
        told = below.aggregate(last=models.Max("heartbeat_time"), ended=models.Count("end_time"))
        return f"{told['last']}-{told['ended']}"

    def refuse_circle(self, run_id: str, parent: str | None) -> None:
        """A run is not its own ancestor; its children may have come before it.

        Errors: InvalidValue.
        """
        if not parent:
            return
        if parent == run_id or self.descendants_of(run_id).filter(run_id=parent).exists():
            raise InvalidValue(
                f"parent_run_id: {parent[:80]!r} was started by {run_id!r}, or is it. Name another parent.",
                field="parent_run_id",
            )

    def before(self, run: Any) -> Any | None:
        """The active run of the same experiment that began last before this one, if there is one."""
        earlier = Q(start_time__lt=run.start_time) | Q(start_time=run.start_time, pk__lt=run.pk)
        return self.active().filter(earlier, experiment=run.experiment_id).order_by("-start_time", "-pk").first()

    def after(self, run: Any) -> Any | None:
        """The active run of the same experiment that began first after this one, if there is one."""
        later = Q(start_time__gt=run.start_time) | Q(start_time=run.start_time, pk__gt=run.pk)
        return self.active().filter(later, experiment=run.experiment_id).order_by("start_time", "pk").first()

    def best_of(self, experiment: Any) -> Any | None:
        """The active run whose last value of the experiment's primary metric is the best.

        None where there is no such metric, or nobody knows its good end.
        """
        key = experiment.primary_metric
        better = direction.of(key, experiment) if key else None
        if better is None:
            return None
        valued = self.active().filter(experiment=experiment, metrics__key=key, metrics__last__isnull=False)
        return valued.order_by("metrics__last" if better == Direction.MIN else "-metrics__last", "pk").first()

    def find(self, run_id: str) -> Any | None:
        """The run in whatever stage, with its experiment; None when there is none."""
        return _by_run_id(cast("Any", self.model)).first(run_id)

    def by_id(self, run_id: str) -> Any:
        """The run, trashed or not.

        Errors: NotFound names the id.
        """
        run = self.find(run_id)
        if run is None or run.lifecycle_stage == LifecycleStage.PURGING:
            raise NotFound(f"No run {run_id!r}. It may have been deleted for good.", field="run_id")
        return run


class MetricQuerySet(models.QuerySet[Any]):
    """Series, chosen."""

    def of_runs(self, run_ids: Sequence[str], keys: Sequence[str]) -> Self:
        """The series of these keys, in the order of keys and then of the runs' start, their runs with them."""
        found = self.filter(run__run_id__in=run_ids, key__in=keys).select_related("run")
        return found.order_by("key", "run__start_time", "run__run_id")


class DatasetUseQuerySet(models.QuerySet[Any]):
    """Uses of datasets, chosen."""

    def of_experiments(self, ids: Sequence[int]) -> "models.QuerySet[Any, tuple[int, str, str, str | None]]":
        """(experiment, name, digest, context) of what runs of these used, each once."""
        chosen = self.filter(run__experiment__in=ids).order_by("run__experiment", "dataset__name", "dataset__digest")
        return chosen.values_list("run__experiment", "dataset__name", "dataset__digest", "context").distinct()


class BlobQuerySet(models.QuerySet[Any]):
    """Contents, chosen."""

    def unused(self) -> Self:
        """Those that no file names, whatever it is a file of."""
        return self.filter(**{relation.name: None for relation in self._files()})

    def only_in(self, files: "models.QuerySet[Any]") -> Self:
        """Those that some of these files name, all of one model, and no other file."""
        others = [relation.related_model.objects.filter(blob=OuterRef("pk")) for relation in self._files()]
        elsewhere = [rows.exclude(pk__in=files.values("pk")) if rows.model is files.model else rows for rows in others]
        return self.filter(*(~Exists(rows) for rows in elsewhere), pk__in=files.values("blob"))

    def with_uses(self) -> Self:
        """With `uses`: how many files name each."""
        counts = [models.Count(relation.name, distinct=True) for relation in self._files()]
        return self.annotate(uses=sum(counts[1:], counts[0]))

    def files(self) -> "list[models.QuerySet[Any]]":
        """The files that name them: a query for each table of files."""
        return [relation.related_model.objects.filter(blob__in=self) for relation in self._files()]

    def _files(self) -> "list[Any]":
        """What has a key to contents: the tables of files."""
        return [relation for relation in self.model._meta.related_objects if relation.field.name == "blob"]
