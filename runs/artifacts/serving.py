"""Answers with the content of an artifact: whole, in part, or not at all when the client has it."""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import IO

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header, quote_etag

from runs.artifacts.store import open_blob
from runs.models import StoredFile

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


class BlobResponse(FileResponse):
    """Reads a file in pieces of 1 MiB: in Django's of 4 kB, most of the time goes into asking."""

    block_size = 1 << 20


class Part:
    """A stretch of a file that reads as if it were the whole of one."""

    def __init__(self, file: IO[bytes], first: int, length: int) -> None:
        file.seek(first)
        self._file, self._left = file, length

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes; none at the end of the stretch."""
        piece = self._file.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(piece)
        return piece

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __iter__(self) -> Iterator[bytes]:
        return iter(lambda: self.read(BlobResponse.block_size), b"")


def serve(
    request: HttpRequest, artifact: StoredFile, *, as_attachment: bool, media_type: str | None = None
) -> HttpResponseBase:
    """The content: 200, 206 for one range, 304 when the client has it, 416 for a range beyond it.

    A download is an attachment, so that no browser shows what it holds in our name.
    """
    etag = quote_etag(artifact.blob.sha256)
    unchanged = get_conditional_response(request, etag=etag)
    if unchanged is not None:
        return unchanged
    response = _content(request, artifact, etag)
    response["ETag"], response["Accept-Ranges"] = etag, "bytes"
    response["Content-Type"] = media_type or artifact.media_type
    response["Cache-Control"] = "private, no-cache"
    name = artifact.path.rpartition("/")[2]
    response["Content-Disposition"] = str(content_disposition_header(as_attachment, name))
    return response


def _content(request: HttpRequest, artifact: StoredFile, etag: str) -> HttpResponseBase:
    size = artifact.blob.size
    wanted = _wanted(request, etag)
    if wanted is None:
        return _stretch(request, artifact, 0, size, HTTPStatus.OK)
    first, last = _within(wanted, size)
    if first > last:
        refusal = HttpResponse(status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
        refusal["Content-Range"] = f"bytes */{size}"
        return refusal
    response = _stretch(request, artifact, first, last - first + 1, HTTPStatus.PARTIAL_CONTENT)
    response["Content-Range"] = f"bytes {first}-{last}/{size}"
    return response


def _wanted(request: HttpRequest, etag: str) -> tuple[str, str] | None:
    """The ends of the one range asked for. Several, or words that make none, ask for the whole (RFC 9110, 14.2)."""
    found = _RANGE.fullmatch(request.headers.get("Range", ""))
    if found is None or found[1] == found[2] == "" or request.headers.get("If-Range", etag) != etag:
        return None
    if found[1] and found[2] and int(found[1]) > int(found[2]):
        return None
    return found[1], found[2]


def _within(wanted: tuple[str, str], size: int) -> tuple[int, int]:
    """First and last byte of a range in a file of this size; the first is beyond the last where nothing is left."""
    first, last = wanted
    if not first:
        return max(0, size - int(last)), size - 1 if int(last) else -1
    return int(first), min(int(last), size - 1) if last else size - 1


def _stretch(
    request: HttpRequest, artifact: StoredFile, first: int, length: int, status: HTTPStatus
) -> HttpResponseBase:
    if request.method == "HEAD":
        response: HttpResponseBase = HttpResponse(status=status)
    else:
        response = BlobResponse(Part(open_blob(artifact.blob), first, length), status=status)
    response["Content-Length"] = str(length)
    return response
