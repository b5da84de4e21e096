"""Asks an MLflow server: JSON page by page, and files piece by piece. Only the server that was named is asked."""

import json
from collections.abc import Iterator
from typing import IO, Any, cast
from urllib.parse import unquote, urlencode, urlsplit

import urllib3
from urllib3.exceptions import HTTPError

from importing.found import Unreadable

CONNECT_SECONDS, READ_SECONDS = 10.0, 120.0
RETRIES = 5
PAGE, HISTORY_PAGE = 1000, 25_000
MAX_ANSWER_BYTES = 256 << 20


class NotThere(Unreadable):
    """The server has no such thing, or is too old to know of it."""


class Rest:
    """A server at an address, such as `https://user:password@host/`; `uri` is the address without the secret."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Unreadable("An MLflow server's address begins with http:// or https://, and names a host.")
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        place = host if parts.port is None else f"{host}:{parts.port}"
        self.uri = f"{parts.scheme}://{place}{parts.path.rstrip('/')}"
        secret = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}" if parts.username else None
        self._headers = urllib3.make_headers(basic_auth=secret)
        retries = urllib3.Retry(
            RETRIES, redirect=0, backoff_factor=0.3, status_forcelist=(429, 502, 503, 504), allowed_methods=None
        )
        timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
        self._pool = urllib3.PoolManager(maxsize=1, timeout=timeout, retries=retries, headers=self._headers)

    def get(self, path: str, /, **query: Any) -> dict[str, Any]:
        """What lies at a path below `/api/2.0/mlflow/`.

        Errors: NotThere, Unreadable.
        """
        return self._json("GET", f"/api/2.0/mlflow/{path}?{urlencode(query)}")

    def post(self, path: str, /, **fields: Any) -> dict[str, Any]:
        """What a search finds.

        Errors: NotThere, Unreadable.
        """
        return self._json("POST", f"/api/2.0/mlflow/{path}", json.dumps(fields).encode())

    def searched(self, path: str, name: str, /, **fields: Any) -> Iterator[dict[str, Any]]:
        """All that a search finds, page by page."""
        token = ""
        while True:
            page = self.post(path, **fields | ({"page_token": token} if token else {}))
            yield from page.get(name, [])
            token = page.get("next_page_token") or ""
            if not token:
                return

    def paged(self, path: str, name: str, /, **query: Any) -> Iterator[list[dict[str, Any]]]:
        """All that lies at a path, in pages."""
        token = ""
        while True:
            page = self.get(path, **query | ({"page_token": token} if token else {}))
            yield page.get(name, [])
            token = page.get("next_page_token") or ""
            if not token:
                return

    def open(self, path: str, /, **query: Any) -> IO[bytes]:
        """A file, to be read piece by piece.

        Errors: NotThere, Unreadable.
        """
        return cast("IO[bytes]", self._ask("GET", f"{path}?{urlencode(query)}"))

    def _json(self, method: str, path: str, body: bytes | None = None) -> dict[str, Any]:
        with self._ask(method, path, body) as response:
            content = response.read(MAX_ANSWER_BYTES + 1)
        try:
            found = json.loads(content) if len(content) <= MAX_ANSWER_BYTES else None
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise Unreadable(f"{self.uri} answered {path.partition('?')[0]} with what MLflow would not say.")
        return found

    def _ask(self, method: str, path: str, body: bytes | None = None) -> urllib3.BaseHTTPResponse:
        headers = self._headers | ({"Content-Type": "application/json"} if body else {})
        try:
            response = self._pool.request(
                method, self.uri + path, body=body, headers=headers, redirect=False, preload_content=False
            )
        except HTTPError as error:
            raise Unreadable(f"{self.uri} can't be reached: {error}"[:300]) from None
        if response.status != 200:
            response.release_conn()
            kind = NotThere if response.status in (404, 405) else Unreadable
            raise kind(f"{self.uri} answered {response.status} to {path.partition('?')[0]}.")
        return response
