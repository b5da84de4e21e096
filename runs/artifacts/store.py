"""Puts files into runs and takes them out; and into whatever else owns files. Content is stored once by its SHA-256.

Order is what keeps it whole: content is written, made safe and renamed, and only then does a row name it; a row goes
before its content does. A server killed in between leaves a file that nothing names, never a name without content.
"""

import hashlib
import mimetypes
from collections.abc import Iterable, Sequence
from functools import cache
from typing import IO, Any

from django.db.models import QuerySet

from experiments.models import AuditEntry
from runs.artifacts.paths import ancestors, check_folder, check_path
from runs.artifacts.storage import IncomingFile, blob_storage
from runs.models import Blob, FileOwner, StoredFile
from trackerweb.clock import now_ms
from trackerweb.errors import Conflict, InvalidValue, NotFound
from trackerweb.prepared import Prepared
from trackerweb.transactions import write_transaction

_BLOB = Prepared(lambda sha256: Blob.objects.filter(sha256=sha256), "")
EMPTY_SHA256 = hashlib.sha256().hexdigest()
OCTETS = "application/octet-stream"
#: Blobs that lose their rows in one transaction.
_DROP_CHUNK = 500


class UnknownBlob(NotFound):
    """The content is not here yet."""

    error_code = "BLOB_UNKNOWN"


def name_of(sha256: str) -> str:
    """Where a blob lies in the storage."""
    return f"{sha256[:2]}/{sha256}"


def known(sha256: str) -> Blob | None:
    """The content with this hash, if it is here: a row whose file is lost does not count, so that it is sent again."""
    blob = Blob.objects.filter(sha256=sha256).first()
    return blob if blob is not None and blob_storage().exists(name_of(sha256)) else None


def open_blob(blob: Blob) -> IO[bytes]:
    """The content, to read and to seek in.

    Errors: NotFound when its file is gone from the disk.
    """
    try:
        return blob_storage().open(name_of(blob.sha256))
    except OSError:
        raise _missing(blob) from None


def require_contents(artifacts: Iterable[StoredFile]) -> None:
    """Look for the contents of many files, before an answer begins that can't be taken back.

    Errors: NotFound for the first that is gone from the disk.
    """
    for artifact in artifacts:
        if not blob_storage().exists(name_of(artifact.blob.sha256)):
            raise _missing(artifact.blob)


def _missing(blob: Blob) -> NotFound:
    return NotFound(
        f"The content {blob.sha256[:12]}… is missing from the disk. `manage.py check_data` lists what else is."
    )


def media_type_of(path: str) -> str:
    """What the name says the content is; octets when it says nothing."""
    return (mimetypes.guess_type(path)[0] or OCTETS)[:100]


def put(owner: FileOwner, path: str, pieces: Iterable[bytes], sha256: str | None = None) -> tuple[StoredFile, bool]:
    """Store content as a file of an active owner, in place of what had its path: (file, whether the path is new).

    Memory: one piece. Errors: NotFound, Conflict for an owner in the trash or a path that a file or folder blocks;
    InvalidValue for a bad path, or content that has not the hash `sha256`. Then nothing is stored.
    """
    check_path(path)
    owner.require_active()
    with blob_storage().incoming() as incoming:
        found, size = _receive(incoming, pieces)
        if sha256 not in (None, found):
            raise InvalidValue(
                f"sha256: the content that came has {found}, not {sha256}. Send it again.", field="sha256"
            )
        incoming.make_safe()
        with write_transaction():
            artifact, old, made = _name(owner, path, _keep(incoming, found, size))
        # Not inside the transaction, where others wait. Before the answer, after which nothing may be lost.
        blob_storage().make_name_safe(name_of(found))
    _forget_replaced(old, artifact.blob)
    return artifact, made


def put_known(owner: FileOwner, path: str, sha256: str) -> tuple[StoredFile, bool]:
    """Store content that the server has already, as `put` does.

    Errors: as of `put`; UnknownBlob when it has to be sent after all.
    """
    check_path(path)
    with write_transaction():
        blob = known(sha256)
        if blob is None:
            raise UnknownBlob(f"No content with the hash {sha256} is here. Send it in the body.", field="sha256")
        artifact, old, made = _name(owner, path, blob)
    _forget_replaced(old, blob)
    return artifact, made


def _receive(incoming: IncomingFile, pieces: Iterable[bytes]) -> tuple[str, int]:
    hasher, size = hashlib.sha256(), 0
    for piece in pieces:
        hasher.update(piece)
        incoming.write(piece)
        size += len(piece)
    return hasher.hexdigest(), size


def _keep(incoming: IncomingFile, sha256: str, size: int) -> Blob:
    """The blob of this content. Inside the transaction that names it, so that no purge can take it in between."""
    blob: Blob | None = _BLOB.first(sha256)
    if blob is not None and blob_storage().exists(name_of(sha256)):
        return blob
    blob_storage().save(name_of(sha256), incoming)
    return blob or Blob.objects.create(sha256=sha256, size=size, creation_time=now_ms())


