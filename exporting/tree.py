"""What an export writes: files with their paths, which go to a folder, or into a zip while it is sent."""

import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from zipstream import ZIP_DEFLATED, ZipStream

from trackerweb.errors import Conflict

MEBIBYTE = 1 << 20


@dataclass(frozen=True)
class Exported:
    """A file, or an empty folder when its path ends with a slash. Paths are relative, with slashes."""

    path: str
    pieces: Iterable[bytes] = ()

    @classmethod
    def text(cls, path: str, content: str) -> "Exported":
        """A file with a text."""
        return cls(path, [content.encode()])

    @property
    def is_folder(self) -> bool:
        """An empty folder."""
        return self.path.endswith("/")


def write_folder(files: Iterable[Exported], target: Path) -> None:
    """Write all of it to a folder that is not there yet, or is empty: whole, or not at all.

    Errors: Conflict for a folder that holds something.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise Conflict(f"{target} is there already, and not empty. Name a new folder.")
    half = target.with_name(f"{target.name}.half")
    shutil.rmtree(half, ignore_errors=True)
    try:
        half.mkdir(parents=True)
        for file in files:
            _write(half, file)
        if target.exists():
            target.rmdir()
        os.replace(half, target)
    finally:
        shutil.rmtree(half, ignore_errors=True)


def _write(root: Path, file: Exported) -> None:
    place = root / file.path
    if file.is_folder:
        place.mkdir(parents=True, exist_ok=True)
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("xb") as content:
        for piece in file.pieces:
            content.write(piece)


def zip_pieces(files: Iterable[Exported], root: str) -> Iterator[bytes]:
    """A zip with all of it in a folder `root`, made while it is read: no more than a piece of it is in memory."""
    stream = ZipStream(compress_type=ZIP_DEFLATED, compress_level=1)
    for file in files:
        if file.is_folder:
            stream.mkdir(f"{root}/{file.path.rstrip('/')}")
        else:
            stream.add(file.pieces, f"{root}/{file.path}")
        yield from stream.all_files()
    yield from stream.finalize()
