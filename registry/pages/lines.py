"""Versions as lines of a table: each with its run, its headline figure and its size."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Sum

from registry import scores, sources
from registry.models import ModelVersion
from registry.scores import Score
from runs.artifacts import store
from runs.models import Run


@dataclass(frozen=True)
class Line:
    """A version in a table."""

    version: ModelVersion
    run: Run | None
    score: Score | None
    size: int | None

    @property
    def aliases(self) -> list[str]:
        """The words that lead to it."""
        return [alias.alias for alias in self.version.aliases.all()]


def lines_of(versions: Sequence[ModelVersion]) -> list[Line]:
    """A line for each version of `ModelVersion.objects.with_all()`."""
    runs, models = scores.runs_of(versions), scores.models_of(versions)
    figures = scores.headlines(versions, runs)
    sizes = {model_id: model.artifact_bytes for model_id, model in models.items()}
    return [
        Line(
            version,
            runs.get(version.run_id),
            figures.get(version.pk),
            sizes[version.model_id] if version.model_id in sizes else _size(version),
        )
        for version in versions
    ]


def _size(version: ModelVersion) -> int | None:
    """Bytes of its files; None where they are not here."""
    place = sources.files_of(version)
    if place is None:
        return None
    files = store.in_folder(place.owner.artifacts.all(), place.path)
    return files.aggregate(bytes=Sum("blob__size"))["bytes"]
