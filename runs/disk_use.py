"""How much room things take: files exactly, rows about. What the page of disk use shows."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Count, F, IntegerField, Q, Sum, Window
from django.db.models.functions import Coalesce, RowNumber

from experiments.models import Experiment
from runs.models import Artifact, Blob, Run

#: Measured by bench/: what a point, and a run with a handful of params, tags and metrics, take in SQLite.
BYTES_PER_POINT = 30
BYTES_PER_RUN = 1600
#: Rows of each table of the page.
SHOWN = 25
#: Artifacts named beside a content.
NAMED = 3


def bytes_of_rows(runs: int, points: int) -> int:
    """About what so many runs with so many points take in the database."""
    return runs * BYTES_PER_RUN + points * BYTES_PER_POINT


@dataclass(frozen=True)
class Share:
    """A row of a table: `share` is its part of the largest row's size, for a bar."""

    thing: Any
    files: int
    file_bytes: int
    row_bytes: int
    share: float

    @property
    def size(self) -> int:
        """Files and rows together."""
        return self.file_bytes + self.row_bytes


@dataclass(frozen=True)
class Content:
    """A blob with the artifacts that name it, the first few of them."""

    blob: Any
    artifacts: Sequence[Artifact]

    @property
    def more(self) -> int:
        """Artifacts beyond those."""
        return self.blob.uses - len(self.artifacts)


class DiskUse:
    """Where the room goes: by experiment, run and type of file, largest first. Files of the trash count, too."""

    @cached_property
    def database_bytes(self) -> int:
        """The database with its log; 0 where it is no file of ours."""
        name = Path(str(settings.DATABASES["default"]["NAME"]))
        return sum(_size_of(name.with_name(name.name + end)) for end in ("", "-wal"))

    @cached_property
    def blobs(self) -> dict[str, int]:
        """All content: `count` and `size`."""
        return Blob.objects.aggregate(count=Count("pk"), size=Coalesce(Sum("size"), 0))

    @cached_property
    def logged_bytes(self) -> int:
        """What files would take if each was stored by itself."""
        return sum(files.aggregate(size=_sum("blob__size"))["size"] for files in Blob.objects.files())

    @property
    def saved_bytes(self) -> int:
        """What storing equal content once saves."""
        return max(0, self.logged_bytes - self.blobs["size"])

    @cached_property
    def trash(self) -> dict[str, int]:
        """Runs in the trash: `runs`, `points` and `size` of their files."""
        figures = {"runs": Count("pk"), "points": _sum("point_count"), "size": _sum("artifact_bytes")}
        return Run.objects.trashed().aggregate(**figures)

    @property
    def trash_bytes(self) -> int:
        """About what emptying the trash would free."""
        return bytes_of_rows(self.trash["runs"], self.trash["points"]) + self.trash["size"]

    @cached_property
    def experiments(self) -> list[Share]:
        """The largest experiments."""
        kept = Q(runs__lifecycle_stage__in=["active", "deleted"])
        found = (
            Experiment.objects.annotate(
                run_count=Count("runs", filter=kept),
                points=_sum("runs__point_count", kept),
                file_bytes=_sum("runs__artifact_bytes", kept),
            )
            .annotate(size=F("file_bytes") + F("points") * BYTES_PER_POINT + F("run_count") * BYTES_PER_RUN)
            .order_by("-size", "pk")[:SHOWN]
        )
        return _shares(
            [(item, item.run_count, item.file_bytes, bytes_of_rows(item.run_count, item.points)) for item in found]
        )

    @cached_property
    def runs(self) -> list[Share]:
        """The largest runs."""
        size = F("artifact_bytes") + F("point_count") * BYTES_PER_POINT
        found = list(Run.objects.kept().select_related("experiment").alias(size=size).order_by("-size", "pk")[:SHOWN])
        files = _files_of(found)
        return _shares(
            [(run, files.get(run.pk, 0), run.artifact_bytes, bytes_of_rows(1, run.point_count)) for run in found]
        )

    @cached_property
    def types(self) -> list[Share]:
        """Types of files by what they would take, each stored by itself."""
        found = Artifact.objects.values_list("media_type").annotate(count=Count("pk"), size=_sum("blob__size"))
        return _shares([(*row, 0) for row in found.order_by("-size", "media_type")[:SHOWN]])

    @cached_property
    def contents(self) -> list[Content]:
        """The largest contents, with who shares them."""
        blobs = list(Blob.objects.with_uses().order_by("-size", "pk")[:SHOWN])
        artifacts = _first_artifacts([blob.pk for blob in blobs])
        return [Content(blob, artifacts[blob.pk]) for blob in blobs]


def _sum(field: str, chosen: Q | None = None) -> Coalesce:
    return Coalesce(Sum(field, filter=chosen), 0, output_field=IntegerField())


def _files_of(runs: Sequence[Run]) -> dict[int, int]:
    found = Artifact.objects.filter(run__in=[run.pk for run in runs]).values_list("run")
    return dict(found.annotate(count=Count("pk")))


def _first_artifacts(blobs: Sequence[int]) -> dict[int, list[Artifact]]:
    """The first NAMED artifacts of each blob."""
    place = Window(RowNumber(), partition_by="blob", order_by="pk")
    found = Artifact.objects.filter(blob__in=blobs).annotate(place=place).filter(place__lte=NAMED)
    named: dict[int, list[Artifact]] = defaultdict(list)
    for artifact in found.select_related("run"):
        named[artifact.blob_id].append(artifact)
    return named


def _shares(rows: Sequence[tuple[Any, int, int, int]]) -> list[Share]:
    largest = max((row[2] + row[3] for row in rows), default=0) or 1
    return [Share(*row, share=(row[2] + row[3]) / largest) for row in rows]


def _size_of(place: Path) -> int:
    try:
        return place.stat().st_size
    except OSError:
        return 0
