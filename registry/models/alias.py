"""Aliases: words such as `champion` that lead to one version of a registered model, and where they led before."""

from collections.abc import Iterable

from django.db import models

from experiments.models import AuditEntry
from registry.models.registered import RegisteredModel
from registry.models.version import ModelVersion
from registry.names import check_new_alias
from trackerweb import events
from trackerweb.clock import now_ms
from trackerweb.errors import InvalidValue
from trackerweb.transactions import write_transaction

#: What people call the version that is in use, the surest word first.
IN_USE = ("champion", "production", "prod", "live", "best", "stable")


class ModelAlias(models.Model):
    """A word that leads to a version."""

    registered_model = models.ForeignKey(RegisteredModel, models.CASCADE, related_name="aliases", db_index=False)
    alias = models.CharField(max_length=255)
    model_version = models.ForeignKey(ModelVersion, models.CASCADE, related_name="aliases")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["registered_model", "alias"], name="model_alias_once")]

    def __str__(self) -> str:
        return self.alias

    @classmethod
    def point(cls, alias: str, version: ModelVersion) -> None:
        """Lead an alias to a version, wherever it led before.

        Errors: InvalidValue for the alias; Conflict for a version in the trash.
        """
        check_new_alias(alias)
        version.require_active()
        home = version.registered_model
        with write_transaction():
            known = home.aliases.filter(alias=alias).select_related("model_version").first()
            before = known.model_version if known else None
            cls.objects.update_or_create(registered_model=home, alias=alias, defaults={"model_version": version})
            if before != version:
                AuditEntry.note("move alias", home, {alias: before and before.version})
                AliasMove.note(home, alias, before, version)
            _tell("model_version_alias.created", home, alias, version=str(version.version))

    def take_away(self) -> None:
        """Remove it; its history stays."""
        with write_transaction():
            AuditEntry.note("remove alias", self.registered_model, {self.alias: self.model_version.version})
            AliasMove.note(self.registered_model, self.alias, self.model_version, None)
            _tell("model_version_alias.deleted", self.registered_model, self.alias)
            self.delete()

    @classmethod
    def named(cls, home: RegisteredModel, alias: str) -> "ModelAlias":
        """The alias of that name.

        Errors: InvalidValue when there is none: MLflow's clients know that answer.
        """
        found = home.aliases.filter(alias=alias).select_related("model_version__registered_model").first()
        if found is None:
            raise InvalidValue(f"alias: {home.name!r} has no alias {alias[:80]!r}.", field="alias")
        return found


def leading(aliases: Iterable[ModelAlias]) -> ModelAlias | None:
    """The alias that says which version is in use: by its name, else the one that leads to the newest version."""
    found = sorted(aliases, key=lambda alias: (_rank(alias.alias), -alias.model_version.version, alias.alias))
    return found[0] if found else None


def _rank(alias: str) -> int:
    word = alias.lower()
    return IN_USE.index(word) if word in IN_USE else len(IN_USE)


class AliasMove(models.Model):
    """An alias came to lead elsewhere: from one version to another, or None for nowhere."""

    registered_model = models.ForeignKey(RegisteredModel, models.CASCADE, related_name="alias_moves", db_index=False)
    alias = models.CharField(max_length=255)
    before = models.BigIntegerField(null=True)
    after = models.BigIntegerField(null=True)
    time = models.BigIntegerField()
    who = models.TextField(default="owner")

    class Meta:
        indexes = [models.Index(fields=["registered_model", "time"], name="alias_move_time")]

    def __str__(self) -> str:
        return f"{self.alias}: {self.before} → {self.after}"

    @classmethod
    def note(cls, home: RegisteredModel, alias: str, before: ModelVersion | None, after: ModelVersion | None) -> None:
        """Keep that an alias was moved."""
        numbers = {"before": before and before.version, "after": after and after.version}
        cls.objects.create(registered_model=home, alias=alias, time=now_ms(), **numbers)


def _tell(event: str, home: RegisteredModel, alias: str, **data: str) -> None:
    if not home.is_prompt:
        events.tell(event, {"name": home.name, "alias": alias} | data)
