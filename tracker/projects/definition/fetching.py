"""Brings what a parameter names elsewhere: a file or a folder, into a new folder."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from tracker import settings, userinfo
from tracker.errors import InvalidModel, InvalidValue, Refused, TrackerError, Unavailable
from tracker.notices import say
from tracker.projects import downloading

_KNOWN = ("http", "https", "s3", "runs", "models")
#: The word between a run, or a model, and the paths of its files in addresses of the server.
_FILES = "artifacts"
#: What file systems take, with some left for the name of what is not whole yet.
_LONGEST_NAME = 200


def check(name: str, uri: str) -> None:
    """Refuse what can't be downloaded, by its address alone.

    Errors: InvalidValue.
    """
    if urlsplit(_by_owner(uri)).scheme not in _KNOWN:
        raise InvalidValue(
            f"{name} is {without_secrets(uri)!r}, which can't be downloaded here. Give http(s)://, s3://bucket/key, "
            "runs:/run_id/path, mlflow-artifacts:/… of the tracking server, models:/name/3, or the path of what you "
            "downloaded."
        )


def fetched(name: str, uri: str, folder: Path) -> Path:
    """The path of what was brought into an empty folder for the parameter `name`: a file, or a folder.

    Errors: InvalidValue for an address that names nothing; Unavailable, Refused, MissingLibrary.
    """
    say(f"downloads {without_secrets(uri)} for {name}")
    uri = _by_owner(uri)
    scheme = urlsplit(uri).scheme
    try:
        if scheme in ("http", "https"):
            return _of_web(uri, folder)
        if scheme == "s3":
            from tracker.models import s3

            return s3.download(uri, folder)
        return _of_run(uri, folder) if scheme == "runs" else _copied(uri, folder)
    except OSError as error:
        if isinstance(error, TrackerError):
            raise
        raise Unavailable(f"{name} can't be put into {folder}: {error.strerror or error}.") from None


def _by_owner(uri: str) -> str:
    """`runs:/run_id/path` or `models:/m-…` for an address of files that the tracking server keeps; others as they are.

    mlflow-artifacts:/2/run_id/artifacts/path, http://server/api/v1/runs/run_id/artifacts/path -> runs:/run_id/path
    """
    parts, ours = urlsplit(uri), urlsplit(settings.uri())
    if parts.scheme == "mlflow-artifacts" and parts.netloc in ("", ours.netloc):
        names = parts.path.strip("/").split("/")
    elif uri.startswith(f"{settings.uri()}/api/v1/"):
        names = unquote(parts.path.removeprefix(f"{ours.path}/api/v1/")).strip("/").split("/")
    else:
        return uri
    if _FILES not in names[2:]:
        return uri
    at = names.index(_FILES, 2)
    owner, path = names[at - 1], "/".join(names[at + 1 :])
    if names[at - 2] != "models":
        return f"runs:/{owner}/{path}"
    return uri if path else f"models:/{owner}"


def without_secrets(uri: str) -> str:
    """An address for messages: without who asks there, and without a query, which may be a signature."""
    return userinfo.without_secrets(uri).partition("?")[0][:200]


def _of_web(uri: str, folder: Path) -> Path:
    target = folder / _file_name(unquote(urlsplit(uri).path))
    with _coming(target) as coming:
        downloading.download(uri, coming)
    return target


def _of_run(uri: str, folder: Path) -> Path:
    """What a run logged: a folder, a model, or a file; all of its files where only the run is named."""
    run_id, _, path = uri.removeprefix("runs:").strip("/").partition("/")
    if not path:
        return _copied_folder(_all_of_run(run_id), folder, uri)
    try:
        return _copied(uri, folder / _file_name(path))
    except InvalidModel:
        return _file_of_run(run_id, path, folder, uri)


def _all_of_run(run_id: str) -> Path:
    from tracker.delivery.server import Server
    from tracker.models import downloads

    server = Server(settings.uri(), settings.token())
    try:
        return downloads.folder_of(server, f"runs/{quote(run_id, safe='')}", "")
    finally:
        server.close()


def _file_of_run(run_id: str, path: str, folder: Path, uri: str) -> Path:
    from tracker.delivery.server import Server

    server = Server(settings.uri(), settings.token())
    try:
        pieces = server.pieces(f"runs/{quote(run_id, safe='')}/artifacts/{quote(path)}")
        return _kept(pieces, folder / _file_name(path))
    except Refused as error:
        if error.status != 404:
            raise
        raise InvalidValue(f"{uri} names nothing that {server.uri} has: {error}") from None
    finally:
        server.close()


def _copied(uri: str, target: Path) -> Path:
    """A copy of a model or of a run's folder: the command may write into it, not into what is kept for all."""
    from tracker.models import uris

    return _copied_folder(uris.folder_of(uri), target, uri)


def _copied_folder(source: Path, target: Path, uri: str) -> Path:
    _check_space(sum(file.stat().st_size for file in source.rglob("*") if file.is_file()), target.parent, uri)
    return Path(shutil.copytree(source, target, dirs_exist_ok=True))


def _kept(pieces: Iterable[bytes], target: Path) -> Path:
    """A file of these pieces."""
    with _coming(target) as coming, coming.open("xb") as content:
        for piece in pieces:
            content.write(piece)
    return target


@contextmanager
def _coming(target: Path) -> Iterator[Path]:
    """Where to write a file, which has its name once it is whole."""
    coming = target.with_name(f".{target.name}.coming")
    try:
        yield coming
        os.replace(coming, target)
    finally:
        coming.unlink(missing_ok=True)


def _check_space(size: int, folder: Path, uri: str) -> None:
    free = shutil.disk_usage(folder).free
    if size > free:
        raise Unavailable(f"{uri} has {size:,} bytes; {free:,} are free in {folder}. Make room there.")


def _file_name(path: str) -> str:
    """The last name of a path, as far as it can be one of a file here."""
    name = path.rstrip("/").rpartition("/")[2].replace("\0", "").replace("\\", "")
    short = name.encode(errors="ignore")[:_LONGEST_NAME].decode(errors="ignore")
    return short if short not in ("", ".", "..") else "file"
