"""The shell lines that run a run's code again."""

import re
import shlex
from pathlib import PurePosixPath

from runs.provenance.snapshot import Snapshot

_COMMIT = re.compile(r"[0-9a-zA-Z][\w./-]*")


def reproduce(snapshot: Snapshot, patch_address: str) -> str:
    """Shell lines: check the commit out, apply the diff, install the packages, run. Empty where no command is known."""
    if not snapshot.command:
        return ""
    lines = []
    if snapshot.remote:
        folder = PurePosixPath(snapshot.remote.rpartition(":")[2]).name.removesuffix(".git")
        lines += [f"git clone -- {shlex.quote(snapshot.remote)} && cd -- {shlex.quote(folder)}"]
    if _COMMIT.fullmatch(snapshot.commit):
        lines.append(f"git checkout {shlex.quote(snapshot.commit)}")
    if snapshot.patch:
        lines.append(f"curl -s {shlex.quote(patch_address)} | git apply")
    if snapshot.packages:
        packages = patch_address.replace("/patch.diff", "/requirements.txt")
        lines.append(f"curl -s {shlex.quote(packages)} > requirements.txt && pip install -r requirements.txt")
    return "\n".join([*lines, snapshot.command_line])
