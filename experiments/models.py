"""An experiment groups runs that answer one question. Times are milliseconds since 1970, UTC."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple, Self

from django.db import models

from experiments.querysets import AuditQuerySet, ExperimentQuerySet, check_name
from trackerweb.clock import now_ms
from trackerweb.errors import AlreadyExists, Conflict
from trackerweb.lifecycle import LifecycleStage
from trackerweb.transactions import write_transaction

RECENT_RUNS = 20
#: The tag that MLflow's clients use for the note; it is no row of its own.
NOTE_TAG = "mlflow.note.content"


class Direction(models.TextChoices):
    """Which end of a metric is the good one."""

    MAX = "max"
    MIN = "min"


class Folder(NamedTuple):
    """What stands before a `/` in names of experiments."""

    path: str
    name: str


class Experiment(models.Model):
    """A named group of runs. The id 0 is Default. Names are unique among those not in the trash."""

    name = models.TextField()
    note = models.TextField(default="", blank=True)
    artifact_location = models.TextField(default="", blank=True)
    lifecycle_stage = models.CharField(max_length=7, choices=LifecycleStage, default=LifecycleStage.ACTIVE)
    creation_time = models.BigIntegerField()
    last_update_time = models.BigIntegerField()
    deleted_time = models.BigIntegerField(null=True, blank=True)
    primary_metric = models.TextField(default="", blank=True)
    primary_direction = models.CharField(max_length=3, choices=Direction, default="", blank=True)

    objects = ExperimentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=models.Q(lifecycle_stage="active"), name="experiment_name_active"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The page of its runs."""
        return f"/experiments/{self.pk}/"

    @property
    def folders(self) -> list["Folder"]:
        """The folders that its name puts it in, the outermost first: those of `vision/digits/resnet` are `vision` and
        `vision/digits`.
        """
        parts = self.name.split("/")[:-1]
        return [Folder("/".join(parts[: end + 1]), part) for end, part in enumerate(parts)]

    @property
    def short_name(self) -> str:
        """Its name within its folder."""
        return self.name.rpartition("/")[2] or self.name

    @property
    def is_active(self) -> bool:
        """Not in the trash."""
        return self.lifecycle_stage == LifecycleStage.ACTIVE

    def direction_said_of(self, metric: str) -> Direction | None:
        """The good end of a metric, where somebody said it."""
        if metric == self.primary_metric and self.primary_direction:
            return Direction(self.primary_direction)
        return self._said_directions.get(metric)

    @cached_property
    def _said_directions(self) -> dict[str, Direction]:
        return {key: Direction(said) for key, said in self.metric_directions.values_list("key", "direction")}

    def say_direction(self, metric: str, direction: Direction | None) -> None:
        """Say which end of a metric is the good one; None leaves it to the metric's name again."""
        before = self.metric_directions.filter(key=metric).values_list("direction", flat=True).first()
        if before == direction:
            return
        with write_transaction():
            AuditEntry.note("change", self, {f"good end of {metric}": before})
            if direction is None:
                self.metric_directions.filter(key=metric).delete()
            else:
                self.metric_directions.update_or_create(key=metric, defaults={"direction": direction})
        self.__dict__.pop("_said_directions", None)

    def recent_metric_keys(self) -> list[str]:
        """What its newest runs measure, sorted: keys to choose from."""
        newest = list(self.runs.active().order_by("-start_time").values_list("pk", flat=True)[:RECENT_RUNS])
        keys = self.runs.filter(pk__in=newest, metrics__count__gt=0).values_list("metrics__key", flat=True)
        return sorted(set(keys))

    def change(self, **fields: Any) -> None:
        """Store new values of its own fields, and leave an audit entry with the old ones.

        Errors: InvalidValue or AlreadyExists for its name.
        """
        if "name" in fields:
            check_name(fields["name"])
        changed = {name: value for name, value in fields.items() if getattr(self, name) != value}
        if not changed:
            return
        with write_transaction():
            if "name" in changed and self.is_active:
                self._refuse_taken_name(changed["name"])
            AuditEntry.note("change", self, {name: getattr(self, name) for name in changed})
            self._store(**changed)

    @property
    def _trash_mark(self) -> str:
        """What runs that went to the trash with it are marked with. No run_id holds a colon."""
        return f"experiment:{self.pk}"

    def trash(self) -> None:
        """Move it and its active runs to the trash; its name is free at once. Again is fine."""
        if not self.is_active:
            return
        with write_transaction():
            AuditEntry.note("trash", self)
            gone = {"lifecycle_stage": LifecycleStage.DELETED, "deleted_time": now_ms()}
            self.runs.active().update(**gone, deleted_with=self._trash_mark)
            self._store(**gone)

    def restore(self, name: str | None = None) -> None:
        """Take it back out of the trash, under a new `name` if one is given, with the runs that went with it. Again is
        fine.

        Errors: AlreadyExists when the name was taken meanwhile; InvalidValue for a name that can't be.
        """
        if self.is_active:
            return
        name = self.name if name is None else name
        check_name(name)
        with write_transaction():
            self._refuse_taken_name(name)
            AuditEntry.note("restore", self, {} if name == self.name else {"name": self.name})
            back = {"lifecycle_stage": LifecycleStage.ACTIVE, "deleted_time": None, "name": name}
            active = {"lifecycle_stage": LifecycleStage.ACTIVE, "deleted_time": None, "deleted_with": None}
            self.runs.filter(deleted_with=self._trash_mark).update(**active)
            self._store(**back)

    def require_active(self) -> None:
        """Refuse to change an experiment in the trash.

        Errors: Conflict says how to get it back.
        """
        if not self.is_active:
            raise Conflict(f"Experiment {self.name!r} is in the trash. Restore it first.", field="experiment_id")

    def all_tags(self) -> dict[str, str]:
        """Its tags by key, the note among them."""
        tags = {tag.key: tag.value for tag in self.tags.all()}
        return tags | {NOTE_TAG: self.note} if self.note else tags

    def set_tags(self, tags: dict[str, str]) -> None:
        """Store tags, the last value wins; the audit trail keeps the values before."""
        if NOTE_TAG in tags:
            tags = dict(tags)
            self.change(note=tags.pop(NOTE_TAG))
        known = dict(self.tags.filter(key__in=list(tags)).values_list("key", "value"))
        changed = {key: value for key, value in tags.items() if known.get(key) != value}
        if not changed:
            return
        with write_transaction():
            AuditEntry.note("set tag", self, {key: known.get(key) for key in changed})
            self.store_tags(changed)

    def store_tags(self, tags: dict[str, str]) -> None:
        """Store tags of an experiment that is just being made: there is nothing to keep."""
        rows = [ExperimentTag(experiment=self, key=key, value=value) for key, value in tags.items() if key != NOTE_TAG]
        with write_transaction():
            if NOTE_TAG in tags:
                self._store(note=tags[NOTE_TAG])
            ExperimentTag.objects.bulk_create(
                rows, update_conflicts=True, unique_fields=["experiment", "key"], update_fields=["value"]
            )

    def delete_tag(self, key: str) -> None:
        """Remove a tag; the audit trail keeps its value. One that is not there is no error."""
        if key == NOTE_TAG:
            self.change(note="")
            return
        with write_transaction():
            before = self.tags.filter(key=key).values_list("value", flat=True).first()
            if before is not None:
                AuditEntry.note("delete tag", self, {key: before})
                self.tags.filter(key=key).delete()

    def _refuse_taken_name(self, name: str) -> None:
        taken = Experiment.objects.named(name)
        if taken is not None and taken.pk != self.pk:
            raise AlreadyExists(f"Another experiment is named {name!r}. Rename that one first.", field="name")

    def _store(self, **fields: Any) -> None:
        for name, value in fields.items():
            setattr(self, name, value)
        self.last_update_time = now_ms()
        self.save(update_fields=[*fields, "last_update_time"])


