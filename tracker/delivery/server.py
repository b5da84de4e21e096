"""The server as this package sees it: the native API (docs/api.md) over one kept connection."""

import gzip
import json
import time
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3
from urllib3.exceptions import HTTPError

from tracker.delivery import bodies
from tracker.errors import Refused, Unavailable

#: Holds for each piece of a body too.
CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0
#: A file of this size in memory is read by the piece.
PIECE_BYTES = 1024**2
#: From here on packing costs less than sending, except to this machine.
PACK_FROM_BYTES = 4096
_LOCAL = {"127.0.0.1", "localhost", "::1"}
_LATER = {408, 425, 429, 500, 502, 503, 504, 507}


class Server:
    """One server and who we are to it. Not for several threads at once: it has one connection."""

    def __init__(self, uri: str, token: str = "") -> None:
        self.uri = uri
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._packs = urlsplit(uri).hostname not in _LOCAL

    @cached_property
    def _pool(self) -> urllib3.PoolManager:
        return pool_for(self.uri)

    def close(self) -> None:
        """Give back the connection."""
        self._pool.clear()

    def get(self, path: str, /, **query: Any) -> Any:
        """What lies at a path below `/api/v1/`."""
        asked = urlencode(query, doseq=True)
        return self._ask("GET", f"{path}?{asked}" if asked else path)

    def now(self) -> float:
        """The server's clock, in seconds since 1970, as exactly as its answers' heads say: to the second."""
        _, date = self._exchange("GET", "experiments/0/")
        return parsedate_to_datetime(date).timestamp() + 0.5 if date else time.time()

    def put_run(self, run_id: str, fields: Mapping[str, Any]) -> Any:
        """Make a run, or confirm that it is there."""
        return self._ask("PUT", f"runs/{quote(run_id, safe='')}/", json.dumps(fields).encode())

    def move_run(self, run_id: str, experiment: str) -> Any:
        """Move a run to the experiment of a name, made if there is none."""
        return self._ask("POST", f"runs/{_name(run_id)}/move/", json.dumps({"experiment": experiment}).encode())

    def log(self, run_id: str, body: bytes) -> Any:
        """Send a batch."""
        return self._ask("POST", f"runs/{quote(run_id, safe='')}/log/", body)

    def post_zip(self, path: str, content: BinaryIO, length: int, **query: str) -> Any:
        """Send a zip."""
        return self._ask("POST", f"{path}?{urlencode(query)}", content, length)

    def pieces(self, path: str, /, **query: Any) -> Iterator[bytes]:
        """A file, piece by piece.

        Errors: Unavailable when it ends early or hardly moves, Refused.
        """
        asked = urlencode(query, doseq=True)
        try:
            response = self._pool.request(
                "GET", f"{self.uri}/api/v1/{path}{'?' if asked else ''}{asked}", headers=self._headers,
                retries=False, redirect=False, preload_content=False,
            )  # fmt: skip
            if response.status >= 300:
                _answer(response, f"GET {path}")
            yield from bodies.pieces(response)
        except HTTPError as error:
            raise Unavailable(f"{self.uri} can't be reached: {_reason(error)}.") from None

    def put_model(self, model_id: str, fields: Mapping[str, Any]) -> Any:
        """Make a model, or confirm that it is there."""
        return self._ask("PUT", f"models/{_name(model_id)}/", json.dumps(fields).encode())

    def finish_model(self, model_id: str) -> Any:
        """Say that all files of a model are there."""
        return self._ask("PATCH", f"models/{_name(model_id)}/", b'{"status": "READY"}')

    def register_model(self, name: str, model_id: str, aliases: list[str]) -> Any:
        """The version of a registered model that is made of a model, made unless it is there."""
        place = f"registered-models/{_name(name)}/versions/of/{_name(model_id)}/"
        return self._ask("PUT", place, json.dumps({"aliases": aliases}).encode())

    def set_alias(self, name: str, alias: str, version: int) -> Any:
        """Lead an alias of a registered model to a version."""
        place = f"registered-models/{_name(name)}/aliases/{_name(alias)}/"
        return self._ask("PUT", place, json.dumps({"version": version}).encode())

    def put_file(self, run_id: str, path: str, source: Path, sha256: str, model_id: str = "") -> None:
        """Store a file of a run, or of a model; content that the server has is not sent."""
        owner = f"models/{_name(model_id)}" if model_id else f"runs/{_name(run_id)}"
        place = f"{owner}/artifacts/{quote(path)}?sha256={sha256}"
        size = source.stat().st_size
        try:
            if size > PIECE_BYTES:
                self._ask("PUT", place, b"")
                return
        except Refused as error:
            if error.error_code != "BLOB_UNKNOWN":
                raise
        with source.open("rb") as content:
            # An empty file is told from "you have it" by being sent only where it is empty: both mean the same then.
            self._ask("PUT", place, content if size else b"", length=size)

    def _ask(self, method: str, path: str, body: bytes | BinaryIO | None = None, length: int | None = None) -> Any:
        return self._exchange(method, path, body, length)[0]

    def _exchange(
        self, method: str, path: str, body: bytes | BinaryIO | None = None, length: int | None = None
    ) -> tuple[Any, str]:
        """Ask, and return the body of the answer with its date.

        Errors: Unavailable, Refused.
        """
        headers = self._headers | {"Accept": "application/json"}
        if isinstance(body, bytes):
            headers["Content-Type"] = "application/json" if body else "application/octet-stream"
            if self._packs and len(body) >= PACK_FROM_BYTES:
                body = gzip.compress(body, 1)
                headers["Content-Encoding"] = "gzip"
        elif body is not None:
            headers |= {"Content-Type": "application/octet-stream", "Content-Length": str(length)}
        try:
            response = self._pool.request(
                method, f"{self.uri}/api/v1/{path}", body=body, headers=headers, retries=False, redirect=False,
                preload_content=False,
            )  # fmt: skip
            return _answer(response, f"{method} {path.partition('?')[0]}"), response.headers.get("Date", "")
        except HTTPError as error:
            raise Unavailable(f"{self.uri} can't be reached: {_reason(error)}.") from None


