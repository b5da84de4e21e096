"""Gives back the registries that imports have kept as files."""

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

from django.conf import settings

from exporting.tree import MEBIBYTE, Exported


def with_kept(files: Iterable[Exported], *, wanted: bool) -> Iterator[Exported]:
    """These files, and if `wanted` those of registered models that were kept; the first of a name where two were."""
    yield from files
    told: set[str] = set()
    for root in sorted(Path(settings.TRACKER_HOME).glob("kept-registry/*/models")) if wanted else ():
        names = {place.name for place in root.iterdir()} - told
        for place in sorted(root.rglob("*")):
            path = place.relative_to(root)
            if place.is_file() and path.parts[0] in names:
                yield Exported(f"models/{path.as_posix()}", _pieces(place))
        told |= names


def _pieces(place: Path) -> Iterator[bytes]:
    with place.open("rb") as file:
        yield from iter(partial(file.read, MEBIBYTE), b"")
