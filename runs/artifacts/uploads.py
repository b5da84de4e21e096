"""Takes a large file in parts, which may come side by side and again.

Only the last word makes them a file. What is left unfinished for a day is dropped.
"""

import hashlib
import json
import re
import shutil
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from runs.artifacts import store
from runs.artifacts.paths import check_path
from runs.artifacts.storage import blob_storage
from runs.models import FileOwner, StoredFile
from trackerweb.errors import InvalidValue, NotFound

MAX_PARTS = 10_000
KEPT_SECONDS = 86_400.0
PIECE_BYTES = 1 << 20
_ID = re.compile(r"[0-9a-f]{32}")
_TARGET = "target.json"


class Upload:
    """A file on its way. Its folder holds what it will be, and each part by its number and hash."""

    def __init__(self, upload_id: str, folder: Path, target: str, count: int) -> None:
        self.upload_id, self.count = upload_id, count
        self._folder, self._target = folder, target

    @classmethod
    def begin(cls, owner: FileOwner, path: str, count: int) -> "Upload":
        """Make ready for a file of an owner in so many parts.

        Errors: InvalidValue for a bad path or number; Conflict for an owner in the trash.
        """
        check_path(path)
        owner.require_active()
        if not 0 < count <= MAX_PARTS:
            raise InvalidValue(f"num_parts: {count} is not between 1 and {MAX_PARTS}.", field="num_parts")
        drop_abandoned()
        upload_id = uuid.uuid4().hex
        folder = _uploads() / upload_id
        folder.mkdir(parents=True)
        upload = cls(upload_id, folder, _target(owner, path), count)
        (folder / _TARGET).write_text(json.dumps({"target": upload._target, "count": count}))
        return upload

    @classmethod
    def find(cls, upload_id: str) -> "Upload":
        """One that began and was neither finished nor dropped.

        Errors: NotFound.
        """
        folder = _uploads() / upload_id
        try:
            said = json.loads((folder / _TARGET).read_text()) if _ID.fullmatch(upload_id) else None
        except FileNotFoundError:
            said = None
        if said is None:
            raise NotFound(f"No upload {upload_id[:80]!r} is under way. Begin it again.", field="upload_id")
        return cls(upload_id, folder, said["target"], said["count"])

    def receive(self, number: int, pieces: Iterable[bytes]) -> str:
        """Store a part, in place of the one that came before under its number. Returns its hash.

        Errors: InvalidValue for a number beyond the count; those of `pieces`. Then nothing is stored.
        """
        if not 0 < number <= self.count:
            raise InvalidValue(f"part_number: {number} is not between 1 and {self.count}.", field="part_number")
        hasher = hashlib.sha256()
        half = self._folder / f"{uuid.uuid4().hex}.half"
        try:
            with half.open("wb") as file:
                for piece in pieces:
                    hasher.update(piece)
                    file.write(piece)
            half.replace(self._part(number, hasher.hexdigest()))
        finally:
            half.unlink(missing_ok=True)
        return hasher.hexdigest()

    def finish(self, owner: FileOwner, path: str, hashes: Mapping[int, str]) -> StoredFile:
        """Put the parts together as the file that it was begun as; `hashes` are those of the parts, by number.

        Errors: InvalidValue when parts are missing or it was begun as another file. Then it can be finished still.
        """
        if self._target != _target(owner, path):
            raise InvalidValue(f"path: this upload was begun as another file than {path!r}.", field="path")
        missing = [number for number in range(1, self.count + 1) if not self._has(number, hashes.get(number))]
        if missing:
            raise InvalidValue(
                f"parts: number {missing[0]} of {self.count} did not come whole. Send it.", field="parts"
            )
        stored, _ = store.put(owner, path, self._pieces(hashes))
        self.drop()
        return stored

    def drop(self) -> None:
        """Forget it, and free its room."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _part(self, number: int, sha256: str) -> Path:
        return self._folder / f"{number}-{sha256}"

    def _has(self, number: int, sha256: str | None) -> bool:
        return sha256 is not None and sha256.isalnum() and self._part(number, sha256).exists()

    def _pieces(self, hashes: Mapping[int, str]) -> Iterator[bytes]:
        for number in range(1, self.count + 1):
            with self._part(number, hashes[number]).open("rb") as file:
                yield from iter(lambda: file.read(PIECE_BYTES), b"")


def drop_abandoned() -> None:
    """Free the room of uploads to which nothing came for a day."""
    now = time.time()
    for folder in _uploads().glob("*"):
        if now - folder.stat().st_mtime > KEPT_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)


def _uploads() -> Path:
    return Path(blob_storage().location) / "uploads"


def _target(owner: FileOwner, path: str) -> str:
    return f"{owner._meta.label} {owner.pk} {path}"
