"""Makes a backup of a tracker, whose server may run meanwhile."""

import hashlib
import os
import shutil
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import msgspec

from runs.artifacts.storage import BlobStorage
from trackerweb import sqlite
from trackerweb.backup.archive import DATABASE, FORMAT, MANIFEST, BlobsNote, Damaged, DatabaseNote, Manifest
from trackerweb.backup.places import PIECE_BYTES, NotPossible, Places, blob_name, sync
from trackerweb.home_lock import held_alone
from trackerweb.progress import Progress

#: The fastest: rows shrink to a third with it, and hardly further with the slowest.
_PACKING = 1


@dataclass(frozen=True)
class Made:
    """A backup that was made, and what was wrong with the contents that it should hold."""

    path: Path
    size: int
    manifest: Manifest

    @property
    def is_whole(self) -> bool:
        """Every content was there and is what its name says."""
        return not (self.manifest.damaged or self.manifest.missing)


def make(places: Places, target: Path, progress: Progress, *, with_artifacts: bool = True, force: bool = False) -> Made:
    """Write a backup to `target`, which appears once it is whole and on the disk.

    Contents that are missing or damaged are named, and the rest is kept. Errors: NotPossible when there is no database,
    it is damaged, `target` is there and not to be replaced, or another backup is writing to it.
    """
    if not places.database.exists() or not places.database.stat().st_size:
        raise NotPossible(f"No database is at {places.database}. Set TRACKER_HOME to the folder of the server.")
    _refuse_taken(target, force)
    with _workshop(target) as folder, places.storage.held():
        draft = folder / "draft.zip"
        manifest = _write(places, draft, progress, with_artifacts)
        sync(draft)
        _refuse_taken(target, force)
        size = draft.stat().st_size
        os.replace(draft, target)
    sync(target.parent)
    return Made(target, size, manifest)


def _refuse_taken(target: Path, force: bool) -> None:
    if target.is_dir() or not target.parent.is_dir():
        raise NotPossible(f"{target} is no place for a file. Give the name of a file in a folder that is there.")
    if target.exists() and not force:
        raise NotPossible(f"{target} is there already. Give another name, or --force to replace it.")


@contextmanager
def _workshop(target: Path) -> Iterator[Path]:
    """A folder beside the target. What a backup left in it that was killed is dropped by the next of that name."""
    folder = target.with_name(f"{target.name}.unfinished")
    folder.mkdir(exist_ok=True)
    with held_alone(folder / "lock", f"Another backup is writing {target}. Wait for it, or give another name."):
        for left in folder.iterdir():
            if left.name != "lock":
                left.unlink()
        try:
            yield folder
        finally:
            shutil.rmtree(folder)


def _write(places: Places, draft: Path, progress: Progress, with_artifacts: bool) -> Manifest:
    snapshot = draft.with_name(DATABASE)
    _copy_database(places.database, snapshot, progress)
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED, compresslevel=_PACKING) as archive:
        database = _add_database(archive, snapshot, progress)
        # A database from before there were artifacts has no table of them.
        has_blobs = with_artifacts and "runs_blob" in database.tables
        copied = _add_blobs(archive, snapshot, places.storage, progress) if has_blobs else _Copied()
        manifest = Manifest(
            FORMAT,
            datetime.now(UTC).isoformat(timespec="seconds"),
            database,
            BlobsNote(copied.count, copied.bytes) if with_artifacts else None,
            copied.damaged,
            copied.missing,
        )
        archive.writestr(MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))
    return manifest


def _copy_database(database: Path, snapshot: Path, progress: Progress) -> None:
    progress.begin("copying the database", unit=" pages")
    done = 0

    def tell(_: int, left: int, in_all: int) -> None:
        nonlocal done
        progress.expect(in_all)
        progress.advance(in_all - left - done)
        done = in_all - left

    try:
        sqlite.backup(database, snapshot, tell)
    except sqlite3.DatabaseError as error:
        # Damage of its first pages shows as soon as it is opened.
        raise _damaged(error) from None


def _damaged(fault: object) -> NotPossible:
    return NotPossible(f"The database is damaged ({fault}). `manage.py check_data --repair` may mend it.")


def _add_database(archive: zipfile.ZipFile, snapshot: Path, progress: Progress) -> DatabaseNote:
    size = snapshot.stat().st_size
    with closing(sqlite3.connect(snapshot)) as database:
        fault = sqlite.fault_of(database)
        if fault is not None:
            raise _damaged(fault)
        tables = sqlite.row_counts(database)
    progress.begin("packing the database", size)
    with snapshot.open("rb") as file, archive.open(DATABASE, "w", force_zip64=True) as member:
        sha256, _ = _copy(file, member, progress)
    return DatabaseNote(size, sha256, tables)


def _copy(source: IO[bytes], target: IO[bytes], progress: Progress) -> tuple[str, int]:
    """Copy a file; returns the hash and the number of the bytes that came."""
    hasher, size = hashlib.sha256(), 0
    while piece := source.read(PIECE_BYTES):
        hasher.update(piece)
        target.write(piece)
        size += len(piece)
        progress.advance(len(piece))
    return hasher.hexdigest(), size


@dataclass
class _Copied:
    """Contents that were copied so far."""

    count: int = 0
    bytes: int = 0
    damaged: list[Damaged] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def _add_blobs(archive: zipfile.ZipFile, snapshot: Path, storage: BlobStorage, progress: Progress) -> _Copied:
    """Copy every content that the snapshot knows. What came since belongs to the next backup."""
    copied = _Copied()
    with closing(sqlite3.connect(snapshot)) as database:
        (total,) = database.execute("SELECT COALESCE(SUM(size), 0) FROM runs_blob").fetchone()
        progress.begin("copying files", total)
        for sha256, size in database.execute("SELECT sha256, size FROM runs_blob ORDER BY sha256"):
            _add_blob(archive, storage, sha256, size, copied, progress)
    return copied


def _add_blob(
    archive: zipfile.ZipFile, storage: BlobStorage, sha256: str, size: int, copied: _Copied, progress: Progress
) -> None:
    try:
        file = storage.open(blob_name(sha256))
    except OSError:
        copied.missing.append(sha256)
        return
    # Models and pictures are packed already. Sizes may be wrong, so every member may be large.
    member = zipfile.ZipInfo(f"blobs/{blob_name(sha256)}")
    with file, archive.open(member, "w", force_zip64=True) as target:
        found, found_size = _copy(file, target, progress)
    if (found, found_size) == (sha256, size):
        copied.count += 1
        copied.bytes += size
    else:
        copied.damaged.append(Damaged(sha256, found_size))
