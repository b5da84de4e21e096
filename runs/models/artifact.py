"""The files of a run: a path, and the content that it names, stored once however many runs have it."""

from urllib.parse import urlencode

from django.db import models

from runs.models.run import Run


class Blob(models.Model):
    """Content by its hash. Its row comes after its file is safe, and goes before it does (runs/artifacts/store.py)."""

    sha256 = models.CharField(max_length=64, unique=True)
    size = models.BigIntegerField()
    creation_time = models.BigIntegerField()

    def __str__(self) -> str:
        return self.sha256[:12]


class Artifact(models.Model):
    """A file of a run. `path` is relative, with forward slashes, and was checked by runs/artifacts/paths.py."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="artifacts", db_index=False)
    path = models.TextField()
    blob = models.ForeignKey(Blob, models.PROTECT, related_name="artifacts")
    media_type = models.CharField(max_length=100)
    creation_time = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "path"], name="artifact_run_path")]

    def __str__(self) -> str:
        return self.path

    def get_absolute_url(self) -> str:
        """Its preview on the page of its run."""
        return f"/runs/{self.run.run_id}/artifacts/?{urlencode({'path': self.path})}"
