"""What the Code tab of a run shows."""

from functools import cached_property

from runs.models import Run
from runs.provenance.reproduce import reproduce
from runs.provenance.shown import Diff, uncommitted
from runs.provenance.snapshot import Snapshot, snapshot_of


class CodePage:
    """The code of a run and where it ran; `patch_address` is where the shell finds its uncommitted diff."""

    def __init__(self, run: Run, patch_address: str) -> None:
        self.run, self._patch_address = run, patch_address

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

    @property
    def reproduce(self) -> str:
        """Shell lines that run it again."""
        return reproduce(self.snapshot, self._patch_address)


def requirements(snapshot: Snapshot) -> str:
    """The packages of a run as pip reads them. Names and versions that pip could take for an option are left out."""
    lines = [f"{name}=={version}" for name, version in snapshot.packages.items() if _is_plain(name, version)]
    return "".join(f"{line}\n" for line in lines)


def _is_plain(name: str, version: str) -> bool:
    allowed = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+!-")
    return bool(name and version) and name[0].isalnum() and version[0].isalnum() and set(name + version) <= allowed
