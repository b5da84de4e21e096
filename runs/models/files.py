"""Content, stored once however many files have it; and what a thing needs that files hang on."""

from typing import Any, Self

from django.db import models
from django.db.models import F

from runs.querysets import BlobQuerySet


class Blob(models.Model):
    """Content by its hash. Its row comes after its file is safe, and goes before it does (runs/artifacts/store.py)."""

    sha256 = models.CharField(max_length=64, unique=True)
    size = models.BigIntegerField()
    creation_time = models.BigIntegerField()

    objects = BlobQuerySet.as_manager()

    def __str__(self) -> str:
        return self.sha256[:12]


class StoredFile(models.Model):
    """A file of something: a path, and the content that it names. A subclass adds the key of its owner, on which its
    rows are called `artifacts`. `path` is relative, with forward slashes, and was checked by runs/artifacts/paths.py.
    """

    path = models.TextField()
    blob = models.ForeignKey(Blob, models.PROTECT, related_name="%(class)ss")
    media_type = models.CharField(max_length=100)
    creation_time = models.BigIntegerField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.path

    @property
    def whose(self) -> str:
        """What it is a file of, in words: `run a1`."""
        raise NotImplementedError


class FileOwner(models.Model):
    """What files hang on, as `artifacts`."""

    # Kept on write, so that a list of 100,000 runs can show and filter by size.
    artifact_bytes = models.BigIntegerField(default=0, db_default=0, editable=False)

    artifacts: Any

    class Meta:
        abstract = True

    def require_active(self) -> None:
        """Refuse to change the files of what is in the trash."""
        raise NotImplementedError

    def current(self) -> Self:
        """Itself as it is in the database by now.

        Errors: NotFound when it is gone.
        """
        raise NotImplementedError

    def count_bytes(self, grown: int, **fields: Any) -> None:
        """Add to the bytes of its files, and set other fields at the same time."""
        rows = type(self)._default_manager.filter(pk=self.pk)
        rows.update(artifact_bytes=F("artifact_bytes") + grown, **fields)

    def note_logged(self, grown: int) -> None:
        """Count what its files have grown by when its script logged one."""
        self.count_bytes(grown)
