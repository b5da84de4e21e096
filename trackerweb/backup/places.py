"""Where the data of a tracker lies, and how its files are brought to the disk."""

import os
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from django.conf import settings

from runs.artifacts.storage import BlobStorage, blob_storage
from trackerweb.errors import TrackerError

PIECE_BYTES = 1 << 20


class NotPossible(TrackerError):
    """A backup or a restore can't be done here and now."""

    error_code, status = "NOT_POSSIBLE", HTTPStatus.CONFLICT


@dataclass(frozen=True)
class Places:
    """The folder of a tracker, its database and its files."""

    home: Path
    database: Path
    storage: BlobStorage

    @classmethod
    def of_settings(cls) -> "Places":
        """Those of this installation.

        Errors: NotPossible for another database than SQLite.
        """
        database = settings.DATABASES["default"]
        if database["ENGINE"] != "django.db.backends.sqlite3":
            raise NotPossible(
                "This is for SQLite. Back up PostgreSQL with pg_dump and restore it with pg_restore; "
                "the files lie in TRACKER_ARTIFACTS."
            )
        return cls(settings.TRACKER_HOME, Path(database["NAME"]), blob_storage())

    @property
    def artifacts(self) -> Path:
        """The folder of the files."""
        return Path(self.storage.location)


def blob_name(sha256: str) -> str:
    """Where a blob lies in the storage, and below blobs/ in a backup."""
    return f"{sha256[:2]}/{sha256}"


def sync(place: Path) -> None:
    """Bring a file, or the names in a folder, to the disk."""
    if os.name == "nt" and place.is_dir():
        return
    handle = os.open(place, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
