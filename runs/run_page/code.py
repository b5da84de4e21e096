"""What the Code tab of a run shows."""

from functools import cached_property

from django.urls import reverse

from runs.models import Run
from runs.provenance.projects import project_of
from runs.provenance.repeating import Repetition, repetition
from runs.provenance.reproduce import reproduce
from runs.provenance.shown import Diff, uncommitted
from runs.provenance.snapshot import Snapshot, snapshot_of
from runs.system_tags import of_clients


class CodePage:
    """The code of a run and where it ran; `server` is the address of this server, where the shell finds its diff."""

    def __init__(self, run: Run, server: str) -> None:
        self.run, self._server = run, server

    @cached_property
    def snapshot(self) -> Snapshot:
        """What was captured."""
        return snapshot_of(self.run)

    @cached_property
    def source(self) -> list[str]:
        """The paths of its source."""
        environment = self.run.environment
        return list(environment.files.order_by("path").values_list("path", flat=True)) if environment else []

    @cached_property
    def diff(self) -> Diff:
        """What the checkout had changed since its commit."""
        return uncommitted(self.snapshot)

    @cached_property
    def repetition(self) -> Repetition | None:
        """The line that runs it again, by the `tracker` command."""
        tags = dict(self.run.tags.filter(of_clients()).values_list("key", "value"))
        params = dict(self.run.params.order_by("key").values_list("key", "value"))
        return repetition(self.run, project_of(self.run, tags), params, self._server)

    @property
    def reproduce(self) -> str:
        """Shell lines that run it again, by hand."""
        return reproduce(self.snapshot, f"{self._server}{reverse('runs:patch', args=[self.run.run_id])}")


def requirements(snapshot: Snapshot) -> str:
    """The packages of a run as pip reads them. Names and versions that pip could take for an option are left out."""
    lines = [f"{name}=={version}" for name, version in snapshot.packages.items() if _is_plain(name, version)]
    return "".join(f"{line}\n" for line in lines)


def _is_plain(name: str, version: str) -> bool:
    allowed = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+!-")
    return bool(name and version) and name[0].isalnum() and version[0].isalnum() and set(name + version) <= allowed
