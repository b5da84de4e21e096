"""Imports what was sent here: a zip is received, unpacked, imported and dropped again."""

import shutil
import zipfile
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from django.conf import settings

from importing import archives, jobs
from importing.found import Source
from importing.models import Import, ImportState
from importing.reporting import Report
from importing.sources import open_source
from trackerweb.clock import now_ms
from trackerweb.errors import InvalidValue

MAX_ORIGIN_LENGTH = 500
#: A large upload takes its time to arrive, and tells nothing until it is there.
ABANDONED_MS = 86_400_000


def start_upload(pieces: Iterable[bytes], origin: str) -> Import:
    """Receive a zip and import it in a thread. `origin` says where it is from, so that it is known again.

    Errors: InvalidValue for what is no zip; then nothing stays.
    """
    drop_abandoned()
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
    jobs.start(record, partial(_open, folder, record.origin), tidy=partial(drop, folder))
    return record


def start_path(where: str) -> Import:
    """Import what lies on this machine, in a thread."""
    record = jobs.begin(where)
    jobs.start(record, partial(open_source, where))
    return record


def folder_of(record: Import) -> Path:
    """Where an upload lies until it is imported."""
    return _uploads() / record.pk


def _uploads() -> Path:
    return Path(settings.TRACKER_HOME) / "imports"


def drop_abandoned() -> None:
    """Free the room of uploads whose server died while it received or imported them."""
    alive = Import.objects.filter(state=ImportState.RUNNING, heartbeat_time__gt=now_ms() - ABANDONED_MS)
    kept = set(alive.values_list("pk", flat=True))
    for folder in _uploads().iterdir() if _uploads().is_dir() else ():
        if folder.name not in kept:
            drop(folder)


def _open(folder: Path, origin: str, report: Report) -> Source:
    unpacked = folder / "unpacked"
    unpacked.mkdir()
    archives.unpack(folder / "upload.zip", unpacked, report)
    (folder / "upload.zip").unlink()
    return open_source(str(unpacked), report, origin)


def drop(folder: Path) -> None:
    """Free the room of an upload."""
    shutil.rmtree(folder, ignore_errors=True)
