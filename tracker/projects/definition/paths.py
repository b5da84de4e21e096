"""Values of the type `path`: where they lie on this machine, or where they are downloaded to."""

from __future__ import annotations

import os
import shutil
import tempfile
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tracker.errors import InvalidValue
from tracker.projects.definition import fetching, fields


class Paths:
    """The paths of one command. `storage` gets a new folder when the first is downloaded, as several runs may share it.

    What is relative counts from the folder where the command is given; a default that is not there, from the project's
    `folder`.
    """

    def __init__(self, folder: Path, storage: Path | None) -> None:
        self._folder, self._storage = folder, storage

    def local(self, name: str, value: str, *, is_default: bool = False) -> str:
        """The absolute path of what lies on this machine; empty for what lies elsewhere.

        Errors: InvalidValue for a path where nothing is.
        """
        path = _local_path(name, value)
        if path is None:
            fetching.check(name, value)
            return ""
        # MLflow takes %20 for a space in paths too.
        for found in (unquote(path), path):
            if path and _exists(Path(found)):
                return os.path.abspath(found)
        below = self._folder / path
        if path and is_default and _exists(below) and fields.is_below(below, self._folder):
            return os.path.abspath(below)
        raise InvalidValue(f"{name} is {value[:200]!r}, but there is no such file or folder.")

    def downloaded(self, name: str, uri: str, position: int) -> str:
        """The path of what was downloaded: in param_<position>, the place of the parameter in its list.

        Errors: InvalidValue, Unavailable, Refused, MissingLibrary.
        """
        target = self._new_folder / f"param_{position}"
        target.mkdir()
        try:
            return str(fetching.fetched(name, uri, target))
        except BaseException:
            shutil.rmtree(self._new_folder, ignore_errors=True)
            raise

    @cached_property
    def _new_folder(self) -> Path:
        try:
            if self._storage is not None:
                self._storage.mkdir(parents=True, exist_ok=True)
            return Path(tempfile.mkdtemp(prefix="tracker-", dir=self._storage)).absolute()
        except OSError as error:
            raise InvalidValue(
                f"Nothing can be downloaded into {self._storage}: {error.strerror}. Name another --storage-dir."
            ) from None


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        # A name that the system does not take.
        return False


def _local_path(name: str, value: str) -> str | None:
    try:
        parts = urlsplit(value)
    except ValueError as error:
        raise InvalidValue(f"{name} is {value[:200]!r}, which is neither a path nor a URI: {error}.") from None
    # A name may hold a colon.
    if not parts.scheme or _exists(Path(value)):
        return value
    return parts.path if parts.scheme == "file" and parts.netloc in ("", "localhost") else None
