"""What data a run used: name, digest, where it came from; and which runs used it, for what."""

import hashlib
import json
from typing import Any

from django.db import models

from runs.batches import DatasetInput
from runs.models.run import Run
from runs.querysets import DatasetUseQuerySet

#: The tag of a use that says what for, such as "training": MLflow's word.
CONTEXT_TAG = "mlflow.data.context"
_CONTENT = ("name", "digest", "source_type", "source", "schema", "profile")


class Dataset(models.Model):
    """A description of data, not the data. One row per content, shared by runs; `source`, `schema` and `profile` are
    JSON texts as the client wrote them."""

    content_hash = models.CharField(max_length=64, unique=True)
    name = models.TextField()
    digest = models.TextField()
    source_type = models.TextField()
    source = models.TextField()
    schema = models.TextField(null=True)
    profile = models.TextField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["name"], name="dataset_name"),
            models.Index(fields=["digest"], name="dataset_digest"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.digest})"

    @classmethod
    def of(cls, item: DatasetInput) -> "Dataset":
        """The description with this content, stored if no run brought it before."""
        content: dict[str, Any] = {name: getattr(item, name) for name in _CONTENT}
        content_hash = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
        return cls.objects.get_or_create(content_hash=content_hash, defaults=content)[0]


class DatasetUse(models.Model):
    """A run used a dataset. `context` is the tag that says what for, kept apart to search by; NULL without one."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="dataset_uses", db_index=False)
    dataset = models.ForeignKey(Dataset, models.PROTECT, related_name="uses")
    tags = models.JSONField(default=dict)
    context = models.TextField(null=True)

    objects = DatasetUseQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "dataset"], name="dataset_use_run_dataset")]
