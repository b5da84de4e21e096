"""Unpacks a backup on an empty folder: all of it is verified first, and the database appears last."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db.migrations.loader import MigrationLoader

from trackerweb import home_lock, sqlite
from trackerweb.backup.archive import DATABASE, Archive, BadBackup, BlobsNote, Manifest
from trackerweb.backup.places import NotPossible, Places, blob_name, sync
from trackerweb.progress import Progress

#: Where a restore unpacks; a server never looks there, and the next restore clears it.
STAGING = "restoring"
_DAMAGED = "damaged"
_ROOM_TO_SPARE = 16 << 20


@dataclass(frozen=True)
class Restored:
    """What a backup holds, verified."""

    manifest: Manifest

    @property
    def runs(self) -> int:
        """How many runs."""
        return self.manifest.database.tables.get("runs_run", 0)

    @property
    def files(self) -> int:
        """How many contents."""
        return self.manifest.blobs.count if self.manifest.blobs is not None else 0


def check(path: Path, progress: Progress) -> Restored:
    """Verify all of a backup without writing anything that stays.

    Errors: BadBackup.
    """
    with Archive(path) as archive, tempfile.TemporaryDirectory() as folder:
        _refuse_tight({Path(folder): archive.manifest.database.size})
        _Unpacking(archive, progress).run(Path(folder), None)
        return Restored(archive.manifest)


def restore(path: Path, places: Places, progress: Progress) -> Restored:
    """Unpack a backup where there is no data yet.

    Whatever ends it early leaves no database, and so nothing that looks restored. Errors: BadBackup; NotPossible when
    there is data already or no room; InUse while a server runs there.
    """
    places.home.mkdir(parents=True, exist_ok=True)
    with Archive(path) as archive, home_lock.without_server(places.home):
        _refuse_data(places.database)
        with _staging(places.database.parent) as rows, _staging(places.artifacts) as files:
            _refuse_tight(_needs(archive.manifest, rows, files))
            _Unpacking(archive, progress).run(rows, files)
            _place_files(files, places.artifacts)
            _place_database(rows / DATABASE, places.database)
        return Restored(archive.manifest)


def _refuse_data(database: Path) -> None:
    """Only a database without runs, and without experiments but Default, may be replaced."""
    if not database.exists():
        _refuse_leftovers(database)
        return
    try:
        with closing(sqlite3.connect(database, timeout=1, isolation_level=None)) as there:
            counts = sqlite.row_counts(there)
            if counts.get("runs_run", 0) or counts.get("experiments_experiment", 0) > 1:
                raise NotPossible(f"{database} holds runs or experiments. Set TRACKER_HOME to an empty folder.")
            # Folds the -wal file in, which SQLite would else replay into the new database; fails while someone reads.
            (mode,) = there.execute("PRAGMA journal_mode=DELETE").fetchone()
    except sqlite3.Error as error:
        raise NotPossible(f"{database} can't be replaced: {error}. Is it in use? Move it away first.") from None
    if mode != "delete":
        raise NotPossible(f"{database} is in use. Stop what uses it first.")


def _refuse_leftovers(database: Path) -> None:
    """SQLite would replay what an earlier database left into the new one."""
    for ending in ("-wal", "-journal"):
        left = database.with_name(database.name + ending)
        if left.exists():
            raise NotPossible(f"{left} lies there without its database. Move it away first.")


@contextmanager
def _staging(parent: Path) -> Iterator[Path]:
    """An empty folder on the same disk, so that what is in it can be renamed to its place."""
    folder = parent / STAGING
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _needs(manifest: Manifest, rows: Path, files: Path) -> dict[Path, int]:
    """How many bytes will lie in which folder; on one disk they add up."""
    in_files = (manifest.blobs.bytes if manifest.blobs else 0) + sum(item.size for item in manifest.damaged)
    if rows.stat().st_dev == files.stat().st_dev:
        return {rows: manifest.database.size + in_files}
    return {rows: manifest.database.size, files: in_files}


def _refuse_tight(needs: dict[Path, int]) -> None:
    """Refuse what would fill the disk, were it as large as it says. No member unpacks to more than that."""
    for folder, size in needs.items():
        free = shutil.disk_usage(folder).free
        if size + _ROOM_TO_SPARE > free:
            raise NotPossible(f"It needs {size:,} bytes, and {folder.parent} has {free:,} free. Make room first.")


class _Unpacking:
    """Takes everything out of an archive and compares it with what the archive says."""

    def __init__(self, archive: Archive, progress: Progress) -> None:
        self._archive, self._progress = archive, progress
        self._manifest = archive.manifest

    def run(self, rows: Path, files: Path | None) -> None:
        """Unpack the database into one folder and contents into the other; None only verifies contents.

        Errors: BadBackup.
        """
        self._unpack_database(rows / DATABASE)
        with closing(sqlite3.connect(rows / DATABASE)) as database:
            self._unpack_blobs(database, files)

    def _unpack_database(self, target: Path) -> None:
        note = self._manifest.database
        self._progress.begin("unpacking the database", note.size)
        if self._unpack(DATABASE, note.size, target) != note.sha256:
            raise BadBackup("The database in it has another hash than its manifest says. It was damaged or changed.")
        try:
            with closing(sqlite3.connect(target)) as database:
                _verify(database, note.tables)
        except sqlite3.DatabaseError as error:
            raise BadBackup(f"{DATABASE} in it can't be read: {error}.") from None

    def _unpack_blobs(self, database: sqlite3.Connection, files: Path | None) -> None:
        damaged = {item.sha256: item.size for item in self._manifest.damaged}
        count = in_all = 0
        self._progress.begin("unpacking files", self._manifest.blobs.bytes if self._manifest.blobs else 0)
        for sha256, _ in self._archive.blobs():
            if sha256 in damaged:
                self._unpack_blob(sha256, damaged[sha256], files and files / _DAMAGED / sha256)
                continue
            size = _size_of(database, sha256)
            found = self._unpack_blob(sha256, size, files and files / blob_name(sha256))
            if found != sha256:
                raise BadBackup(f"Content {sha256} hashes to {found}. The backup was damaged or changed.")
            count, in_all = count + 1, in_all + size
        self._compare(BlobsNote(count, in_all))

    def _unpack_blob(self, sha256: str, size: int, target: Path | None) -> str:
        return self._unpack(f"blobs/{blob_name(sha256)}", size, target)

    def _unpack(self, name: str, size: int, target: Path | None) -> str:
        if target is None:
            return self._archive.copy(name, size, lambda piece: self._progress.advance(len(piece)))
        target.parent.mkdir(exist_ok=True)
        with target.open("xb") as file:

            def write(piece: bytes) -> None:
                file.write(piece)
                self._progress.advance(len(piece))

            sha256 = self._archive.copy(name, size, write)
            file.flush()
            os.fsync(file.fileno())
        return sha256

    def _compare(self, found: BlobsNote) -> None:
        manifest = self._manifest
        said = manifest.blobs or BlobsNote(0, 0)
        known = manifest.database.tables.get("runs_blob", 0) if manifest.blobs else 0
        if found != said or found.count + len(manifest.damaged) + len(manifest.missing) != known:
            raise BadBackup(f"It holds {found.count} of {known} contents, and says {said.count}. It was changed.")


def _verify(database: sqlite3.Connection, tables: dict[str, int]) -> None:
    """Refuse a database that is damaged, that would do something by itself, or that this version does not know."""
    active = database.execute(
        "SELECT type, name FROM sqlite_master WHERE type IN ('trigger', 'view') OR sql LIKE 'CREATE VIRTUAL%'"
    ).fetchone()
    if active is not None:
        raise BadBackup(f"Its database holds the {active[0]} {active[1]!r}, which ours never do. It was changed.")
    fault = sqlite.fault_of(database)
    if fault is not None:
        raise BadBackup(f"Its database is damaged: {fault}.")
    counts = sqlite.row_counts(database)
    if counts != tables:
        differs = sorted(set(counts.items()) ^ set(tables.items()))[0][0]
        raise BadBackup(f"The table {differs} has not the rows that the manifest says. It was changed.")
    if not {"runs_run", "django_migrations"} <= counts.keys():
        raise BadBackup("Its database is not that of a tracker.")
    _refuse_newer(database)


def _refuse_newer(database: sqlite3.Connection) -> None:
    known = MigrationLoader(None).disk_migrations
    ours = {app for app, _ in known}
    for app, name in database.execute("SELECT app, name FROM django_migrations"):
        if app in ours and (app, name) not in known:
            raise BadBackup(f"A newer Trackerweb made it (its database has {app}.{name}). Update first.")


def _size_of(database: sqlite3.Connection, sha256: str) -> int:
    has_blobs = database.execute("SELECT 1 FROM sqlite_master WHERE name = 'runs_blob'").fetchone()
    row = has_blobs and database.execute("SELECT size FROM runs_blob WHERE sha256 = ?", [sha256]).fetchone()
    if row is None:
        raise BadBackup(f"It holds the content {sha256}, which its database does not know. It was changed.")
    return int(row[0])


def _place_files(staged: Path, artifacts: Path) -> None:
    """Rename contents to their places. Some may lie there already, from a restore that was killed."""
    for folder in sorted(staged.iterdir()):
        place = artifacts / folder.name
        place.mkdir(exist_ok=True)
        for file in folder.iterdir():
            os.replace(file, place / file.name)
        sync(place)
    sync(artifacts)


def _place_database(staged: Path, database: Path) -> None:
    # From here on it is restored.
    os.replace(staged, database)
    sync(database.parent)
