"""A run is one execution of training code, and what it ran in."""

from typing import Any

from django.conf import settings
from django.db import models

from experiments.models import AuditEntry, Experiment
from runs import batches, system_tags, telling
from runs.models.environment import Environment
from runs.models.files import FileOwner
from runs.querysets import RunQuerySet
from trackerweb.clock import now_ms
from trackerweb.errors import Conflict
from trackerweb.lifecycle import LifecycleStage
from trackerweb.transactions import write_transaction


class RunStatus(models.TextChoices):
    """MLflow's words."""

    RUNNING = "RUNNING"
    SCHEDULED = "SCHEDULED"
    FINISHED = "FINISHED"
    FAILED = "FAILED"
    KILLED = "KILLED"


class Run(FileOwner):
    """One execution. `id` is for joins, `run_id` for people and protocols."""

    run_id = models.CharField(max_length=256, unique=True)
    experiment = models.ForeignKey(Experiment, models.PROTECT, related_name="runs", db_index=False)
    name = models.TextField()
    status = models.CharField(max_length=9, choices=RunStatus, default=RunStatus.RUNNING)
    start_time = models.BigIntegerField()
    end_time = models.BigIntegerField(null=True, blank=True)
    heartbeat_time = models.BigIntegerField()
    # Whether its program says that it lives even when it has nothing to log; of another, silence tells nothing.
    has_heartbeat = models.BooleanField(default=False, db_default=False, editable=False)
    # What ended it: the traceback of a run that FAILED.
    failure = models.TextField(default="", db_default="", blank=True)
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
    # Kept on write, so that a list of 100,000 runs can show and filter by size.
    point_count = models.BigIntegerField(default=0, db_default=0, editable=False)
    # What its params are, seeds aside, as a number (runs/configurations.py).
    configuration = models.BigIntegerField(default=0, db_default=0, editable=False)

    objects = RunQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["experiment", "start_time"], name="run_experiment_start"),
            models.Index(fields=["parent_run_id"], name="run_parent", condition=models.Q(parent_run_id__isnull=False)),
            models.Index(fields=["experiment", "status"], name="run_open", condition=models.Q(end_time__isnull=True)),
            models.Index(fields=["deleted_time"], name="run_trashed", condition=models.Q(deleted_time__isnull=False)),
            models.Index(fields=["deleted_with"], name="run_went_with", condition=models.Q(deleted_with__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def audit_id(self) -> str:
        """What the audit trail knows it by."""
        return str(self.run_id)

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
        """Said to be running, but silent for longer than TRACKER_STALE_AFTER, though it has a heartbeat."""
        return self.has_heartbeat and self._is_silent

    @property
    def is_quiet(self) -> bool:
        """Running and silent as long, of a program that has no heartbeat: it may be alive and well."""
        return self._is_silent and not self.has_heartbeat

    @property
    def _is_silent(self) -> bool:
        return self.status == RunStatus.RUNNING and self.silence_ms > settings.TRACKER_STALE_AFTER_MS

    @property
    def duration_ms(self) -> int | None:
        """From start to end, or until now while it runs; None for one that has not begun."""
        if self.status == RunStatus.SCHEDULED:
            return None
        if self.end_time is not None and self.status != RunStatus.RUNNING:
            return self.end_time - self.start_time
        return max(0, (self.heartbeat_time if self.is_stale else now_ms()) - self.start_time)

    def require_active(self) -> None:
        """Refuse to write to a run in the trash.

        Errors: Conflict says how to get it back.
        """
        if not self.is_active:
            raise Conflict(f"Run {self.run_id!r} is in the trash. Restore it before you write to it.", field="run_id")

    def current(self) -> "Run":
        """Itself as it is in the database by now.

        Errors: NotFound when it is gone.
        """
        return Run.objects.by_id(self.run_id)

    def note_logged(self, grown: int) -> None:
        """Count what its files have grown by; a file is a sign of life."""
        self.count_bytes(grown, heartbeat_time=now_ms())

    def change(self, **fields: Any) -> None:
        """Store new values of its own fields, and leave an audit entry with the old ones."""
        changed = {name: value for name, value in fields.items() if getattr(self, name) != value}
        if not changed:
            return
        before = self.status
        with write_transaction():
            AuditEntry.note("change", self, {name: getattr(self, name) for name in changed})
            for name, value in changed.items():
                setattr(self, name, value)
            self.save(update_fields=list(changed))
            telling.tell_end(before, self.status, lambda: self)

    def report(self, **fields: Any) -> None:
        """Store what the script that is this run says of its status, end or name, as it says it."""
        told = {"heartbeat_time": now_ms(), **fields} | ({"failure": ""} if "status" in fields else {})
        before = self.status
        with write_transaction():
            for name, value in told.items():
                setattr(self, name, value)
            self.save(update_fields=list(told))
            telling.tell_end(before, self.status, lambda: self)

    def set_tag(self, key: str, value: str) -> None:
        """Store a tag as a person does it on a page; the audit trail keeps the value before.

        Errors: InvalidValue for a key that can't be shown.
        """
        batches.check_key(key, "tags")
        if key in system_tags.FIELDS:
            self._set_field_tag(key, value)
            return
        with write_transaction():
            before = self.tags.filter(key=key).values_list("value", flat=True).first()
            if before == value:
                return
            AuditEntry.note("set tag", self, {key: before})
            self.tags.update_or_create(key=key, defaults={"value": value})

    def _set_field_tag(self, key: str, value: str) -> None:
        fields = system_tags.fields_in({key: value})
        Run.objects.refuse_circle(self.run_id, fields.get("parent_run_id"))
        self.change(**fields)

    def delete_tag(self, key: str) -> None:
        """Remove a tag; the audit trail keeps its value. One that is not there is no error."""
        if key in system_tags.FIELDS:
            self.change(**system_tags.emptied(key))
            return
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
        """Take it out of the trash, and the descendants that went with it. Again is fine.

        Errors: Conflict while its experiment is in the trash.
        """
        if self.is_active:
            return
        if not self.experiment.is_active:
            raise Conflict(
                f"Its experiment {self.experiment.name!r} is in the trash. Restore that first.",
                field="run_id",
            )
        with write_transaction():
            AuditEntry.note("restore", self)
            back = {"lifecycle_stage": LifecycleStage.ACTIVE, "deleted_time": None, "deleted_with": None}
            Run.objects.filter(deleted_with=self.run_id).update(**back)
            for name, value in back.items():
                setattr(self, name, value)
            self.save(update_fields=list(back))
