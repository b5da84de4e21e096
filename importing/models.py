"""Imports and their reports; and what was imported from where, so that the next import brings only what is new."""

import uuid
from typing import Any

from django.db import models

from experiments.models import Experiment
from importing.reporting import Level
from registry.models import LoggedModel
from runs.models import Run
from trackerweb.clock import now_ms


def _new_id() -> str:
    return uuid.uuid4().hex


class ImportState(models.TextChoices):
    """How far it is."""

    RUNNING = "RUNNING"
    FINISHED = "FINISHED"
    FAILED = "FAILED"
    STOPPED = "STOPPED"


class Import(models.Model):
    """One import: from where, how far it is, what came of it. `counts` holds numbers by what they count."""

    id = models.CharField(primary_key=True, max_length=32, default=_new_id)
    origin = models.TextField()
    state = models.CharField(max_length=8, choices=ImportState, default=ImportState.RUNNING)
    begin_time = models.BigIntegerField()
    end_time = models.BigIntegerField(null=True)
    heartbeat_time = models.BigIntegerField()
    total = models.BigIntegerField(default=0)
    counts = models.JSONField(default=dict)
    # What stopped it as a whole, such as a folder that is not there.
    error = models.TextField(default="", blank=True)

    class Meta:
        indexes = [models.Index(fields=["-begin_time"], name="import_begin")]

    def __str__(self) -> str:
        return self.origin


class ImportFinding(models.Model):
    """A line of the report."""

    of = models.ForeignKey(Import, models.CASCADE, related_name="findings", db_index=False)
    level = models.CharField(max_length=7, choices=[(level, level) for level in Level])
    place = models.TextField()
    reason = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["of", "level"], name="import_finding_level")]

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}"


class Imported(models.Model):
    """Where something came from: the id that it had there, all that was said of it, and which parts were brought."""

    origin = models.TextField()
    external_id = models.TextField()
    meta = models.JSONField(default=dict)
    seen = models.JSONField(default=dict)
    time = models.BigIntegerField()

    class Meta:
        abstract = True

    @classmethod
    def remember(cls, origin: str, external_id: str, meta: dict[str, Any], seen: dict[str, Any], **thing: Any) -> None:
        """Note, in place of what was noted before, that `thing` (`run=…`) was imported just now."""
        told = {"origin": origin, "external_id": external_id, "meta": meta, "seen": seen, "time": now_ms()}
        cls._default_manager.update_or_create(**thing, defaults=told)


class ImportedExperiment(Imported):
    """An experiment that was imported. Its `seen` holds its name and tags as its source last said them."""

    experiment = models.OneToOneField(Experiment, models.CASCADE, related_name="imported")

    class Meta:
        indexes = [models.Index(fields=["external_id"], name="imported_experiment_external")]


class ImportedRun(Imported):
    """A run that was imported."""

    run = models.OneToOneField(Run, models.CASCADE, related_name="imported")


class ImportedModel(Imported):
    """A logged model that was imported."""

    model = models.OneToOneField(LoggedModel, models.CASCADE, related_name="imported")
