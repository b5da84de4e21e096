"""Rows of runs. Times are milliseconds since 1970, UTC; steps are the script's own count."""

from runs.models.artifact import Artifact
from runs.models.dataset import Dataset, DatasetUse
from runs.models.environment import Environment, SourceFile, SourceText
from runs.models.files import Blob, FileOwner, StoredFile
from runs.models.logged import (
    INDEXED_CHARACTERS,
    ConsoleChunk,
    Metric,
    MetricBucket,
    MetricPoint,
    Param,
    Tag,
    WriterMark,
)
from runs.models.run import Run, RunStatus
from runs.models.selection import Selection
from runs.models.silence import Silence

__all__ = [
    "INDEXED_CHARACTERS",
    "Artifact",
    "Blob",
    "ConsoleChunk",
    "Dataset",
    "DatasetUse",
    "Environment",
    "FileOwner",
    "Metric",
    "MetricBucket",
    "MetricPoint",
    "Param",
    "Run",
    "RunStatus",
    "Selection",
    "Silence",
    "SourceFile",
    "SourceText",
    "StoredFile",
    "Tag",
    "WriterMark",
]
