"""A file without content."""

from dataclasses import dataclass

from runs.artifacts.previews.source import Preview


@dataclass(frozen=True, kw_only=True)
class EmptyPreview(Preview):
    """Nothing to show."""

    kind = "empty"