class ExperimentTag(models.Model):
    """A word on an experiment; the last value wins."""

    experiment = models.ForeignKey(Experiment, models.CASCADE, related_name="tags", db_index=False)
    key = models.TextField()
    value = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["experiment", "key"], name="experiment_tag_key")]

    def __str__(self) -> str:
        return f"{self.key}={self.value}"


class MetricDirection(models.Model):
    """The good end of a metric in an experiment, where somebody said what its name does not tell."""

    experiment = models.ForeignKey(Experiment, models.CASCADE, related_name="metric_directions", db_index=False)
    key = models.TextField()
    direction = models.CharField(max_length=3, choices=Direction)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["experiment", "key"], name="metric_direction_key")]

    def __str__(self) -> str:
        return f"{self.key} {self.direction}"


class SavedView(models.Model):
    """A table of runs as somebody left it: the query of its address, under a name. Without an experiment it is one of
    the search across all of them.
    """

    experiment = models.ForeignKey(
        Experiment, models.CASCADE, related_name="saved_views", null=True, blank=True, db_index=False
    )
    name = models.TextField()
    query = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["experiment", "name"], name="saved_view_name"),
            models.UniqueConstraint(
                fields=["name"], condition=models.Q(experiment=None), name="saved_view_name_of_search"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def address(self) -> str:
        """Where it leads."""
        return ("/search/" if self.experiment_id is None else f"/experiments/{self.experiment_id}/") + self.query


class AuditEntry(models.Model):
    """Who trashed, restored or changed what, and when. Written in the same transaction as what it tells of."""

    time = models.BigIntegerField(db_index=True)
    who = models.TextField(default="owner")
    action = models.TextField()
    kind = models.TextField()
    object_id = models.TextField()
    name = models.TextField()
    before = models.JSONField(default=dict)

    objects = AuditQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["kind", "object_id"], name="audit_object")]
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.action} {self.kind} {self.object_id}"

    @classmethod
    def note(cls, action: str, thing: models.Model, before: dict[str, Any] | None = None) -> Self:
        """Tell of an `action` on `thing`; `before` holds the values it replaced, as JSON."""
        entry = cls._of(action, thing, before or {})
        entry.save()
        return entry

    @classmethod
    def note_all(cls, action: str, things: Sequence[models.Model]) -> None:
        """Tell of one `action` on many things."""
        cls.note_each(action, [(thing, {}) for thing in things])

    @classmethod
    def note_each(cls, action: str, changes: Sequence[tuple[models.Model, dict[str, Any]]]) -> None:
        """Tell of one `action` on many things, each with the values that it replaced."""
        AuditEntry.objects.bulk_create([AuditEntry._of(action, thing, before) for thing, before in changes])

    @classmethod
    def _of(cls, action: str, thing: models.Model, before: dict[str, Any]) -> Self:
        return cls(
            time=now_ms(),
            action=action,
            kind=type(thing).__name__.lower(),
            object_id=str(getattr(thing, "audit_id", thing.pk)),
            name=str(thing),
            before=before,
        )
