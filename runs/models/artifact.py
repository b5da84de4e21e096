"""The files of a run."""

from urllib.parse import urlencode

from django.db import models

from runs.models.files import StoredFile
from runs.models.run import Run


class Artifact(StoredFile):
    """A file of a run."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="artifacts", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "path"], name="artifact_run_path")]

    @property
    def whose(self) -> str:
        """Its run, in words."""
        return f"run {self.run.run_id}"

    def get_absolute_url(self) -> str:
        """Its preview on the page of its run."""
        return f"/runs/{self.run.run_id}/artifacts/?{urlencode({'path': self.path})}"
