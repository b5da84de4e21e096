"""What is in a tracker's folder, and how it is restored."""

import hashlib
import sqlite3
from contextlib import closing

from runs.artifacts.storage import BlobStorage
from trackerweb.backup import Places, restore
from trackerweb.progress import Progress

FILES = {"model.bin": b"weights" * 50_000, "plots/roc.svg": b"<svg/>", "again/model.bin": b"weights" * 50_000}


def places(home):
    return Places(home, home / "tracker.sqlite3", BlobStorage(location=home / "artifacts"))


def restored(backup, home):
    return restore(backup, places(home), Progress())


def rows(home):
    """Every row of every table."""
    with closing(sqlite3.connect(home / "tracker.sqlite3")) as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: sorted(database.execute(f"SELECT * FROM {name}").fetchall(), key=repr) for name in names}


def contents(home):
    """Every content by its place."""
    folder = home / "artifacts"
    return {str(place.relative_to(folder)): place.read_bytes() for place in folder.glob("[0-9a-f][0-9a-f]/*")}


def blob(home, content=FILES["model.bin"]):
    sha256 = hashlib.sha256(content).hexdigest()
    return home / "artifacts" / sha256[:2] / sha256


def is_empty(home):
    """No database, no content and nothing half."""
    left = {str(place.relative_to(home)) for place in home.rglob("*") if place.is_file()}
    return left <= {"secret_key", "serving.lock", "artifacts/blobs.lock"}
