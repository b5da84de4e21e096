"""Sound and film, played by the browser from the preview route, which it asks for ranges."""

from dataclasses import dataclass

from runs.artifacts.previews.judging import FILMS, SOUNDS, media_type_of
from runs.artifacts.previews.source import Mismatch, Preview, Source

SOUND_SUFFIXES = {".wav", ".flac", ".ogg", ".oga", ".m4a", ".mp3"}
FILM_SUFFIXES = {".mp4", ".m4v", ".mov", ".webm"}


@dataclass(frozen=True, kw_only=True)
class SoundPreview(Preview):
    """Nothing of its own: the template knows the address."""

    kind = "sound"


@dataclass(frozen=True, kw_only=True)
class FilmPreview(Preview):
    """Nothing of its own: the template knows the address."""

    kind = "film"


def sound(source: Source) -> Preview:
    """Play it."""
    if media_type_of(source.head, SOUNDS) is None:
        raise Mismatch("Its content is no sound that a browser plays.")
    return SoundPreview()


def film(source: Source) -> Preview:
    """Play it."""
    if media_type_of(source.head, FILMS) is None:
        raise Mismatch("Its content is no film that a browser plays.")
    return FilmPreview()
