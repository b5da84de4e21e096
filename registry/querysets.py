"""What is asked of models."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

from django.db import IntegrityError, models

from registry.names import check_model_name
from trackerweb.clock import now_ms
from trackerweb.errors import AlreadyExists, NotFound
from trackerweb.lifecycle import LifecycleStage
from trackerweb.transactions import write_transaction


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
            models.Prefetch("metrics", self._sorted("metrics", "pk").select_related("run")),
        )

    def _sorted(self, relation: str, *columns: str) -> Any:
        return self.model._meta.get_field(relation).related_model.objects.order_by(*columns)


class RunModelQuerySet(models.QuerySet[Any]):
    """Ties of runs and models, chosen."""

    def of_runs(self, runs: Sequence[int], role: str) -> Iterable[tuple[int, str, int]]:
        """(run, model_id, step) in the order of model ids."""
        chosen = self.filter(run__in=runs, role=role).order_by("run", "model_id")
        return chosen.values_list("run_id", "model_id", "step")


class RegisteredModelQuerySet(models.QuerySet[Any]):
    """Registered models, chosen."""

    def active(self) -> Self:
        """Those not in the trash."""
        return self.filter(lifecycle_stage=LifecycleStage.ACTIVE)

    def trashed(self) -> Self:
        """Those in the trash."""
        return self.filter(lifecycle_stage=LifecycleStage.DELETED)

    def named(self, name: str) -> Any:
        """The active one of that name.

        Errors: InvalidValue for what is no name; NotFound.
        """
        check_model_name(name)
        found = self.active().filter(name=name).first()
        if found is None:
            raise NotFound(f"No registered model is named {name[:80]!r}.", field="name")
        return found

    def add(self, name: str, tags: Mapping[str, str] | None = None, **fields: Any) -> Any:
        """Store a new one.

        Errors: InvalidValue for its name; AlreadyExists when an active one has it.
        """
        check_model_name(name)
        now = now_ms()
        try:
            with write_transaction():
                made = self.create(name=name, **{"creation_time": now, "last_update_time": now} | fields)
                made.set_tags(tags or {})
                made.tell_created()
        except IntegrityError:
            raise AlreadyExists(f"A registered model named {name!r} is there already.", field="name") from None
        return made

    def get_or_add(self, name: str) -> Any:
        """The active one of that name, made if there is none. Two callers at once get the same one."""
        with write_transaction():
            return self.active().filter(name=name).first() or self.add(name)

    def with_all(self) -> Self:
        """Loaded with tags, and with aliases and the versions that they lead to."""
        relations = {field.name: field.related_model.objects for field in self.model._meta.related_objects}
        return self.prefetch_related(
            models.Prefetch("tags", relations["tags"].order_by("key")),
            models.Prefetch("aliases", relations["aliases"].order_by("alias").select_related("model_version")),
        )


class ModelVersionQuerySet(models.QuerySet[Any]):
    """Versions, chosen."""

    def active(self) -> Self:
        """Those that are not in the trash, and whose registered model is not."""
        stages = {"lifecycle_stage": LifecycleStage.ACTIVE, "registered_model__lifecycle_stage": LifecycleStage.ACTIVE}
        return self.filter(**stages)

    def numbered(self, name: str, version: int) -> Any:
        """The active version of a registered model.

        Errors: InvalidValue for what is no name; NotFound.
        """
        check_model_name(name)
        found = self.active().filter(registered_model__name=name, version=version).select_related("registered_model")
        version_found = found.first()
        if version_found is None:
            raise NotFound(f"No version {version} of a registered model {name[:80]!r}.", field="version")
        return version_found

    def with_all(self) -> Self:
        """Loaded with their registered model, tags and aliases."""
        relations = {field.name: field.related_model.objects for field in self.model._meta.related_objects}
        return self.select_related("registered_model").prefetch_related(
            models.Prefetch("tags", relations["tags"].order_by("key")),
            models.Prefetch("aliases", relations["aliases"].order_by("alias")),
        )

    def newest_of(self, registered_models: Iterable[int]) -> Self:
        """The newest active version of each registered model."""
        newer = self.model.objects.active().filter(
            registered_model=models.OuterRef("registered_model"), version__gt=models.OuterRef("version")
        )
        return self.active().filter(~models.Exists(newer), registered_model__in=list(registered_models))

    def latest_of(self, registered_models: Iterable[int]) -> dict[int, list[Any]]:
        """The newest active version in each stage, by registered model: one query, however many. The stage with the
        oldest version comes first, as in MLflow.
        """
        found: dict[int, list[Any]] = defaultdict(list)
        alike = self.model.objects.active().filter(
            registered_model=models.OuterRef("registered_model"), stage=models.OuterRef("stage")
        )
        newer, oldest = alike.filter(version__gt=models.OuterRef("version")), alike.order_by("version")
        chosen = self.active().filter(~models.Exists(newer), registered_model__in=list(registered_models))
        oldest_first = models.Subquery(oldest.values("version")[:1])
        for version in chosen.with_all().order_by(oldest_first):
            found[version.registered_model_id].append(version)
        return found