def _name(owner: FileOwner, path: str, blob: Blob) -> tuple[StoredFile, Blob | None, bool]:
    """Let `path` of the owner be `blob`: (file, the blob it was before, whether the path is new)."""
    owner = owner.current()
    owner.require_active()
    _refuse_blocked(owner, path)
    artifact = file_at(owner, path)
    old = artifact.blob if artifact else None
    content = {"blob": blob, "media_type": media_type_of(path), "creation_time": now_ms()}
    if artifact is None:
        artifact = owner.artifacts.create(path=path, **content)
    else:
        owner.artifacts.filter(pk=artifact.pk).update(**content)
        artifact.blob = blob
    owner.note_logged(blob.size - (old.size if old else 0))
    return artifact, old, old is None


def _refuse_blocked(owner: FileOwner, path: str) -> None:
    if _any_below(owner.artifacts.model, owner.artifacts.field.name).first(owner.pk, *_range(path)) is not None:
        raise Conflict(f"path: {path!r} is a folder here. Use another name, or delete it first.", field="path")
    for ancestor in ancestors(path):
        if file_at(owner, ancestor) is not None:
            raise Conflict(f"path: {ancestor!r} is a file, so nothing can be below it.", field="path")


def file_at(owner: FileOwner, path: str) -> StoredFile | None:
    """The file of an owner at a path, with its content's row."""
    found: StoredFile | None = _one_at(owner.artifacts.model, owner.artifacts.field.name).first(owner.pk, path)
    return found


@cache
def _one_at(model: Any, owner: str) -> Prepared:
    return Prepared(lambda key, path: model.objects.filter(**{owner: key}).filter(path=path), 0, "", related="blob")


@cache
def _any_below(model: Any, owner: str) -> Prepared:
    return Prepared(lambda key, *ends: _in_range(model.objects.filter(**{owner: key}), *ends), 0, "", "")


def in_folder(artifacts: "QuerySet[Any]", folder: str) -> "QuerySet[Any]":
    """Those below a folder, however deep; all for ""."""
    return _in_range(artifacts, *_range(folder)) if folder else artifacts


def _range(folder: str) -> tuple[str, str]:
    """Between what the paths below a folder lie: a range of the index, where LIKE would read every path."""
    # "0" is what comes after "/".
    return f"{folder}/", f"{folder}0"


def _in_range(artifacts: "QuerySet[Any]", first: str, last: str) -> "QuerySet[Any]":
    return artifacts.filter(path__gt=first).filter(path__lt=last)


def _forget_replaced(old: Blob | None, new: Blob) -> None:
    if old is not None and old.pk != new.pk:
        drop_unused([old.pk])


def delete(owner: FileOwner, path: str) -> int:
    """Delete a file, or a folder with all below it, all files for ""; the audit trail keeps the names. Returns how many
    files went.

    Errors: NotFound when there is neither; Conflict for an owner in the trash.
    """
    owner.require_active()
    with write_transaction():
        chosen = owner.artifacts.filter(path=path) | in_folder(owner.artifacts.all(), check_folder(path))
        gone = list(chosen.values_list("pk", "path", "blob", "blob__size", "blob__sha256"))
        if not gone:
            raise NotFound(f"There is no artifact {path!r} of {owner}.", field="path")
        AuditEntry.note("delete artifact", owner, {name: sha256 for _, name, _, _, sha256 in gone})
        owner.artifacts.filter(pk__in=[pk for pk, *_ in gone]).delete()
        owner.count_bytes(-sum(size for *_, size, _ in gone))
    drop_unused(list({blob for _, _, blob, _, _ in gone}))
    return len(gone)


def drop_unused(blobs: Sequence[int] | None = None) -> int:
    """Free the blobs that no file names: of these keys, or of all. Returns the bytes.

    While a backup copies blobs nothing goes; the next call finds them again.
    """
    freed = 0
    with blob_storage().free_to_drop() as may_drop:
        while may_drop and (gone := _drop_rows(blobs)):
            freed += sum(size for _, size in gone)
            for sha256, _ in gone:
                drop_file(sha256)
    return freed


def _drop_rows(blobs: Sequence[int] | None) -> list[tuple[str, int]]:
    """Remove the rows of some unused blobs: their hashes and sizes."""
    unused = Blob.objects.unused()
    if blobs is not None:
        unused = unused.filter(pk__in=blobs)
    keys = list(unused.values_list("pk", flat=True)[:_DROP_CHUNK])
    if not keys:
        return []
    with write_transaction():
        still = Blob.objects.unused().filter(pk__in=keys)
        gone = list(still.values_list("sha256", "size"))
        Blob.objects.filter(sha256__in=[sha256 for sha256, _ in gone]).delete()
    return gone


def drop_file(sha256: str) -> bool:
    """Remove a file whose row is gone; under the write lock, for the same content may be on its way in again."""
    with write_transaction():
        if Blob.objects.filter(sha256=sha256).exists():
            return False
        aside = blob_storage().set_aside(name_of(sha256))
    if aside is not None:
        blob_storage().discard(aside)
    return True
