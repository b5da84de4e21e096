"""The file that a backup is, and reading it without trusting it: it may be cut off, changed, or made to do harm."""

import hashlib
import re
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from trackerweb.backup.places import PIECE_BYTES
from trackerweb.errors import TrackerError

#: Raised by one when an older Trackerweb could not restore what a newer one wrote.
FORMAT = 1
MANIFEST, DATABASE = "manifest.json", "tracker.sqlite3"
_BLOB = re.compile(r"blobs/([0-9a-f]{2})/(\1[0-9a-f]{62})")
_MAX_MANIFEST_BYTES = 64 << 20
_ENCRYPTED = 1
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError)


class BadBackup(TrackerError):
    """The file is no backup that can be restored."""

    error_code, status = "BAD_BACKUP", HTTPStatus.BAD_REQUEST


class DatabaseNote(msgspec.Struct, frozen=True):
    """The database in a backup: its size and hash, and how many rows each of its tables has."""

    size: int
    sha256: str
    tables: dict[str, int]


class BlobsNote(msgspec.Struct, frozen=True):
    """The contents in a backup: how many and how large in all, those that hold what their name says."""

    count: int
    bytes: int


class Damaged(msgspec.Struct, frozen=True):
    """Content that was damaged when it was copied: what its name says, and how many bytes there were."""

    sha256: str
    size: int


class Manifest(msgspec.Struct, frozen=True):
    """What a backup says about itself. `missing` are hashes whose file was not there."""

    format: int
    created: str
    database: DatabaseNote
    blobs: BlobsNote | None
    damaged: list[Damaged] = []
    missing: list[str] = []


class _Version(msgspec.Struct):
    format: int


class Archive:
    """An open backup whose members are known to have names and kinds that can do no harm.

    Errors: BadBackup says what is wrong with it.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
        except FileNotFoundError:
            raise BadBackup(f"There is no file {path}.") from None
        except _UNREADABLE as error:
            raise BadBackup(f"{path} is no whole backup: {error}. Was it copied to its end?") from None
        try:
            self._members = _checked(self._zip.infolist())
            self.manifest = self._read_manifest()
        except BaseException:
            self._zip.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()

    def blobs(self) -> Iterator[tuple[str, int]]:
        """(hash, size) of the contents in it, as its table of contents says."""
        for name, member in self._members.items():
            if name.startswith("blobs/"):
                yield name.rpartition("/")[2], member.file_size

    def copy(self, name: str, size: int, write: Callable[[bytes], object]) -> str:
        """Unpack a member piece by piece; returns the SHA-256 of what came out.

        Errors: BadBackup when it can't be read, or has not exactly `size` bytes: no more than that is ever written.
        """
        hasher, left = hashlib.sha256(), size
        for piece in self._pieces(name):
            left -= len(piece)
            if left < 0:
                break
            hasher.update(piece)
            write(piece)
        if left:
            raise BadBackup(f"{name} has not the {size} bytes that it should have. The backup was damaged or changed.")
        return hasher.hexdigest()

    def _pieces(self, name: str) -> Iterator[bytes]:
        try:
            with self._zip.open(self._members[name]) as file:
                while piece := file.read(PIECE_BYTES):
                    yield piece
        except _UNREADABLE as error:
            raise BadBackup(f"{name} can't be unpacked: {error}. The backup was damaged or changed.") from None

    def _read_manifest(self) -> Manifest:
        for name in (MANIFEST, DATABASE):
            if name not in self._members:
                raise BadBackup(f"{name} is missing in it. It was not made by `manage.py backup`.")
        size = self._members[MANIFEST].file_size
        if size > _MAX_MANIFEST_BYTES:
            raise BadBackup(f"{MANIFEST} is too large to be one.")
        text = bytearray()
        self.copy(MANIFEST, size, text.extend)
        return _decoded(bytes(text))


def _decoded(text: bytes) -> Manifest:
    try:
        version = msgspec.json.decode(text, type=_Version).format
        if version > FORMAT:
            raise BadBackup(f"A newer Trackerweb made it (format {version}, this one knows {FORMAT}). Update first.")
        return msgspec.json.decode(text, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadBackup(f"{MANIFEST} can't be read: {error}.") from None


def _checked(members: list[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    """Members by name; only plain files whose names we give ourselves, so that none can lead out of a folder."""
    known: dict[str, zipfile.ZipInfo] = {}
    for member in members:
        name = member.filename
        if member.orig_filename != name or not (name in (MANIFEST, DATABASE) or _BLOB.fullmatch(name)):
            raise BadBackup(f"It holds {member.orig_filename[:100]!r}, which no backup does. Nothing was unpacked.")
        if name in known:
            raise BadBackup(f"It holds {name} twice. Nothing was unpacked.")
        kind = stat.S_IFMT(member.external_attr >> 16)
        if kind not in (0, stat.S_IFREG) or member.flag_bits & _ENCRYPTED:
            raise BadBackup(f"{name} in it is no plain file. Nothing was unpacked.")
        known[name] = member
    return known
