"""Servers that are not Trackerweb, or not well: scripted answers, and bytes that answer anything."""

import json
import socket
import time
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


class ScriptedServer:
    """Answers as it is told, request by request, and well once it was told no more.

    `asked` is what came: time, method, path, headers, body.
    """

    def __init__(self, answers: Iterable[tuple[int, dict[str, str]]] = (), pause_seconds: float = 0.0) -> None:
        self.asked: list[tuple[float, str, str, dict[str, str], bytes]] = []
        self._remaining = iter(answers)
        self._pause_seconds = pause_seconds
        self._seq = 0
        scripted = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                scripted.answer(self)

            do_GET = do_PUT = do_POST = answer  # noqa: N815 - the library's names

            def log_message(self, *arguments: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.uri = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "ScriptedServer":
        Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Note one request, and answer it."""
        body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        self.asked.append((time.monotonic(), request.command, request.path, dict(request.headers), body))
        time.sleep(self._pause_seconds)
        status, headers = next(self._remaining, (200, {}))
        told = json.loads(body) if body[:1] == b"{" else {}
        if status == 200:
            self._seq = max(self._seq, told.get("seq", 0))
        content = json.dumps({"seq": self._seq, "applied": True, "points": 0, "error_code": "", "message": "no"})
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content.encode())


class ParrotServer:
    """Says the same bytes to all who come, and hangs up."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.uri = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> "ParrotServer":
        Thread(target=self._talk, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._listener.close()

    def _talk(self) -> None:
        while True:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            with peer:
                peer.recv(65536)
                peer.sendall(self._answer)
