"""Pictures, drawn by the browser from the preview route."""

from dataclasses import dataclass

from runs.artifacts.previews.judging import PICTURES, media_type_of
from runs.artifacts.previews.source import Mismatch, Preview, Source

SUFFIXES = {".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".bmp", ".ico", ".svg"}


@dataclass(frozen=True, kw_only=True)
class PicturePreview(Preview):
    """Nothing of its own: the template knows the address."""

    kind = "picture"


def preview(source: Source) -> Preview:
    """Show it as it is."""
    if media_type_of(source.head, PICTURES) is None:
        raise Mismatch("Its content is no picture that a browser draws.")
    return PicturePreview()
