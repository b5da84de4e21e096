"""Files of runs: whether their content is there and what its name says, and what lies there that nobody names."""

import hashlib
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

from django.db.models import Count, Sum

from runs.artifacts import store
from runs.artifacts.storage import blob_storage
from runs.checking.finding import ROWS_A_LOOK, Finding, Scope, note
from runs.models import Blob
from trackerweb.transactions import write_transaction

PIECE_BYTES = 1 << 20
#: How long a file on its way in must have lain still before it counts as left behind.
UNTOUCHED_SECONDS = 60.0
PAUSE_SECONDS = 0.5
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SEND_AGAIN = "Send the file again, which stores it whole, or delete it from the run."


@dataclass(frozen=True)
class _Content:
    """What lies on the disk under the name of a blob: its size, and its hash where that was asked for."""

    size: int
    sha256: str | None


def contents(scope: Scope) -> Iterator[Finding]:
    """Every blob against its file: there, of its size and, unless looking is quick, of its hash."""
    last = 0
    while blobs := list(Blob.objects.filter(pk__gt=last).order_by("pk")[:ROWS_A_LOOK]):
        for blob in blobs:
            finding = _finding(blob, scope.quick)
            if finding is not None:
                yield finding
            scope.tick(1)
        last = blobs[-1].pk


def _finding(blob: Blob, quick: bool) -> Finding | None:
    content = _read(blob, quick)
    if content is None:
        return _missing(blob)
    if content.size == blob.size and content.sha256 in (None, blob.sha256):
        return None
    if content.sha256 == blob.sha256:
        what = f"its row says {blob.size} bytes, and it has {content.size}"
        return Finding(_place(blob), what, "--repair corrects the row.", partial(_correct_size, blob, content.size))
    return _damaged(blob, f"{content.size} bytes that hash to {content.sha256}")


def _damaged(blob: Blob, lies_there: str) -> Finding:
    """Nobody can mend content. Out of the way, its file does not keep the same content from being stored again."""
    what = f"its file is damaged: {lies_there}, where {blob.size} bytes should be. {_users(blob)}"
    remedy = f"Run with --repair, which moves it to the folder damaged. {_SEND_AGAIN}"
    return Finding(_place(blob), what, remedy, partial(_keep_damaged, blob), heals=False)


def _read(blob: Blob, quick: bool) -> _Content | None:
    """What lies under its name; None when there is no file that can be read."""
    hasher, size = hashlib.sha256(), 0
    try:
        with blob_storage().open(store.name_of(blob.sha256)) as file:
            if quick and file.size == blob.size:
                return _Content(blob.size, None)
            while piece := file.read(PIECE_BYTES):
                hasher.update(piece)
                size += len(piece)
    except OSError:
        return None
    return _Content(size, hasher.hexdigest())


def _missing(blob: Blob) -> Finding | None:
    if not Blob.objects.filter(pk=blob.pk).exists():
        # Deleted since its row was read: the row goes first, then the file.
        return None
    if Blob.objects.unused().filter(pk=blob.pk).exists():
        # `unused` tells of it.
        return None
    # A link there is no content, but stands where one should.
    if not os.path.lexists(blob_storage().path(store.name_of(blob.sha256))):
        return Finding(_place(blob), f"its file is missing. {_users(blob)}", _SEND_AGAIN)
    return _damaged(blob, "no file that can be read")


def _place(blob: Blob) -> str:
    return f"content {blob.sha256}"


def _users(blob: Blob) -> str:
    """Where it is missed: `It is plots/roc.png of run a1, and 3 more files.`"""
    users = Blob.objects.filter(pk=blob.pk).files()
    first = next((file for files in users for file in files.order_by("pk")[:1]), None)
    if first is None:
        return "No run uses it."
    count = sum(files.count() for files in users)
    more = f", and {count - 1} more" if count > 1 else ""
    return f"It is {first.path!r} of {first.whose}{more}."


def _correct_size(blob: Blob, size: int) -> bool:
    with write_transaction():
        note("blob", blob.sha256, str(blob), {"size": blob.size})
        Blob.objects.filter(pk=blob.pk).update(size=size)
    return True


def _keep_damaged(blob: Blob) -> bool:
    """Its row stays, for runs name it; without a file it is nobody's content until it is sent again."""
    with blob_storage().free_to_drop() as may_drop, write_transaction():
        if may_drop and Blob.objects.filter(pk=blob.pk).exists():
            note("blob", blob.sha256, str(blob), {"damaged file": "moved to the folder damaged"})
            blob_storage().keep_damaged(store.name_of(blob.sha256))
    return False


def unused(scope: Scope) -> Iterator[Finding]:
    """Content that no run has any more. A backup keeps it from going, and so does a purge at the same moment."""
    figures = Blob.objects.unused().aggregate(count=Count("pk"), size=Sum("size"))
    if figures["count"]:
        what = f"{figures['count']:,} that no run has any more take {figures['size']:,} bytes"
        yield Finding("contents", what, "--repair deletes them.", _drop_unused, is_harmless=True)


def _drop_unused() -> bool:
    store.drop_unused()
    return not Blob.objects.unused().exists()


def unnamed(scope: Scope) -> Iterator[Finding]:
    """Files among the blobs that no row names: a server died before their row came, or after it went."""
    names = blob_storage().names()
    while piece := list(islice(names, ROWS_A_LOOK)):
        suspects = _without_row(piece)
        if suspects:
            # A file that is being deleted loses its row first, and is gone a moment later.
            time.sleep(PAUSE_SECONDS)
        for name in suspects:
            yield from _unnamed(name)
        scope.tick(len(piece))


def _without_row(names: list[str]) -> list[str]:
    by_hash = {name.rpartition("/")[2]: name for name in names}
    known = Blob.objects.filter(sha256__in=list(by_hash)).values_list("sha256", flat=True)
    return sorted(by_hash[sha256] for sha256 in by_hash.keys() - set(known))


def _unnamed(name: str) -> Iterator[Finding]:
    sha256 = name.rpartition("/")[2]
    if not _SHA256.fullmatch(sha256) or name != store.name_of(sha256):
        yield Finding(f"file {name}", "this is not ours: contents are named by their hash", "Move it elsewhere.")
        return
    with write_transaction():
        # A file comes inside the transaction that names it: now it is over.
        is_named = Blob.objects.filter(sha256=sha256).exists()
    if not is_named and blob_storage().exists(name):
        what = f"no row names it, and it takes {blob_storage().size(name):,} bytes"
        yield Finding(f"file {name}", what, "--repair deletes it.", partial(_drop_file, sha256), is_harmless=True)


def _drop_file(sha256: str) -> bool:
    with blob_storage().free_to_drop() as may_drop:
        if not may_drop or not store.drop_file(sha256):
            return False
    with write_transaction():
        note("file", sha256, sha256[:12], {})
    return True


def incoming(scope: Scope) -> Iterator[Finding]:
    """What servers left behind that died while they received a file."""
    for place in blob_storage().abandoned(UNTOUCHED_SECONDS):
        what = f"a server died while it received this, and it takes {place.stat().st_size:,} bytes"
        yield Finding(
            f"file incoming/{place.name}", what, "--repair deletes it.", partial(_discard, place), is_harmless=True
        )


def _discard(place: Path) -> bool:
    place.unlink(missing_ok=True)
    with write_transaction():
        note("file", place.name, place.name, {})
    return True
