"""What a server counts, as Prometheus reads it. Workers count in files of a folder that all of them share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tracker.serving.answers import Answer

KIND = "text/plain; version=0.0.4; charset=utf-8"
#: Upper bounds of the histogram's buckets, in seconds.
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class Metrics:
    """The counters of one worker; `text` tells those of all."""

    def __init__(self, folder: Path) -> None:
        # Read when the library is imported, which then counts in files.
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
        from prometheus_client import Counter, Gauge, Histogram

        self._statuses = Counter("tracker_serving_requests", "Requests for predictions, by status.", ["status"])
        self._seconds = Histogram("tracker_serving_request_seconds", "Time from body to answer.", buckets=BUCKETS)
        self._rows = Counter("tracker_serving_rows", "Rows that were predicted.")
        self._in_flight = Gauge(
            "tracker_serving_in_flight", "Requests that are being predicted or wait.", multiprocess_mode="livesum"
        )
        self._load = Gauge(
            "tracker_serving_load_seconds",
            "Time to load the model, of the slowest worker.",
            multiprocess_mode="livemax",
        )

    def note_load(self, seconds: float) -> None:
        """Say how long the model took to load."""
        self._load.set(seconds)

    def note(self, answer: Answer, seconds: float) -> None:
        """Count an answer."""
        self._statuses.labels(answer.status).inc()
        self._seconds.observe(seconds)
        if answer.rows:
            self._rows.inc(answer.rows)

    @contextmanager
    def one_in_flight(self) -> Iterator[None]:
        """Counts a request while it is answered."""
        self._in_flight.inc()
        try:
            yield
        finally:
            self._in_flight.dec()


def text() -> bytes:
    """All figures of all workers."""
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.multiprocess import MultiProcessCollector

    folder = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
    workers = _workers(folder)
    _forget_others(folder, {worker.pid for worker in workers})
    registry = CollectorRegistry()
    MultiProcessCollector(registry)
    return bytes(generate_latest(registry)) + _memory(workers)


def _workers(folder: Path) -> list[Any]:
    """The worker processes that live: children of the process that started this one, which count."""
    import psutil

    counting = {file.stem.rpartition("_")[2] for file in folder.glob("*.db")}
    return [child for child in psutil.Process(os.getppid()).children() if str(child.pid) in counting]


def _forget_others(folder: Path, living: set[int]) -> None:
    """What a worker that was killed had in flight is no more; what it counted stays."""
    for file in folder.glob("gauge_live*.db"):
        if int(file.stem.rpartition("_")[2]) not in living:
            file.unlink(missing_ok=True)


def _memory(workers: list[Any]) -> bytes:
    import psutil

    lines = ["# HELP tracker_serving_memory_bytes Resident memory.", "# TYPE tracker_serving_memory_bytes gauge"]
    for worker in workers:
        with suppress(psutil.NoSuchProcess):
            lines.append(f'tracker_serving_memory_bytes{{pid="{worker.pid}"}} {worker.memory_info().rss}')
    return "\n".join([*lines, ""]).encode()
