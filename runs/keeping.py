"""Keeps the files of runs that are about to be deleted: outside the store, under their own names."""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings

from runs.artifacts.store import open_blob
from runs.models import Artifact


def folder() -> Path:
    """Where kept files lie: `kept/<run id>/<path of the artifact>`."""
    return settings.TRACKER_HOME / "kept"


def keep_files(runs: Any) -> int:
    """Copy the files of these runs (a queryset) to `folder()`, whole or not at all. Again is fine. Returns how many."""
    artifacts: Iterable[Artifact] = Artifact.objects.filter(run__in=runs.values("pk")).select_related("run", "blob")
    count = 0
    for artifact in artifacts.iterator():  # type: ignore[attr-defined]
        _keep(artifact)
        count += 1
    return count


def _keep(artifact: Artifact) -> None:
    place = folder() / artifact.run.run_id / artifact.path
    place.parent.mkdir(parents=True, exist_ok=True)
    half = folder() / ".part"
    with open_blob(artifact.blob) as content, half.open("wb") as copy:
        shutil.copyfileobj(content, copy, 1 << 20)
        copy.flush()
        os.fsync(copy.fileno())
    os.replace(half, place)
