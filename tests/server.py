"""A real server in a process of its own, and plain HTTP to it."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from tests.api import Answer

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_SECONDS = 120
_held: list[socket.socket] = []


def free_port() -> int:
    """A port that nobody listens on, and that the system gives to nobody who asks for any port while this process runs.

    It is held by a socket that does not listen. Servers listen there all the same: they bind with SO_REUSEADDR or
    SO_REUSEPORT.
    """
    holder = socket.socket()
    for option in (socket.SO_REUSEADDR, socket.SO_REUSEPORT):
        holder.setsockopt(socket.SOL_SOCKET, option, 1)
    holder.bind(("127.0.0.1", 0))
    _held.append(holder)
    return int(holder.getsockname()[1])


class RealServer:
    """`manage.py runserver` on a data folder; `kill` is SIGKILL, `start` again is a restart."""

    def __init__(self, home: Path, command: str = "runserver", *options: str, **environment: str) -> None:
        self.home, self.command, self.environment = home, (command, *options), environment
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        """Start it and wait until it answers."""
        environment = os.environ | {"TRACKER_HOME": str(self.home)} | self.environment
        command = [sys.executable, "manage.py", *self.command, f"127.0.0.1:{self.port}"]
        self.log = (self.home / f"server-{self.port}.log").open("ab")
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=self.log, stderr=self.log)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise AssertionError(Path(self.log.name).read_text())
            time.sleep(0.02)
        return self

    def _answers(self) -> bool:
        try:
            return self.client().get("/api/v1/experiments/0/").status == 200
        except OSError:
            return False

    @property
    def pid(self) -> int:
        """Its process."""
        assert self.process is not None
        return self.process.pid

    def kill(self) -> None:
        """End it as a power cut would, as far as a process can tell."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it as Ctrl-C would."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(timeout=PATIENCE_SECONDS)
        self.log.close()

    def client(self) -> "HttpClient":
        """A kept connection."""
        return HttpClient(self.url)


class HttpClient:
    """JSON over one kept connection."""

    def __init__(self, url: str) -> None:
        self.connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE_SECONDS)

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """`body` goes as JSON, bytes go as they are."""
        raw = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        self.connection.request(method, path, raw, {"Content-Type": "application/json"} | headers)
        response = self.connection.getresponse()
        text = response.read()
        is_json = response.headers.get_content_type() == "application/json"
        return Answer(response.status, json.loads(text) if is_json and text else text.decode())

    def get(self, path: str, **headers: str) -> Answer:
        return self.send("GET", path, **headers)

    def put(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self.send("PUT", path, {} if body is None else body, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self.send("POST", path, body, **headers)
