"""Bodies of answers, read with limits: a server may be hostile, or broken in a way that looks so."""

from __future__ import annotations

import time
from collections.abc import Iterator

import urllib3

from tracker.errors import Unavailable

#: Of an answer that is kept in memory.
MOST_BYTES = 64 * 1024**2
#: Within which it has to be here, however slowly it comes.
WHOLE_SECONDS = 120.0
#: Of a file that comes piece by piece: so much at least within each of these times.
LEAST_BYTES, LEAST_SECONDS = 64 * 1024, 60.0
_PIECE_BYTES = 1024**2


def whole(response: urllib3.BaseHTTPResponse) -> bytes:
    """The body of an answer.

    Errors: Unavailable for one that is too large or too slow; urllib3's HTTPError.
    """
    parts, size, ends = [], 0, time.monotonic() + WHOLE_SECONDS
    for part in _parts(response):
        parts.append(part)
        size += len(part)
        if size > MOST_BYTES:
            raise Unavailable(f"The answer is larger than {MOST_BYTES // 1024**2} MB, so it is not read to its end.")
        if time.monotonic() > ends:
            raise Unavailable(f"The answer was not here within {WHOLE_SECONDS:g} s.")
    return b"".join(parts)


def pieces(response: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
    """The body of an answer, as it comes.

    Errors: Unavailable for one that hardly moves; urllib3's HTTPError.
    """
    ends, size = time.monotonic() + LEAST_SECONDS, 0
    for part in _parts(response):
        yield part
        size += len(part)
        if time.monotonic() > ends:
            if size < LEAST_BYTES:
                raise Unavailable(f"{size:,} bytes came within {LEAST_SECONDS:g} s: that is too slow to go on.")
            ends, size = time.monotonic() + LEAST_SECONDS, 0


def _parts(response: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
    """What is there, piece by piece, without waiting for more. The connection is given back, or closed midway."""
    try:
        while part := response.read1(_PIECE_BYTES):
            yield part
    except BaseException:
        response.close()
        raise
    response.release_conn()
