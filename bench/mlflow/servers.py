"""The servers that are measured, each on a folder of its own, and what their processes take (from /proc)."""

import os
import signal
import sqlite3
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from bench.mlflow.rest import Rest
from tests.server import ROOT, free_port

PATIENCE_SECONDS = 180
#: MLflow answers while its other processes are still starting, and would be measured at its worst.
SETTLE_SECONDS = 20


@dataclass
class Server:
    """A server, and its figures: each value that was measured, by name."""

    name: str
    command: list[str]
    folder: Path
    database: Path
    port: int
    environment: dict[str, str] = field(default_factory=dict)
    figures: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def rest(self) -> Rest:
        """A new client."""
        return Rest(self.url)

    def start(self) -> None:
        """Start it, and note how long its first answer takes."""
        began = time.perf_counter()
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command, cwd=self.folder, env=os.environ | self.environment, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        while not self._answers():
            if self.process.poll() is not None or time.perf_counter() - began > PATIENCE_SECONDS:
                raise SystemExit(f"{self.name} does not start: {(self.folder / 'log').read_text()[-2000:]}")
            time.sleep(0.01)
        self.note("start to first answer, s", time.perf_counter() - began)

    def _answers(self) -> bool:
        try:
            return self.rest().send("GET", "/health") == b"OK"
        except (OSError, RuntimeError):
            return False

    def stop(self) -> None:
        """End it and all that it started."""
        if self.process is None:
            return
        for how in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, how)
                self.process.wait(20)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue
        self.process = None

    def note(self, name: str, value: float) -> None:
        """Keep a figure."""
        self.figures[name].append(value)

    def median(self, name: str) -> float | None:
        """The median of a figure; None when it was not measured."""
        return statistics.median(self.figures[name]) if self.figures.get(name) else None

    def note_memory(self, when: str) -> None:
        """Note the resident memory of all its processes."""
        assert self.process is not None
        self.note(f"resident memory {when}, MB", sum(map(_resident_mb, _family(self.process.pid))))

    def bytes_used(self) -> int:
        """Bytes in use in its database, what waits in the log included."""
        with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=30) as database:
            names = ("page_count", "freelist_count", "page_size")
            pages, free, size = (database.execute(f"PRAGMA {name}").fetchone()[0] for name in names)
        return int((pages - free) * size)


def ours(folder: Path) -> Server:
    """Trackerweb as a newcomer starts it."""
    port = free_port()
    command = [sys.executable, str(ROOT / "manage.py"), "runserver", str(port)]
    return Server("Trackerweb", command, folder, folder / "tracker.sqlite3", port, {"TRACKER_HOME": str(folder)})


def mlflow(python: Path, folder: Path, workers: int | None) -> Server:
    """A real MLflow server; its own number of workers for None."""
    port = free_port()
    command = [
        str(python), "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port),
        "--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--artifacts-destination", str(folder / "artifacts"),
    ]  # fmt: skip
    name = "MLflow, default workers" if workers is None else f"MLflow, {workers} worker"
    command += [] if workers is None else ["--workers", str(workers)]
    return Server(name, command, folder, folder / "mlflow.db", port, {"MLFLOW_DISABLE_TELEMETRY": "true"})


def _family(root: int) -> set[int]:
    """A process and its descendants."""
    children = defaultdict(list)
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            children[int(stat.read_text().rsplit(")", 1)[1].split()[1])].append(int(stat.parent.name))
        except OSError:
            continue
    found, left = set(), [root]
    while left:
        process = left.pop()
        found.add(process)
        left += children[process]
    return found


def _resident_mb(process: int) -> float:
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024
