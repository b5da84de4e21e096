"""Reads a request's body: whole and within its limits, or piece by piece."""

import zlib
from collections.abc import Iterator

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.http.request import UnreadablePostError

from trackerweb.errors import LengthRequired, MalformedRequest, TooLarge, UnsupportedMediaType

MAX_BODY_BYTES = 16 * 1024 * 1024
PIECE_BYTES = 1 << 20


def read_body(request: HttpRequest) -> bytes:
    """The body, unpacked if it came gzipped.

    Errors: TooLarge beyond 16 MiB, packed or not; UnsupportedMediaType for another encoding; MalformedRequest for a
    body that broke off or is not the gzip it says.
    """
    try:
        body = request.body
    except RequestDataTooBig:
        raise TooLarge(f"A request may carry {MAX_BODY_BYTES} bytes. Send several smaller ones.") from None
    except UnreadablePostError:
        raise MalformedRequest("The body broke off.") from None
    if len(body) < int(request.META.get("CONTENT_LENGTH") or 0):
        raise MalformedRequest("The body broke off.")
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding == "identity":
        return body
    if encoding != "gzip":
        raise UnsupportedMediaType(f"Content-Encoding {encoding!r} is not known. Use gzip, or none.")
    return _gunzip(body)


def _gunzip(packed: bytes) -> bytes:
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        body = unpacker.decompress(packed, MAX_BODY_BYTES + 1)
    except zlib.error:
        raise MalformedRequest("The body is not the gzip that Content-Encoding says it is.") from None
    if len(body) > MAX_BODY_BYTES:
        raise TooLarge(f"The unpacked body may have {MAX_BODY_BYTES} bytes. Send several smaller ones.")
    if not unpacker.eof or unpacker.unused_data:
        raise MalformedRequest("The gzipped body broke off, or something follows it.")
    return body


def length_of(request: HttpRequest) -> int:
    """How long the body is; 0 where there is none.

    Errors: LengthRequired when only its end would tell, and the server did not wait for that.
    """
    if "HTTP_TRANSFER_ENCODING" in request.META:
        raise LengthRequired("Send a Content-Length: a file whose end is not known can't be told from half of one.")
    return int(request.META.get("CONTENT_LENGTH") or 0)


def pieces_of(request: HttpRequest, length: int) -> Iterator[bytes]:
    """The body as it comes.

    Errors: MalformedRequest when it ends before its length.
    """
    received = 0
    while received < length:
        try:
            piece = request.read(min(PIECE_BYTES, length - received))
        except (UnreadablePostError, OSError):
            piece = b""
        if not piece:
            raise MalformedRequest(f"The body broke off after {received} of {length} bytes. Send it again.")
        received += len(piece)
        yield piece
