"""Brings one file from a web server, whole or not at all."""

from __future__ import annotations

import math
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit

from tracker.errors import InvalidValue, Refused, Unavailable
from tracker.userinfo import without_secrets

if TYPE_CHECKING:
    import urllib3

CONNECT_SECONDS, READ_SECONDS = 10.0, 60.0
#: Below this speed, after the first minute, a server is taken for one that never ends.
LEAST_BYTES_PER_SECOND = 1024
_MOST_REDIRECTS = 5
_PIECE = 256 * 1024
_LONGEST_SHOWN = 200


def download(address: str, place: Path, most_bytes: float = math.inf) -> None:
    """Bring a file from an http or https address to a new place. Its user and password go to that host alone.

    Errors: Refused for another answer than a file; Unavailable for a server that does not answer, stops in the middle,
    is too slow, or sends more than `most_bytes` or than the disk has room for; InvalidValue for what is no address, and
    for a redirect that leads to no http, or from https to http. What came until then is at the place.
    """
    from urllib3.exceptions import HTTPError

    shown = without_secrets(address).partition("?")[0][:_LONGEST_SHOWN]
    most = min(most_bytes, shutil.disk_usage(place.parent).free)
    try:
        answer = _asked(address, shown)
        try:
            _write(answer, place, shown, most)
        finally:
            answer.close()
            answer.release_conn()
    except HTTPError as error:
        raise Unavailable(f"{shown} did not come: {without_secrets(str(error))[:300]}") from None


def _asked(address: str, shown: str) -> urllib3.BaseHTTPResponse:
    """The answer that holds the file, past redirects."""
    for _ in range(_MOST_REDIRECTS + 1):
        answer = _get(address)
        location = answer.headers.get("Location")
        if answer.status not in {301, 302, 303, 307, 308} or not location:
            break
        answer.close()
        address = _next(address, location, shown)
    else:
        raise Unavailable(f"{shown} leads on to another address more than {_MOST_REDIRECTS} times.")
    if answer.status != 200:
        answer.close()
        raise Refused(
            f"{shown} answers {answer.status} instead of a file. Is the address right, and open to you?", answer.status
        )
    return answer


def _next(address: str, location: str, shown: str) -> str:
    try:
        after = urljoin(address, location)
    except ValueError:
        raise Unavailable(f"{shown} leads on to what is no address.") from None
    scheme = urlsplit(after).scheme
    if scheme != "https" and not (scheme == "http" and urlsplit(address).scheme == "http"):
        raise InvalidValue(f"{shown} leads on to an address of {scheme or 'no scheme'}, which is not followed.")
    return after


def _get(address: str) -> urllib3.BaseHTTPResponse:
    import urllib3

    from tracker.delivery.server import pool_for

    parts = urlsplit(address)
    headers = {"Accept-Encoding": "identity", "User-Agent": "trackerweb"}
    if parts.username is not None:
        told = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers |= urllib3.make_headers(basic_auth=told)
    bare = parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment="").geturl()
    timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
    return pool_for(address).request(
        "GET", bare, headers=headers, timeout=timeout, preload_content=False, redirect=False, retries=False
    )


def _write(answer: urllib3.BaseHTTPResponse, place: Path, shown: str, most: float) -> None:
    """Errors: HTTPError where it is cut off."""
    began, size = time.monotonic(), 0
    _check_size(answer.length_remaining or 0, most, shown)
    with place.open("xb") as file:
        while piece := answer.read1(_PIECE):
            size += len(piece)
            _check_size(size, most, shown)
            taken = time.monotonic() - began
            if taken > READ_SECONDS and size < taken * LEAST_BYTES_PER_SECOND:
                raise Unavailable(
                    f"{shown} comes at less than {LEAST_BYTES_PER_SECOND:,} bytes a second: it is not brought."
                )
            file.write(piece)


def _check_size(size: int, most: float, shown: str) -> None:
    if size > most:
        raise Unavailable(
            f"{shown} has more than {most:,} bytes, which is all that is taken or that the disk has room for."
        )
