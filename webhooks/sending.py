"""Sends one delivery: to the address that was checked and no other, within ten seconds in all."""

import email.utils
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from urllib.parse import urljoin

from webhooks import addresses
from webhooks.addresses import Refused, Target, Unresolved

PATIENCE_SECONDS = 10.0
MAX_ANSWER_BYTES = 64 * 1024
KEPT_BYTES = 2_000
MAX_REDIRECTS = 3
#: Redirects that keep method and body.
_KEEPING = {HTTPStatus.TEMPORARY_REDIRECT, HTTPStatus.PERMANENT_REDIRECT}
#: What may be over in a while.
_PASSING = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}


@dataclass(frozen=True)
class Reply:
    """What became of an attempt: an answer of HTTP, or an `error` where there was none.

    `body` is its beginning, KEPT_BYTES at most; `retry_after_seconds` is what the receiver asked for.
    """

    status: int | None = None
    body: str = ""
    error: str = ""
    may_pass: bool = True
    retry_after_seconds: float = 0.0
    duration_ms: int = 0

    @property
    def is_success(self) -> bool:
        """Whether the receiver took it."""
        return self.status is not None and self.status // 100 == 2 and not self.error


class _Stopped(Exception):
    """An attempt that came to no answer."""

    def __init__(self, message: str, *, may_pass: bool) -> None:
        super().__init__(message)
        self.may_pass = may_pass


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
    """Send a body, following redirects that keep it. Never raises for what a receiver does."""
    began = time.monotonic()
    try:
        return _timed(_follow(url, body, headers, began + PATIENCE_SECONDS), began)
    except Unresolved as error:
        return _timed(Reply(error=error.message), began)
    except Refused as error:
        return _timed(Reply(error=error.message, may_pass=False), began)
    except _Stopped as error:
        return _timed(Reply(error=str(error), may_pass=error.may_pass), began)


def _timed(reply: Reply, began: float) -> Reply:
    took = round(1000 * (time.monotonic() - began))
    error = reply.error.replace("\0", "\N{REPLACEMENT CHARACTER}")
    return Reply(reply.status, reply.body, error, reply.may_pass, reply.retry_after_seconds, took)


def _follow(url: str, body: bytes, headers: Mapping[str, str], deadline: float) -> Reply:
    for _ in range(MAX_REDIRECTS + 1):
        target = addresses.checked(url, _left(deadline))
        reply, location = _ask(target, body, headers, deadline)
        if reply.status not in _KEEPING or not location:
            return reply
        url = _joined(url, location)
    raise _Stopped(f"It was sent on more than {MAX_REDIRECTS} times.", may_pass=False)


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        raise _Stopped(f"It was sent on to {location[:80]!r}, which is no address.", may_pass=False) from None


def _ask(target: Target, body: bytes, headers: Mapping[str, str], deadline: float) -> tuple[Reply, str]:
    """What one machine answers, and where that leads to."""
    with _connected(target, deadline) as connected:
        connection = http.client.HTTPConnection(target.host, target.port)
        connection.sock = connected
        try:
            connection.request("POST", target.path, body, {"Host": target.authority, "Connection": "close", **headers})
            response = connection.getresponse()
            return _reply(response), response.headers.get("Location", "")
        except (OSError, http.client.HTTPException, ValueError) as error:
            _left(deadline)
            raise _Stopped(f"No answer came: {_said(error)}.", may_pass=True) from None


def _reply(response: http.client.HTTPResponse) -> Reply:
    answer = response.read(MAX_ANSWER_BYTES)
    text = answer[:KEPT_BYTES].decode(errors="replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
    status = response.status
    return Reply(
        status,
        text,
        error=_moved(status, response.headers.get("Location", "")),
        may_pass=status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _PASSING,
        retry_after_seconds=_retry_after(response.headers.get("Retry-After", "")),
    )


def _moved(status: int, location: str) -> str:
    """Why a redirect is the end of the way: another request than the one that was sent is none of ours."""
    if not 300 <= status < 400 or (status in _KEEPING and location):
        return ""
    return "It was sent on in a way that drops what was sent. 307 and 308 are followed."


@contextmanager
def _connected(target: Target, deadline: float) -> Iterator[socket.socket]:
    """A connection to the first of the checked numbers that takes one, cut when time is up."""
    connected = _connect(target, deadline)
    cut = threading.Timer(_left(deadline), _cut, [connected])
    cut.daemon = True
    cut.start()
    try:
        yield connected
    finally:
        cut.cancel()
        connected.close()


def _cut(connected: socket.socket) -> None:
    """End a connection under whoever reads from it slowly: a receiver may send a byte every nine seconds for ever."""
    try:
        connected.shutdown(socket.SHUT_RDWR)
    except OSError:
        connected.close()


def _connect(target: Target, deadline: float) -> socket.socket:
    reason = ""
    for ip in target.ips:
        try:
            plain = socket.create_connection((ip, target.port), timeout=_left(deadline))
        except OSError as error:
            reason = _said(error)
            continue
        return _secured(plain, target, deadline) if target.scheme == "https" else plain
    _left(deadline)
    raise _Stopped(f"{target.authority} takes no connection: {reason}.", may_pass=True)


def _secured(plain: socket.socket, target: Target, deadline: float) -> socket.socket:
    """TLS on a connection, whose certificate has to be one for the host's name."""
    try:
        plain.settimeout(_left(deadline))
        return _tls().wrap_socket(plain, server_hostname=target.host)
    except (OSError, ValueError) as error:
        plain.close()
        raise _Stopped(f"{target.authority} can't be trusted: {_said(error)}.", may_pass=True) from None


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise _Stopped(f"No answer came within {PATIENCE_SECONDS:.0f} seconds.", may_pass=True)
    return left


def _said(error: Exception) -> str:
    """An error of the system in its own words."""
    words = getattr(error, "verify_message", "") or getattr(error, "strerror", "") or str(error)
    return str(words).rstrip(".") or type(error).__name__


def _retry_after(text: str) -> float:
    """Seconds that `Retry-After` asks for, said as a number or as a date; 0 where it says nothing that can be meant."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return 0.0
    return max(0.0, moment.timestamp() - time.time())
