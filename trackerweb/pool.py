"""Keeps threads of `manage.py serve` free for what training scripts log, while slow clients send and fetch files."""

import json
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from typing import Any

from trackerweb.errors import ServerBusy, TrackerError, headers_of

#: Threads of the pool, and how many of them files may hold.
THREADS, FILES_AT_ONCE = 64, 40
PATIENCE_SECONDS = 2.0
#: Addresses of files and of pages that parse them.
_FILES = re.compile(r"/preview/|/(api/v1/)?runs/[^/]+/artifacts|/(ajax-)?api/2\.0/mlflow-artifacts/|/get-artifact")

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class LimitedFiles:
    """A WSGI application that answers 503 to a file more than may be on their way.

    `runserver` needs none of this: it has a thread for each connection.
    """

    def __init__(self, application: Application, at_once: int = FILES_AT_ONCE) -> None:
        self.application, self.places = application, threading.BoundedSemaphore(at_once)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer, holding a place for a file until its last byte is sent or its client is gone."""
        if not _FILES.match(environ["PATH_INFO"]):
            return self.application(environ, start_response)
        if not self.places.acquire(timeout=PATIENCE_SECONDS):
            busy = ServerBusy("Too many files are on their way already. Send this again in a moment.")
            return refuse(busy, start_response)
        try:
            return _Held(self.application(environ, start_response), self.places.release)
        except BaseException:
            self.places.release()
            raise


class _Held:
    """An answer that gives its place back when it is closed."""

    def __init__(self, answer: Iterable[bytes], give_back: Callable[[], None]) -> None:
        self._answer, self._give_back = answer, give_back

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._answer)

    def close(self) -> None:
        """As WSGI has it: once, whatever became of the answer."""
        try:
            getattr(self._answer, "close", lambda: None)()
        finally:
            self._give_back()


def refuse(refusal: TrackerError, start_response: Any) -> Iterable[bytes]:
    """Answer with an error before Django has seen the request."""
    body = json.dumps(refusal.as_json()).encode()
    headers = {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers_of(refusal)}
    start_response(f"{refusal.status} {HTTPStatus(refusal.status).phrase}", list(headers.items()))
    return [body]
