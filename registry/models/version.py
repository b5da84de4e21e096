"""A version of a registered model: which files, from which run, and how far it has come."""

import re
from collections.abc import Mapping
from typing import Any

from django.db import models

from experiments.models import AuditEntry
from registry.models.registered import RegisteredModel
from registry.querysets import ModelVersionQuerySet
from trackerweb import events
from trackerweb.clock import now_ms
from trackerweb.errors import Conflict, InvalidValue
from trackerweb.lifecycle import LifecycleStage
from trackerweb.transactions import write_transaction

_PLACE = re.compile(r"\{\{.*?\}\}")
_MARKS = re.compile(r"[*_`~>#]+|(?<=\])\([^)]*\)|[\[\]]")


class VersionStatus(models.TextChoices):
    """Whether a version can be used: MLflow's words."""

    PENDING = "PENDING_REGISTRATION"
    FAILED = "FAILED_REGISTRATION"
    READY = "READY"


class Stage(models.TextChoices):
    """How far a version has come, for clients from before aliases: MLflow's words."""

    NONE = "None"
    STAGING = "Staging"
    PRODUCTION = "Production"
    ARCHIVED = "Archived"

    @classmethod
    def said(cls, text: str, field: str = "stage") -> "Stage":
        """The stage that somebody means, however they spell it.

        Errors: InvalidValue.
        """
        for stage in cls:
            if stage.value.lower() == text.lower():
                return stage
        raise InvalidValue(f"{field}: {text[:80]!r} is no stage. Use one of {', '.join(cls.values)}.", field=field)


#: The stages that versions take over from one another.
LIVE_STAGES = (Stage.STAGING, Stage.PRODUCTION)


