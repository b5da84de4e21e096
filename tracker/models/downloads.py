"""Brings models from a server into a cache folder of this user, and checks what comes."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tracker import settings, values
from tracker.errors import InvalidModel, InvalidValue, Unavailable

if TYPE_CHECKING:
    from tracker.delivery.server import Server

MOST_FILES = 100_000
LISTING_SECONDS = 600.0
#: What file systems take.
_LONGEST_NAME, _MOST_LEVELS = 255, 50
_PAGE = 10_000


@dataclass(frozen=True)
class File:
    """A file of a model: its path among all files of its owner, its place in the model, its size in bytes.

    `sha256` is its hash, or whatever stands for its content where it lies.
    """

    path: str
    place: str
    size: int
    sha256: str


def folder_of(server: Server, owner: str, folder: str) -> Path:
    """A folder that holds the files of a model: those below a folder of an owner (`models/m-…`, say). What was brought
    before is not brought again while it is the same.

    Errors: InvalidModel for no files, or paths that lead elsewhere; Unavailable for content that is not what the server
    says; Refused.
    """
    files = list(_files(server, owner, folder))
    if not files:
        raise InvalidModel(f"{owner}/{folder} on {server.uri} holds no files, so it is no model.")
    return kept(f"{server.uri} {owner} {folder}", files, partial(_fetch_one, server, owner))


def kept(source: str, files: list[File], fetch: Callable[[File, Path], None]) -> Path:
    """A folder of the cache that holds these files. `fetch` brings one to a new place, unless all are there already."""
    files = sorted(files, key=lambda file: file.place)
    _check_places(files, source)
    told = "\n".join(f"{file.place} {file.size} {file.sha256}" for file in files)
    place = _cache() / hashlib.sha256(f"{source}\n{told}".encode()).hexdigest()[:32]
    if not _is_whole(place, files):
        _check_space(files, place.parent, source)
        _fetch(files, place, fetch)
    return place


def _cache() -> Path:
    """The folder of this user for models: nobody else may put something there, since what lies there may be run."""
    from platformdirs import user_cache_path

    chosen = settings.text("TRACKER_CACHE")
    folder = Path(chosen).expanduser().absolute() if chosen else user_cache_path("tracker", appauthor=False)
    models = folder / "models"
    models.mkdir(parents=True, mode=0o700, exist_ok=True)
    models.chmod(0o700)
    return models


def _files(server: Server, owner: str, folder: str) -> Iterator[File]:
    """All files below a folder. What a server lists is looked at like all that strangers write.

    Errors: InvalidModel for what can't be files of one model; Unavailable for a list that has no end.
    """
    folders, seen, ends = [folder], set[str](), time.monotonic() + LISTING_SECONDS
    while folders:
        above = folders.pop()
        for entry in _listed(server, owner, above):
            path = _path_in(entry, above, server.uri)
            if path in seen:
                raise InvalidModel(f"{server.uri} lists {path!r} twice.")
            seen.add(path)
            if len(seen) > MOST_FILES or time.monotonic() > ends:
                raise Unavailable(
                    f"{server.uri} lists more than {MOST_FILES:,} files in this model, or lists them for more than "
                    f"{LISTING_SECONDS:g} s: it is not brought."
                )
            if entry.get("is_folder"):
                folders.append(path)
            else:
                yield _file(entry, path, path[len(folder) + 1 :] if folder else path, server.uri)


def _path_in(entry: dict[str, Any], above: str, uri: str) -> str:
    path = entry.get("path")
    try:
        names = values.check_path(path if isinstance(path, str) else "").split("/")
    except InvalidValue as error:
        raise InvalidModel(f"{uri} lists a file that can't be: {error}") from None
    path = "/".join(names)
    if not path.startswith(f"{above}/" if above else ""):
        raise InvalidModel(f"{uri} lists {path!r} in the folder {above!r}, where it can't be.")
    if len(names) > _MOST_LEVELS or any(len(name.encode()) > _LONGEST_NAME for name in names):
        raise InvalidModel(
            f"{uri} lists {path[:80]!r}, which can't be kept here: names may have {_LONGEST_NAME} bytes, and lie "
            f"{_MOST_LEVELS} folders deep."
        )
    return path


def _file(entry: dict[str, Any], path: str, place: str, uri: str) -> File:
    size = entry.get("size")
    if not isinstance(size, int) or size < 0:
        raise InvalidModel(f"{uri} says that {path!r} has {str(size)[:80]!r} bytes, which is no size.")
    return File(path, place, size, str(entry.get("sha256") or ""))


def _listed(server: Server, owner: str, folder: str) -> Iterator[dict[str, Any]]:
    after = ""
    while True:
        page = server.get(f"{owner}/artifacts/", path=folder, after=after, limit=_PAGE)
        entries = page.get("artifacts") if isinstance(page, dict) else None
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise InvalidModel(f"{server.uri} answers with no list of files, so it is no Trackerweb.")
        yield from entries
        after = page.get("next_name")
        if not after:
            return
        if not entries:
            raise InvalidModel(f"{server.uri} lists no files on a page, and says that there are more.")


def _check_places(files: list[File], source: str) -> None:
    """No file may lie below another."""
    places = {file.place for file in files}
    for file in files:
        if not places.isdisjoint(str(parent) for parent in PurePosixPath(file.place).parents):
            raise InvalidModel(f"{source} lists {file.place!r}, though a part of it is a file.")


def _check_space(files: list[File], place: Path, source: str) -> None:
    needed, free = sum(file.size for file in files), shutil.disk_usage(place).free
    if needed > free:
        raise Unavailable(
            f"The model of {source} has {needed:,} bytes; {free:,} are free in {place}. Make room there, or set "
            "TRACKER_CACHE to another folder."
        )


def _is_whole(place: Path, files: list[File]) -> bool:
    """Whether it is there: it came whole, so sizes tell whether something was cut since."""
    return place.is_dir() and all(
        (place / file.place).is_file() and (place / file.place).stat().st_size == file.size for file in files
    )


def _fetch(files: list[File], place: Path, fetch: Callable[[File, Path], None]) -> None:
    beside = Path(tempfile.mkdtemp(prefix=".coming-", dir=place.parent))
    try:
        for file in files:
            (beside / file.place).parent.mkdir(parents=True, exist_ok=True)
            fetch(file, beside / file.place)
        shutil.rmtree(place, ignore_errors=True)
        os.replace(beside, place)
    except OSError as error:
        # Another process may have been faster.
        if not _is_whole(place, files):
            raise Unavailable(f"The model can't be put into {place.parent}: {error.strerror}.") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _fetch_one(server: Server, owner: str, file: File, target: Path) -> None:
    digest, size = hashlib.sha256(), 0
    with target.open("xb") as content:
        for piece in server.pieces(f"{owner}/artifacts/{quote(file.path)}"):
            content.write(piece)
            digest.update(piece)
            size += len(piece)
            if size > file.size:
                break
    if size != file.size or (file.sha256 and digest.hexdigest() != file.sha256):
        raise Unavailable(f"{file.path!r} came from {server.uri} with other content than it says. Try again.")