def _name(text: str) -> str:
    """A text as one part of a path."""
    return quote(text, safe="")


def pool_for(uri: str) -> urllib3.PoolManager:
    """Connections to where an address leads, by way of the proxy that the environment names."""
    timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
    parts = urlsplit(uri)
    proxy = getproxies().get(parts.scheme)
    if proxy and parts.hostname not in _LOCAL and not proxy_bypass(parts.hostname or ""):
        return urllib3.ProxyManager(proxy, num_pools=1, maxsize=1, timeout=timeout)
    return urllib3.PoolManager(num_pools=1, maxsize=1, timeout=timeout)


def _answer(response: urllib3.BaseHTTPResponse, asked: str) -> Any:
    """The body of a good answer.

    Errors: Unavailable for what may pass; Refused for what will not; HTTPError.
    """
    body = _json(bodies.whole(response))
    if response.status < 300 and body is not None:
        return body
    fields = body if isinstance(body, dict) else {}
    message = fields.get("message") or f"{asked} was answered {response.status} {response.reason or ''}".strip()
    if response.status in _LATER:
        raise Unavailable(message, _seconds(response.headers.get("Retry-After")))
    raise Refused(message, response.status, str(fields.get("error_code", "")), str(fields.get("field", "")))


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _seconds(retry_after: str | None) -> float | None:
    """Seconds of a Retry-After header; one that names a date counts as none."""
    try:
        return max(0.0, float(retry_after or ""))
    except ValueError:
        return None


def _reason(error: Exception) -> str:
    """What the system said, without the library's frame around it."""
    text = str(error.args[-1] if error.args else error) or type(error).__name__
    return text.rpartition(": ")[2] if "Failed to establish" in text else text.removesuffix(".")
