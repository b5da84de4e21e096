"""Brings models from a server into a cache folder of this user, and checks what comes."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tracker import settings, values
from tracker.errors import InvalidModel, Unavailable

if TYPE_CHECKING:
    from tracker.delivery.server import Server

MOST_FILES = 100_000
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
    told = "\n".join(f"{file.place} {file.size} {file.sha256}" for file in files)
    place = _cache() / hashlib.sha256(f"{source}\n{told}".encode()).hexdigest()[:32]
    if not _is_whole(place, files):
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
    """All files below a folder."""
    folders, count = [folder], 0
    while folders:
        above = folders.pop()
        for entry in _listed(server, owner, above):
            count += 1
            path = values.check_path(str(entry["path"]))
            if count > MOST_FILES or not path.startswith(f"{above}/" if above else ""):
                raise InvalidModel(f"{server.uri} lists {path!r} in the folder {above!r}, where it can't be.")
            if entry["is_folder"]:
                folders.append(path)
            else:
                place = path[len(folder) + 1 :] if folder else path
                yield File(path, place, int(entry["size"]), str(entry.get("sha256") or ""))


def _listed(server: Server, owner: str, folder: str) -> Iterator[dict[str, Any]]:
    after = ""
    while True:
        page = server.get(f"{owner}/artifacts/", path=folder, after=after, limit=_PAGE)
        yield from page["artifacts"]
        after = page["next_name"]
        if not after:
            return


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
    except OSError:
        # Another process may have been faster.
        if not _is_whole(place, files):
            raise
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
