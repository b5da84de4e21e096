"""Finds files of a run or model that are new."""

from collections.abc import Callable, Iterator
from functools import partial

from importing.found import FileFound, Seen
from importing.mlruns.folder import Folder


def new_files(folder: Folder | None, seen: Seen, path_of: Callable[[str], str] = str) -> Iterator[FileFound]:
    """Those below a folder that have changed since `seen`. `path_of` tells which path a file's name stands for."""
    for file in folder.files() if folder else ():
        part = f"artifacts/{file.name}"
        if seen.is_new(part, file.stamp):
            yield FileFound(path_of(file.name), file.place, file.open, partial(seen.note, part, file.stamp))
