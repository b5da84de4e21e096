"""Reads a request's body within its limits."""

import zlib

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.http.request import UnreadablePostError

from trackerweb.errors import MalformedRequest, TooLarge, UnsupportedMediaType

MAX_BODY_BYTES = 16 * 1024 * 1024


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
