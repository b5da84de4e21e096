"""Reads bodies that come in chunks (RFC 9112, section 7.1), whose end shows only when it is there.

Python's clients send so what has no length, and empty files. Such a body is held until it is whole: half a file must
never pass for one.
"""

import re
import tempfile
from collections.abc import Callable, Iterator
from typing import IO, Any, cast

from trackerweb.errors import MalformedRequest, TooLarge, TrackerError

#: What one body may have, and what of it is held in memory rather than on the disk.
MAX_BYTES, IN_MEMORY_BYTES = 1 << 30, 1 << 20
PIECE_BYTES = 1 << 16
MAX_LINE_BYTES = 4096
MAX_TRAILERS = 100
_SIZE = re.compile(rb"([0-9a-fA-F]{1,15})[ \t]*(?:;[^\r\n]*)?\r\n")


def pieces(stream: IO[bytes]) -> Iterator[bytes]:
    """The content of chunks as a connection brings them; nothing behind their end is read.

    Errors: MalformedRequest for anything that is not as the standard says: another reader might see another end.
    """
    while left := _size(stream):
        while left:
            piece = stream.read(min(PIECE_BYTES, left))
            if not piece:
                raise MalformedRequest("The body broke off.")
            left -= len(piece)
            yield piece
        if stream.read(2) != b"\r\n":
            raise MalformedRequest("A chunk of the body does not end where it says.")
    for _ in range(MAX_TRAILERS):
        if stream.readline(MAX_LINE_BYTES) == b"\r\n":
            return
    raise MalformedRequest("The body has no end.")


def _size(stream: IO[bytes]) -> int:
    found = _SIZE.fullmatch(stream.readline(MAX_LINE_BYTES))
    if found is None:
        raise MalformedRequest("The body is not in chunks, as Transfer-Encoding says it is, or it broke off.")
    return int(found[1], 16)


def held(pieces: Iterator[bytes]) -> tuple[IO[bytes], int]:
    """A body as a file to read from, and its length.

    Errors: TooLarge; those of `pieces`.
    """
    file = cast("IO[bytes]", tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES))  # noqa: SIM115 - closed with its request
    try:
        for piece in pieces:
            file.write(piece)
            if file.tell() > MAX_BYTES:
                raise TooLarge(f"A body without a Content-Length may have {MAX_BYTES} bytes. Send its length.")
    except BaseException:
        file.close()
        raise
    length = file.tell()
    file.seek(0)
    return file, length


Application = Callable[[dict[str, Any], Any], Any]


def with_lengths(application: Application, refuse: Callable[[TrackerError, Any], Any]) -> Application:
    """A WSGI application behind a server that reads chunks itself: what it hands on is held until it is whole."""

    def wrapper(environ: dict[str, Any], start_response: Any) -> Any:
        if environ.pop("HTTP_TRANSFER_ENCODING", None) is None:
            return application(environ, start_response)
        stream = environ["wsgi.input"]
        try:
            file, length = held(iter(lambda: stream.read(PIECE_BYTES), b""))
        except TrackerError as error:
            return refuse(error, start_response)
        environ |= {"wsgi.input": file, "CONTENT_LENGTH": str(length)}
        return application(environ, start_response)

    return wrapper
