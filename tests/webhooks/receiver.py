"""A real HTTP server on this machine that webhooks post to."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.patience import until


@dataclass
class Answer:
    """What a receiver says next; `delay` seconds before it says anything, or sooner once it is `released`."""

    status: int = 200
    body: bytes = b"ok"
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    released: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True)
class Got:
    """A request that came in."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    time: float


class Receiver:
    """Keeps what it gets; answers with `answers` one by one, and with the last one for ever."""

    def __init__(self, url: str) -> None:
        self.url, self.got, self.answers = url, list[Got](), [Answer()]
        self._lock = threading.Lock()

    def next(self) -> Answer:
        with self._lock:
            return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def wait_for(self, count: int) -> list[Got]:
        """What came in, once it is so much."""
        until(lambda: len(self.got) >= count)
        return self.got


class _Handler(BaseHTTPRequestHandler):
    receiver: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.receiver.got.append(Got(self.command, self.path, dict(self.headers), body, time.monotonic()))
        answer = self.receiver.next()
        answer.released.wait(answer.delay)
        self.send_response(answer.status)
        for name, value in {"Content-Length": str(len(answer.body)), **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)

    def do_GET(self) -> None:
        self.do_POST()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver that listens while inside."""
    handler = type("Handler", (_Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    handler.receiver = Receiver(f"http://127.0.0.1:{server.server_address[1]}/hook")
    thread = threading.Thread(target=server.serve_forever, args=[0.01], daemon=True)
    thread.start()
    try:
        yield handler.receiver
    finally:
        server.shutdown()
        server.server_close()
