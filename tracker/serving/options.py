"""How a model is served."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass
from pathlib import Path

MEGABYTE = 1024**2


@dataclass(frozen=True)
class ServingOptions:
    """What `tracker models serve` was told. Handed to each worker process.

    A worker predicts in `threads`, and lets `queue` more requests wait. `hosts` are names that the Host header may
    have beside those of this machine. `name` is what the page calls the model.
    """

    folder: Path
    host: str = "127.0.0.1"
    port: int = 5000
    workers: int = 1
    timeout_seconds: float = 60
    most_bytes: int = 32 * MEGABYTE
    allow_pickle: bool = False
    threads: int = min(32, (os.cpu_count() or 1) + 4)
    queue: int = 128
    hosts: tuple[str, ...] = ()
    name: str = ""

    @property
    def url(self) -> str:
        """Where it answers."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach it."""
        return is_loopback(self.host)


def is_loopback(host: str) -> bool:
    """Whether a name or an address stands for this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
