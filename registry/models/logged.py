"""Models that runs produced: what they were made with, the files that make them, and how well they did on what."""

import math
from typing import Any

from django.db import models

from experiments.models import AuditEntry, Experiment
from registry.querysets import LoggedModelQuerySet, RunModelQuerySet
from runs.models import FileOwner, Run, StoredFile
from trackerweb.clock import now_ms
from trackerweb.errors import AlreadyExists, Conflict, NotFound
from trackerweb.lifecycle import LifecycleStage
from trackerweb.transactions import write_transaction


class ModelStatus(models.TextChoices):
    """Whether the files of a model are all there: MLflow's words."""

    UNSPECIFIED = "LOGGED_MODEL_STATUS_UNSPECIFIED"
    PENDING = "LOGGED_MODEL_PENDING"
    READY = "LOGGED_MODEL_READY"
    FAILED = "LOGGED_MODEL_UPLOAD_FAILED"


class LoggedModel(FileOwner):
    """A model. `id` is for joins, `model_id` for people and protocols. Its name need not be unique."""

    model_id = models.CharField(max_length=34, unique=True)
    experiment = models.ForeignKey(Experiment, models.CASCADE, related_name="logged_models", db_index=False)
    name = models.TextField()
    model_type = models.TextField(default="", blank=True)
    # Text and not a key: a model outlives the run that made it, and may come from elsewhere.
    source_run_id = models.CharField(max_length=256, default="", blank=True)
    status = models.CharField(max_length=31, choices=ModelStatus, default=ModelStatus.PENDING)
    creation_time = models.BigIntegerField()
    last_update_time = models.BigIntegerField()
    lifecycle_stage = models.CharField(max_length=7, choices=LifecycleStage, default=LifecycleStage.ACTIVE)

    objects = LoggedModelQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["experiment", "creation_time"], name="model_experiment_creation"),
            models.Index(fields=["source_run_id"], name="model_source_run"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def audit_id(self) -> str:
        """What the audit trail knows it by."""
        return str(self.model_id)

    def get_absolute_url(self) -> str:
        """Its page."""
        return f"/logged-models/{self.model_id}/"

    @property
    def is_active(self) -> bool:
        """Neither itself nor its experiment is in the trash."""
        return self.lifecycle_stage == LifecycleStage.ACTIVE and self.experiment.is_active

    def require_active(self) -> None:
        """Refuse to write to a model in the trash.

        Errors: Conflict.
        """
        if not self.is_active:
            raise Conflict(f"Model {self.model_id!r}, or its experiment, is in the trash.", field="model_id")

    def current(self) -> "LoggedModel":
        """Itself as it is in the database by now.

        Errors: NotFound when it is gone.
        """
        return LoggedModel.objects.by_id(self.model_id)

    def finalize(self, status: ModelStatus) -> None:
        """Say whether its files are all there.

        Errors: Conflict for one in the trash.
        """
        self.require_active()
        with write_transaction():
            self._store(status=status)

    def trash(self) -> None:
        """Move it to the trash. Again is fine."""
        if self.lifecycle_stage != LifecycleStage.ACTIVE:
            return
        with write_transaction():
            AuditEntry.note("trash", self)
            self._store(lifecycle_stage=LifecycleStage.DELETED)

    def restore(self) -> None:
        """Take it back out of the trash. Again is fine."""
        if self.lifecycle_stage == LifecycleStage.ACTIVE:
            return
        with write_transaction():
            AuditEntry.note("restore", self)
            self._store(lifecycle_stage=LifecycleStage.ACTIVE)

    def add_params(self, params: dict[str, str]) -> None:
        """Store what it was made with: each key once.

        Errors: AlreadyExists for keys that it has; Conflict for one in the trash. Then nothing is stored.
        """
        self.require_active()
        with write_transaction():
            known = self.params.filter(key__in=list(params)).values_list("key", flat=True).first()
            if known is not None:
                raise AlreadyExists(f"params: {known!r} is set already, and is written once.", field="params")
            ModelParam.objects.bulk_create(
                [ModelParam(model=self, key=key, value=value) for key, value in params.items()]
            )

    def set_tags(self, tags: dict[str, str]) -> None:
        """Store tags; the last value wins.

        Errors: Conflict for one in the trash.
        """
        self.require_active()
        rows = [ModelTag(model=self, key=key, value=value) for key, value in tags.items()]
        with write_transaction():
            ModelTag.objects.bulk_create(
                rows, update_conflicts=True, unique_fields=["model", "key"], update_fields=["value"]
            )

    def delete_tag(self, key: str) -> None:
        """Remove a tag.

        Errors: NotFound when it has none of this key; Conflict for one in the trash.
        """
        self.require_active()
        with write_transaction():
            if not self.tags.filter(key=key).delete()[0]:
                raise NotFound(f"Model {self.model_id!r} has no tag {key!r}.", field="key")

    def _store(self, **fields: str) -> None:
        for name, value in fields.items():
            setattr(self, name, value)
        self.last_update_time = now_ms()
        self.save(update_fields=[*fields, "last_update_time"])


class ModelParam(models.Model):
    """What a model was made with: written once."""

    model = models.ForeignKey(LoggedModel, models.CASCADE, related_name="params", db_index=False)
    key = models.TextField()
    value = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["model", "key"], name="model_param_model_key")]

    def __str__(self) -> str:
        return f"{self.key}={self.value}"


