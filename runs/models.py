"""A run is one execution of training code. Times are milliseconds since 1970, UTC; steps are the script's own count.

Points, params and tags of a run are written by runs/ingest.py alone.
"""

import hashlib
import json
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Left

from experiments.models import AuditEntry, Experiment
from runs import batches
from runs.querysets import MetricQuerySet, RunQuerySet
from trackerweb.clock import now_ms
from trackerweb.errors import Conflict
from trackerweb.lifecycle import LifecycleStage
from trackerweb.transactions import write_transaction

#: PostgreSQL refuses long index rows, so indexes hold the head of a text and a search checks the whole again.
INDEXED_CHARACTERS = 200


class RunStatus(models.TextChoices):
    """MLflow's words."""

    RUNNING = "RUNNING"
    SCHEDULED = "SCHEDULED"
    FINISHED = "FINISHED"
    FAILED = "FAILED"
    KILLED = "KILLED"


class Environment(models.Model):
    """What a run ran in: packages, hardware, command and uncommitted diff. One row per content, shared by runs."""

    digest = models.CharField(max_length=64, unique=True)
    content = models.JSONField()

    def __str__(self) -> str:
        return self.digest[:12]

    @classmethod
    def of(cls, content: dict[str, Any]) -> "Environment":
        """The snapshot with this content, stored if no run brought it before."""
        digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
        return cls.objects.get_or_create(digest=digest, defaults={"content": content})[0]


class Run(models.Model):
    """One execution. `id` is for joins, `run_id` for people and protocols."""

    run_id = models.CharField(max_length=256, unique=True)
    experiment = models.ForeignKey(Experiment, models.PROTECT, related_name="runs", db_index=False)
    name = models.TextField()
    status = models.CharField(max_length=9, choices=RunStatus, default=RunStatus.RUNNING)
    start_time = models.BigIntegerField()
    end_time = models.BigIntegerField(null=True, blank=True)
    heartbeat_time = models.BigIntegerField()
    user = models.TextField(default="", blank=True)
    source_name = models.TextField(default="", blank=True)
    source_type = models.TextField(default="", blank=True)
    entry_point = models.TextField(default="", blank=True)
    git_commit = models.TextField(default="", blank=True)
    # Text and not a key: a parent may arrive after its child, or never.
    parent_run_id = models.CharField(max_length=256, null=True, blank=True)
    lifecycle_stage = models.CharField(max_length=7, choices=LifecycleStage, default=LifecycleStage.ACTIVE)
    deleted_time = models.BigIntegerField(null=True, blank=True)
    # The run_id (or experiment:<id>) that took this one to the trash; restoring that one brings this one back.
    deleted_with = models.CharField(max_length=256, null=True, blank=True)
    note = models.TextField(default="", blank=True)
    environment = models.ForeignKey(Environment, models.SET_NULL, null=True, blank=True, db_index=False)

    objects = RunQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["experiment", "start_time"], name="run_experiment_start"),
            models.Index(fields=["parent_run_id"], name="run_parent", condition=models.Q(parent_run_id__isnull=False)),
            models.Index(fields=["experiment", "status"], name="run_open", condition=models.Q(end_time__isnull=True)),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Its page."""
        return f"/runs/{self.run_id}/"

    @property
    def is_active(self) -> bool:
        """Not in the trash."""
        return self.lifecycle_stage == LifecycleStage.ACTIVE

    @property
    def silence_ms(self) -> int:
        """How long ago it was last heard of."""
        return max(0, now_ms() - self.heartbeat_time)

    @property
    def is_stale(self) -> bool:
        """Said to be running, but silent for longer than TRACKER_STALE_AFTER."""
        return self.status == RunStatus.RUNNING and self.silence_ms > settings.TRACKER_STALE_AFTER_MS

    @property
    def duration_ms(self) -> int | None:
        """From start to end, or until now while it runs; None for one that has not begun."""
        if self.status == RunStatus.SCHEDULED:
            return None
        if self.end_time is not None:
            return self.end_time - self.start_time
        return max(0, (self.heartbeat_time if self.is_stale else now_ms()) - self.start_time)

    def require_active(self) -> None:
        """Refuse to write to a run in the trash.

        Errors: Conflict says how to get it back.
        """
        if not self.is_active:
            raise Conflict(f"Run {self.run_id!r} is in the trash. Restore it before you write to it.", field="run_id")

    def change(self, **fields: Any) -> None:
        """Store new values of its own fields, and leave an audit entry with the old ones."""
        changed = {name: value for name, value in fields.items() if getattr(self, name) != value}
        if not changed:
            return
        with write_transaction():
            AuditEntry.note("change", self, {name: getattr(self, name) for name in changed})
            for name, value in changed.items():
                setattr(self, name, value)
            self.save(update_fields=list(changed))

    def set_tag(self, key: str, value: str) -> None:
        """Store a tag as a person does it on a page; the audit trail keeps the value before.

        Errors: InvalidValue for a key that can't be shown.
        """
        batches.check_key(key, "tags")
        with write_transaction():
            before = self.tags.filter(key=key).values_list("value", flat=True).first()
            AuditEntry.note("set tag", self, {key: before})
            self.tags.update_or_create(key=key, defaults={"value": value})

    def delete_tag(self, key: str) -> None:
        """Remove a tag; the audit trail keeps its value. One that is not there is no error."""
        with write_transaction():
            before = self.tags.filter(key=key).values_list("value", flat=True).first()
            if before is not None:
                AuditEntry.note("delete tag", self, {key: before})
                self.tags.filter(key=key).delete()

    def trash(self) -> None:
        """Move it and its active descendants to the trash. Again is fine."""
        if not self.is_active:
            return
        with write_transaction():
            AuditEntry.note("trash", self)
            now = now_ms()
            taken = Run.objects.active().descendants_of(self.run_id)
            taken.update(lifecycle_stage=LifecycleStage.DELETED, deleted_time=now, deleted_with=self.run_id)
            self.lifecycle_stage, self.deleted_time, self.deleted_with = LifecycleStage.DELETED, now, None
            self.save(update_fields=["lifecycle_stage", "deleted_time", "deleted_with"])

    def restore(self) -> None:
        """Take it out of the trash, and the descendants that went with it. Again is fine."""
        if self.is_active:
            return
        with write_transaction():
            AuditEntry.note("restore", self)
            back = {"lifecycle_stage": LifecycleStage.ACTIVE, "deleted_time": None, "deleted_with": None}
            Run.objects.filter(deleted_with=self.run_id).update(**back)
            for name, value in back.items():
                setattr(self, name, value)
            self.save(update_fields=list(back))


class Param(models.Model):
    """What a run was given: written once. `number` is the value as a number, where it is one."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="params", db_index=False)
    key = models.TextField()
    value = models.TextField()
    number = models.FloatField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "key"], name="param_run_key")]
        indexes = [
            models.Index(models.F("key"), Left("value", INDEXED_CHARACTERS), models.F("run"), name="param_search"),
        ]

    def __str__(self) -> str:
        return f"{self.key}={self.value}"


