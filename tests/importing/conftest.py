"""Imports a folder, and tells what came of it."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from importing import jobs, reports
from importing.sources import open_source
from runs import points
from runs.models import Run
from tests.importing.eras import MlrunsFolder


class Done:
    """An import that is over."""

    def __init__(self, where: str | Path) -> None:
        self.record = jobs.run(str(where), partial(open_source, str(where)))
        self.told = reports.told(self.record)

    @property
    def counts(self) -> dict[str, int]:
        """What it counted, without zeros."""
        return {name: count for name, count in self.record.counts.items() if count}

    def reasons(self, level: str, place: str = "") -> list[str]:
        """What was found at places that begin so."""
        found: list[dict[str, Any]] = self.told["findings"]
        return [item["reason"] for item in found if item["level"] == level and item["place"].startswith(place)]


@pytest.fixture
def mlruns(tmp_path: Path) -> MlrunsFolder:
    """An empty store of the current MLflow."""
    return MlrunsFolder(tmp_path / "mlruns")


def series(run_id: str, key: str) -> list[tuple[int, int, float]]:
    """The points of a run's metric: (step, timestamp, value)."""
    metric = Run.objects.by_id(run_id).metrics.get(key=key)
    return [(row[0], row[1], points.value_of(row)) for row in points.read(metric.pk)]
