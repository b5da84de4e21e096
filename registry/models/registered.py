"""A registered model: the name under which versions of a model are found, whoever made them."""

from collections.abc import Mapping
from typing import Any

from django.db import models

from experiments.models import AuditEntry
from registry.names import check_model_name
from registry.querysets import RegisteredModelQuerySet
from trackerweb import events
from trackerweb.clock import now_ms
from trackerweb.errors import AlreadyExists, Conflict, NotFound
from trackerweb.lifecycle import LifecycleStage
from trackerweb.transactions import write_transaction

#: Prompts are registered as models that carry this tag, with the value "true".
PROMPT_TAG = "mlflow.prompt.is_prompt"


class RegisteredModel(models.Model):
    """A name for the versions of a model. Names are unique among those not in the trash."""

    name = models.TextField()
    description = models.TextField(default="", blank=True)
    lifecycle_stage = models.CharField(max_length=7, choices=LifecycleStage, default=LifecycleStage.ACTIVE)
    creation_time = models.BigIntegerField()
    last_update_time = models.BigIntegerField()
    deleted_time = models.BigIntegerField(null=True, blank=True)

    objects = RegisteredModelQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=models.Q(lifecycle_stage="active"), name="registered_model_name_active"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Its page."""
        return f"/models/{self.pk}/"

    @property
    def is_active(self) -> bool:
        """Not in the trash."""
        return self.lifecycle_stage == LifecycleStage.ACTIVE

    def require_active(self) -> None:
        """Refuse to change one in the trash.

        Errors: Conflict says how to get it back.
        """
        if not self.is_active:
            raise Conflict(f"The registered model {self.name!r} is in the trash. Restore it first.", field="name")

    def change(self, **fields: Any) -> None:
        """Store new values of its own fields, and leave an audit entry with the old ones.

        Errors: InvalidValue or AlreadyExists for its name; Conflict for one in the trash.
        """
        self.require_active()
        if "name" in fields:
            self._check_new_name(fields["name"])
        changed = {name: value for name, value in fields.items() if getattr(self, name) != value}
        with write_transaction():
            if changed:
                AuditEntry.note("change", self, {name: getattr(self, name) for name in changed})
            self.touch(**changed)

    def rename(self, name: str) -> None:
        """Give it and thereby its versions another name: what names it by the old one finds it no more.

        Errors: as of `change`.
        """
        with write_transaction():
            self.change(name=name)
            self.versions.update(last_update_time=self.last_update_time)

    def _check_new_name(self, name: str) -> None:
        check_model_name(name, "new_name")
        taken = RegisteredModel.objects.active().filter(name=name).exclude(pk=self.pk).exists()
        if taken:
            raise AlreadyExists(f"Another registered model is named {name!r}. Rename that one first.", field="new_name")

    def trash(self) -> None:
        """Move it to the trash with its versions; its name is free at once. Again is fine."""
        if not self.is_active:
            return
        with write_transaction():
            AuditEntry.note("trash", self)
            self.touch(lifecycle_stage=LifecycleStage.DELETED, deleted_time=now_ms())

    def restore(self) -> None:
        """Take it back out of the trash. Again is fine.

        Errors: AlreadyExists when the name was taken meanwhile.
        """
        if self.is_active:
            return
        with write_transaction():
            self._check_new_name(self.name)
            AuditEntry.note("restore", self)
            self.touch(lifecycle_stage=LifecycleStage.ACTIVE, deleted_time=None)

    def set_tags(self, tags: Mapping[str, str]) -> None:
        """Store tags; the last value wins."""
        self.require_active()
        rows = [RegisteredModelTag(registered_model=self, key=key, value=value) for key, value in tags.items()]
        with write_transaction():
            RegisteredModelTag.objects.bulk_create(
                rows, update_conflicts=True, unique_fields=["registered_model", "key"], update_fields=["value"]
            )

    def delete_tag(self, key: str) -> None:
        """Remove a tag. One that is not there is no error."""
        self.require_active()
        with write_transaction():
            self.tags.filter(key=key).delete()

    @property
    def is_prompt(self) -> bool:
        """Whether it is a prompt of MLflow's, and no model."""
        return self.tags.filter(key=PROMPT_TAG, value__iexact="true").exists()

    def newest(self, stage: str | None = None) -> Any:
        """Its newest active version, of a stage if one is said.

        Errors: NotFound when there is none.
        """
        versions = self.versions.active().order_by("-version").select_related("registered_model")
        found = (versions if stage is None else versions.filter(stage=stage)).first()
        if found is None:
            raise NotFound(f"{self.name!r} has no version{f' in {stage}' if stage else ''}.", field="version")
        return found

    def touch(self, **fields: Any) -> None:
        """Store these of its fields, and that it changed now."""
        for name, value in fields.items():
            setattr(self, name, value)
        self.last_update_time = now_ms()
        self.save(update_fields=[*fields, "last_update_time"])

    def tell_created(self) -> None:
        """Tell strangers of it, as MLflow does."""
        tags = dict(self.tags.values_list("key", "value"))
        if tags.get(PROMPT_TAG, "").lower() != "true":
            events.tell("registered_model.created", {"name": self.name, "tags": tags, "description": self.description})


class RegisteredModelTag(models.Model):
    """A word on a registered model; the last value wins."""

    registered_model = models.ForeignKey(RegisteredModel, models.CASCADE, related_name="tags", db_index=False)
    key = models.TextField()
    value = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["registered_model", "key"], name="registered_model_tag_key")]

    def __str__(self) -> str:
        return f"{self.key}={self.value}"