class ModelTag(models.Model):
    """A word on a model; the last value wins."""

    model = models.ForeignKey(LoggedModel, models.CASCADE, related_name="tags", db_index=False)
    key = models.TextField()
    value = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["model", "key"], name="model_tag_model_key")]

    def __str__(self) -> str:
        return f"{self.key}={self.value}"


class ModelMetric(models.Model):
    """How well a model did: a point of a run that names the model, and maybe the data, by name and digest. A `value` of
    NULL means NaN.
    """

    model = models.ForeignKey(LoggedModel, models.CASCADE, related_name="metrics", db_index=False)
    run = models.ForeignKey(Run, models.CASCADE, related_name="model_metrics")
    key = models.TextField()
    step = models.BigIntegerField()
    timestamp = models.BigIntegerField()
    value = models.FloatField(null=True)
    dataset_name = models.TextField(default="", blank=True)
    dataset_digest = models.TextField(default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["model", "key", "timestamp", "step", "run", "dataset_name", "dataset_digest"],
                name="model_metric_point",
            )
        ]
        indexes = [models.Index(fields=["dataset_name", "model"], name="model_metric_dataset")]

    def __str__(self) -> str:
        return f"{self.key}={self.value}"

    @classmethod
    def of(cls, model: LoggedModel, run: Run, point: Any) -> "ModelMetric":
        """Not stored yet: a `point` of a run, which has the names of these columns, as a score of a model."""
        names = ("key", "step", "timestamp", "dataset_name", "dataset_digest")
        value = None if math.isnan(point.value) else point.value
        return cls(model=model, run=run, value=value, **{name: getattr(point, name) for name in names})


class ModelFile(StoredFile):
    """A file of a model."""

    model = models.ForeignKey(LoggedModel, models.CASCADE, related_name="artifacts", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["model", "path"], name="model_file_model_path")]

    @property
    def whose(self) -> str:
        """Its model, in words."""
        return f"model {self.model.model_id}"


class RunModel(models.Model):
    """A run took a model as input, or gave one as output at a step of its own. The model may be anywhere."""

    class Role(models.TextChoices):
        """Which way."""

        INPUT = "input"
        OUTPUT = "output"

    run = models.ForeignKey(Run, models.CASCADE, related_name="model_uses", db_index=False)
    role = models.CharField(max_length=6, choices=Role)
    model_id = models.CharField(max_length=256)
    step = models.BigIntegerField(default=0)

    objects = RunModelQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "role", "model_id"], name="run_model_once")]
        indexes = [models.Index(fields=["model_id"], name="run_model_model")]

    def __str__(self) -> str:
        return f"{self.role} {self.model_id}"