class Tag(models.Model):
    """A word on a run; the last value wins."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="tags", db_index=False)
    key = models.TextField()
    value = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "key"], name="tag_run_key")]
        indexes = [
            models.Index(models.F("key"), Left("value", INDEXED_CHARACTERS), models.F("run"), name="tag_search"),
        ]

    def __str__(self) -> str:
        return f"{self.key}={self.value}"


class Metric(models.Model):
    """One series of a run, with its summary kept on write (runs/summary.py).

    `last` is the value of the last point by (step, timestamp, value); NULL means NaN. `min`, `max` and `mean` pass over
    NaN, and are NULL where nothing else was logged. `exact_sum` holds what the mean is made of.
    """

    run = models.ForeignKey(Run, models.CASCADE, related_name="metrics", db_index=False)
    key = models.TextField()
    last = models.FloatField(null=True)
    last_step = models.BigIntegerField(null=True)
    last_time = models.BigIntegerField(null=True)
    min = models.FloatField(null=True)
    min_step = models.BigIntegerField(null=True)
    max = models.FloatField(null=True)
    max_step = models.BigIntegerField(null=True)
    mean = models.FloatField(null=True)
    count = models.BigIntegerField(default=0)
    nan_count = models.BigIntegerField(default=0)
    exact_sum = models.BinaryField(null=True)

    objects = MetricQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "key"], name="metric_run_key")]
        indexes = [models.Index(fields=["key", "last", "run"], name="metric_search")]

    def __str__(self) -> str:
        return self.key


class MetricPoint(models.Model):
    """One value of a series. The whole row is its key: an identical point sent again is the same point.

    NaN is stored as 0 with `is_nan`, for SQLite would bind it as NULL and then drop the row.
    """

    pk = models.CompositePrimaryKey("series", "step", "timestamp", "value", "is_nan")
    series = models.ForeignKey(Metric, models.DO_NOTHING, related_name="points", db_index=False, db_constraint=False)
    step = models.BigIntegerField()
    timestamp = models.BigIntegerField()
    value = models.FloatField()
    is_nan = models.BooleanField()


class MetricBucket(models.Model):
    """A node of the tree that thins a long series (runs/thinning.py): the points kept of one range of steps.

    `level` is the binary logarithm of the range's width, `bucket` its place; `by_time` ranges over timestamps instead.
    `points` packs the kept points, `count` tells how many there are in all, `is_split` whether narrower nodes exist.
    """

    pk = models.CompositePrimaryKey("series", "by_time", "level", "bucket")
    series = models.ForeignKey(Metric, models.DO_NOTHING, related_name="buckets", db_index=False, db_constraint=False)
    by_time = models.BooleanField()
    level = models.SmallIntegerField()
    bucket = models.BigIntegerField()
    count = models.BigIntegerField()
    is_split = models.BooleanField()
    points = models.BinaryField()


class WriterMark(models.Model):
    """The highest batch number of one client process that is stored for a run: a batch up to it is a replay."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="writer_marks", db_index=False)
    writer = models.CharField(max_length=64)
    seq = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "writer"], name="writer_mark_run_writer")]


class ConsoleChunk(models.Model):
    """A piece of what a run printed. `offset` counts characters from the start of its stream."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="console", db_index=False)
    stream = models.CharField(max_length=6, choices=[("stdout", "stdout"), ("stderr", "stderr")])
    offset = models.BigIntegerField()
    text = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "stream", "offset"], name="console_run_stream_offset")]