class ModelVersion(models.Model):
    """A version, counted from 1 within its registered model; a number is used once, whatever is deleted.

    `source` is what was said when it was made, `storage_location` where the files lie. Run and model are told by their
    ids as text: a version outlives them, and may come from elsewhere.
    """

    registered_model = models.ForeignKey(RegisteredModel, models.CASCADE, related_name="versions", db_index=False)
    version = models.BigIntegerField()
    source = models.TextField()
    storage_location = models.TextField()
    run_id = models.CharField(max_length=256, default="", blank=True)
    model_id = models.CharField(max_length=256, default="", blank=True)
    run_link = models.TextField(default="", blank=True)
    description = models.TextField(null=True, blank=True)
    user = models.TextField(default="", blank=True)
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.NONE)
    status = models.CharField(max_length=20, choices=VersionStatus, default=VersionStatus.READY)
    status_message = models.TextField(default="", blank=True)
    lifecycle_stage = models.CharField(max_length=7, choices=LifecycleStage, default=LifecycleStage.ACTIVE)
    creation_time = models.BigIntegerField()
    last_update_time = models.BigIntegerField()
    deleted_time = models.BigIntegerField(null=True, blank=True)

    objects = ModelVersionQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["registered_model", "version"], name="model_version_number")]
        indexes = [
            models.Index(fields=["run_id"], name="model_version_run"),
            models.Index(fields=["model_id"], name="model_version_model"),
        ]

    def __str__(self) -> str:
        return f"{self.registered_model.name} version {self.version}"

    def get_absolute_url(self) -> str:
        """Its page."""
        return f"/models/{self.registered_model_id}/versions/{self.version}/"

    @property
    def audit_id(self) -> str:
        """What the audit trail knows it by."""
        return f"{self.registered_model_id}/{self.version}"

    @property
    def summary(self) -> str:
        """The first line of its description, without marks, up to the first place that its card fills in."""
        lines = (self.description or "").strip().splitlines()
        plain = _MARKS.sub("", _PLACE.sub("…", lines[0])) if lines else ""
        before, place, _ = plain.partition("…")
        return before.rstrip(" :=(") + place

    @property
    def uri(self) -> str:
        """How it is loaded."""
        return f"models:/{self.registered_model.name}/{self.version}"

    @property
    def is_active(self) -> bool:
        """Neither itself nor its registered model is in the trash."""
        return self.lifecycle_stage == LifecycleStage.ACTIVE and self.registered_model.is_active

    def require_active(self) -> None:
        """Refuse to change one in the trash.

        Errors: Conflict says how to get it back.
        """
        if not self.is_active:
            raise Conflict(f"{self} is in the trash. Restore it first.", field="version")

    def change(self, **fields: Any) -> None:
        """Store new values of its own fields, and leave an audit entry with the old ones.

        Errors: Conflict for one in the trash.
        """
        self.require_active()
        changed = {name: value for name, value in fields.items() if getattr(self, name) != value}
        with write_transaction():
            if changed:
                AuditEntry.note("change", self, {name: getattr(self, name) for name in changed})
            self.touch(**changed)

    def move_to_stage(self, stage: Stage, *, archive_others: bool = False) -> None:
        """Say how far it has come; `archive_others` archives the versions that are in that stage.

        Errors: InvalidValue where others can't be archived; Conflict for one in the trash.
        """
        if archive_others and stage not in LIVE_STAGES:
            raise InvalidValue(
                f"archive_existing_versions: nothing is archived for {stage.value}; say it with Staging or Production.",
                field="archive_existing_versions",
            )
        with write_transaction():
            if archive_others:
                others = self.registered_model.versions.active().filter(stage=stage).exclude(pk=self.pk)
                others.update(stage=Stage.ARCHIVED, last_update_time=now_ms())
            self.change(stage=stage)
            self.registered_model.touch()

    def set_tags(self, tags: Mapping[str, str]) -> None:
        """Store tags; the last value wins."""
        self.require_active()
        rows = [VersionTag(model_version=self, key=key, value=value) for key, value in tags.items()]
        with write_transaction():
            VersionTag.objects.bulk_create(
                rows, update_conflicts=True, unique_fields=["model_version", "key"], update_fields=["value"]
            )
            for key, value in tags.items():
                self._tell("model_version_tag.set", key=key, value=value)

    def delete_tag(self, key: str) -> None:
        """Remove a tag. One that is not there is no error."""
        self.require_active()
        with write_transaction():
            self.tags.filter(key=key).delete()
            self._tell("model_version_tag.deleted", key=key)

    def trash(self) -> None:
        """Move it to the trash; aliases that lead to it are taken away. Again is fine."""
        if self.lifecycle_stage != LifecycleStage.ACTIVE:
            return
        with write_transaction():
            aliases = list(self.aliases.order_by("alias"))
            AuditEntry.note("trash", self, {"aliases": [alias.alias for alias in aliases]} if aliases else {})
            for alias in aliases:
                alias.take_away()
            self.touch(lifecycle_stage=LifecycleStage.DELETED, deleted_time=now_ms())
            self.registered_model.touch()

    def restore(self) -> None:
        """Take it back out of the trash, with those of its aliases that lead nowhere else by now. Again is fine."""
        if self.lifecycle_stage == LifecycleStage.ACTIVE:
            return
        trashed = AuditEntry.objects.filter(kind="modelversion", object_id=self.audit_id, action="trash")
        last = trashed.order_by("-pk").first()
        with write_transaction():
            AuditEntry.note("restore", self)
            self.touch(lifecycle_stage=LifecycleStage.ACTIVE, deleted_time=None)
            lost = last.before.get("aliases", []) if last else []
            taken = set(self.registered_model.aliases.values_list("alias", flat=True))
            for alias in lost:
                if alias not in taken:
                    self.aliases.model.point(alias, self)

    def touch(self, **fields: Any) -> None:
        """Store these of its fields, and that it changed now."""
        for name, value in fields.items():
            setattr(self, name, value)
        self.last_update_time = now_ms()
        self.save(update_fields=[*fields, "last_update_time"])

    def _tell(self, event: str, **data: str) -> None:
        if not self.registered_model.is_prompt:
            events.tell(event, {"name": self.registered_model.name, "version": str(self.version)} | data)


class VersionTag(models.Model):
    """A word on a version; the last value wins."""

    model_version = models.ForeignKey(ModelVersion, models.CASCADE, related_name="tags", db_index=False)
    key = models.TextField()
    value = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["model_version", "key"], name="version_tag_key")]

    def __str__(self) -> str:
        return f"{self.key}={self.value}"
