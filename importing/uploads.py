"""Imports what was sent here: a zip is received, unpacked, imported and dropped again."""

import shutil
import zipfile
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from django.conf import settings

from importing import archives, jobs
from importing.found import Source
from importing.models import Import
from importing.reporting import Report
from importing.sources import open_source
from trackerweb.errors import InvalidValue

MAX_ORIGIN_LENGTH = 500


def start_upload(pieces: Iterable[bytes], origin: str) -> Import:
    """Receive a zip and import it in a thread. `origin` says where it is from, so that it is known again.

    Errors: InvalidValue for what is no zip; then nothing stays.
    """
    record = jobs.begin(origin[:MAX_ORIGIN_LENGTH])
    folder = folder_of(record)
    try:
        folder.mkdir(parents=True)
        with (folder / "upload.zip").open("wb") as file:
            for piece in pieces:
                file.write(piece)
        if not zipfile.is_zipfile(folder / "upload.zip"):
            raise InvalidValue("The body is no zip, or not all of one. Send a zip of an mlruns folder.", field="body")
    except BaseException:
        drop(folder)
        record.delete()
        raise
    jobs.start(record, partial(_open, folder, record.origin), after=partial(drop, folder))
    return record


def start_path(where: str) -> Import:
    """Import what lies on this machine, in a thread."""
    record = jobs.begin(where)
    jobs.start(record, partial(open_source, where))
    return record


def folder_of(record: Import) -> Path:
    """Where an upload lies until it is imported."""
    return Path(settings.TRACKER_HOME) / "imports" / record.pk


def _open(folder: Path, origin: str, report: Report) -> Source:
    unpacked = folder / "unpacked"
    unpacked.mkdir()
    archives.unpack(folder / "upload.zip", unpacked, report)
    (folder / "upload.zip").unlink()
    return open_source(str(unpacked), report, origin)


def drop(folder: Path) -> None:
    """Free the room of an upload."""
    shutil.rmtree(folder, ignore_errors=True)
