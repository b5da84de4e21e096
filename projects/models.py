"""What was started from a page: a process of this machine that makes a run."""

from typing import Any, Self

from django.conf import settings
from django.db import models

from projects import processes
from runs.models import ConsoleChunk, Run
from trackerweb.clock import now_ms
from trackerweb.errors import NotFound

TAIL_BYTES = 8_000


class LaunchQuerySet(models.QuerySet[Any]):
    """Launches, chosen."""

    def open(self) -> Self:
        """Those whose process has not ended, as far as is known."""
        return self.filter(end_time=None)

    def newest_first(self) -> Self:
        """In the order of pages."""
        return self.order_by("-pk")

    def without_run(self) -> Self:
        """Those that have ended, and whose run was deleted for good."""
        return self.exclude(end_time=None).exclude(run_id__in=Run.objects.values("run_id"))

    def forget(self) -> None:
        """Delete them, with what their processes printed."""
        for launch in self:
            launch.log.unlink(missing_ok=True)
            launch.delete()

    def by_id(self, launch_id: int) -> Any:
        """One of them.

        Errors: NotFound.
        """
        found = self.filter(pk=launch_id).first()
        if found is None:
            raise NotFound(f"No launch {launch_id}. /projects/ lists those there are.", field="launch")
        return found


class Launch(models.Model):
    """A process that `projects/starting.py` began. `run_id` is the run that was made for it beforehand.

    `process_start` tells the process from another one that got its `pid` later (projects/processes.py).
    """

    run_id = models.CharField(max_length=256, unique=True)
    uri = models.TextField()
    # What was asked for, as projects/asking.py keeps it.
    wanted = models.JSONField()
    pid = models.BigIntegerField(null=True)
    process_start = models.TextField(default="")
    creation_time = models.BigIntegerField()
    stop_time = models.BigIntegerField(null=True)
    end_time = models.BigIntegerField(null=True)
    exit_status = models.IntegerField(null=True)

    objects = LaunchQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "launches"
        indexes = [models.Index(fields=["end_time"], name="launch_open", condition=models.Q(end_time__isnull=True))]

    def __str__(self) -> str:
        return self.uri

    @property
    def log(self) -> Any:
        """The file of what its process printed."""
        return settings.TRACKER_HOME / "launches" / f"{self.pk}.log"

    @property
    def tail(self) -> str:
        """The end of what its process printed, from a whole line on; empty where nothing was."""
        try:
            with self.log.open("rb") as file:
                size = file.seek(0, 2)
                file.seek(max(0, size - TAIL_BYTES))
                text = file.read().decode("utf-8", "replace")
        except OSError:
            return ""
        return text if size <= TAIL_BYTES else text.partition("\n")[2]

    @property
    def is_preparing(self) -> bool:
        """Its process goes on, and the run has no output of its own: packages are installed, say."""
        return self.is_open and not ConsoleChunk.objects.filter(run__run_id=self.run_id).exists()

    @property
    def is_open(self) -> bool:
        """Its process has not ended, as far as is known."""
        return self.end_time is None

    @property
    def process(self) -> processes.Known | None:
        """Its process; None before it began."""
        return processes.Known(self.pid, self.process_start) if self.pid is not None else None

    @property
    def age_ms(self) -> int:
        """How long ago it was asked for."""
        return now_ms() - self.creation_time
