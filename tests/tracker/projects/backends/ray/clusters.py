"""A real Ray of two processors on this machine, and a way to it that can be cut."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Self

from tests.server import free_port

PATIENCE_SECONDS = 90


class RayCluster:
    """A head node with two CPUs, in processes of its own; `settings` are variables of Ray's."""

    def __init__(self, **settings: str) -> None:
        self.settings = settings
        # Ray's sockets have paths of 107 characters at most.
        self.folder = Path(tempfile.mkdtemp(prefix="ray-"))
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self) -> Self:
        """Start it and wait until it takes jobs."""
        ray = Path(sys.executable).with_name("ray")
        ports = {"--port": free_port(), "--ray-client-server-port": free_port(), "--dashboard-port": self.port}
        ports["--dashboard-agent-listen-port"] = free_port()
        words = [f"{name}={port}" for name, port in ports.items()]
        told = {
            "RAY_USAGE_STATS_ENABLED": "0",
            "RUNTIME_ENV_RETRY_TIMES": "1",
            "PATH": f"{ray.parent}:{os.environ['PATH']}",
        }
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        self.log = (self.folder / "log").open("wb")
        self.process = subprocess.Popen(
            [ray, "start", "--head", "--block", "--num-cpus=2", "--object-store-memory=80000000", *words,
             "--node-ip-address=127.0.0.1", "--dashboard-host=127.0.0.1", f"--temp-dir={self.folder / 's'}"],
            cwd=self.folder, env=kept | told | self.settings, stdout=self.log, stderr=self.log, start_new_session=True,
        )  # fmt: skip
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self._answers():
            assert self.process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < deadline, (self.folder / "log").read_text()
            time.sleep(0.2)
        return self

    def _answers(self) -> bool:
        headers = {"Authorization": f"Bearer {self.settings.get('RAY_AUTH_TOKEN', '')}"}
        asked = urllib.request.Request(f"{self.url}/api/v0/nodes?limit=1", headers=headers)
        with suppress(OSError), urllib.request.urlopen(asked, timeout=5) as answer:
            return b'"CPU"' in answer.read()
        return False

    def stop(self) -> None:
        """End it and all that it started."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=PATIENCE_SECONDS)
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Way:
    """A port that leads to another, until it is cut: then nobody comes through for a while."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._pairs: list[socket.socket] = []
        self._closed_until = 0.0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._listener.close()
        self.cut(0)

    def cut(self, seconds: float) -> None:
        """End all connections, and each that comes in the time."""
        self._closed_until = time.monotonic() + seconds
        for end in self._pairs:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                if time.monotonic() < self._closed_until:
                    near.close()
                    continue
                far = socket.create_connection(("127.0.0.1", self._to))
                self._pairs += [near, far]
                for one, other in ((near, far), (far, near)):
                    Thread(target=self._pass, args=(one, other), daemon=True).start()

    def _pass(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while piece := one.recv(65536):
                other.sendall(piece)
        with suppress(OSError):
            other.shutdown(socket.SHUT_RDWR)
