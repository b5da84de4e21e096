"""Measures the scoring server beside MLflow's, with the same models and the same client.

    python -m bench.serving

One row a request over kept connections, 1 and 8 of them, by turns between the servers; medians of all turns. Prints
Markdown. The columns of `typed` and `mixed` are checked by a signature.
"""

import json
import os
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench.mlflow.servers import Server
from bench.run import number
from tests.mlflow.environment import CURRENT, python_of
from tests.server import ROOT, free_port

CONNECTIONS = (1, 8)
TURNS, SECONDS, WARM_UP = 5, 2.0, 200
COLUMNS = [f"x{place}" for place in range(10)]


class ModelServer(Server):
    """A scoring server."""

    def _answers(self) -> bool:
        try:
            return self.rest().send("GET", "/ping") == b"\n"
        except (OSError, RuntimeError):
            return False


def main() -> None:
    """Measure and print."""
    python = python_of(CURRENT)
    print("| model | figure | Trackerweb | MLflow | ratio |\n|---|---|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        for name, (save, body) in MODELS.items():
            place = Path(folder, str(len(list(Path(folder).iterdir()))))
            save(place)
            both = [ours(place), theirs(place, python)]
            try:
                measure(both, json.dumps(body).encode())
            finally:
                for server in both:
                    server.stop()
            for line in lines(name, *both):
                print(line, flush=True)


def ours(model: Path) -> ModelServer:
    """`tracker models serve`."""
    port = free_port()
    command = [sys.executable, "-m", "tracker", "models", "serve", "-m", str(model), "-p", str(port), "--allow-pickle"]
    home = _home(model, "ours")
    return ModelServer("Trackerweb", command, home, home, port, {"PYTHONPATH": str(ROOT)})


def theirs(model: Path, python: Path) -> ModelServer:
    """`mlflow models serve`, which finds uvicorn on the path."""
    port = free_port()
    command = [
        str(python),
        "-m",
        "mlflow",
        "models",
        "serve",
        "-m",
        str(model),
        "-p",
        str(port),
        "--env-manager",
        "local",
    ]
    home = _home(model, "theirs")
    environment = {"PATH": f"{python.parent}:{os.environ['PATH']}", "MLFLOW_DISABLE_TELEMETRY": "true"}
    return ModelServer("MLflow", command, home, home, port, environment)


def _home(model: Path, whose: str) -> Path:
    home = model.with_name(f"{model.name}-{whose}")
    home.mkdir()
    return home


def measure(servers: list[ModelServer], body: bytes) -> None:
    """Start them, and ask them by turns."""
    for server in servers:
        server.start()
    for server in servers:
        Client(server.port, body).ask(WARM_UP)
    for _ in range(TURNS):
        for connections in CONNECTIONS:
            for server in servers:
                _note(server, connections, body)
    for server in servers:
        server.note_memory("after the load")


def _note(server: ModelServer, connections: int, body: bytes) -> None:
    clients = [Client(server.port, body) for _ in range(connections)]
    threads = [threading.Thread(target=client.ask_for, args=(SECONDS,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    times = sorted(seconds for client in clients for seconds in client.times)
    server.note(f"requests/s, {connections}", len(times) / SECONDS)
    server.note(f"p50 ms, {connections}", times[len(times) // 2] * 1000)
    server.note(f"p99 ms, {connections}", times[int(len(times) * 0.99)] * 1000)


class Client:
    """One kept connection that sends the same request, of which the bytes were made beforehand."""

    def __init__(self, port: int, body: bytes) -> None:
        head = "POST /invocations HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        self._request = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
        self._line = socket.create_connection(("127.0.0.1", port))
        self._line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.times: list[float] = []

    def ask_for(self, seconds: float) -> None:
        """Ask for some time, and note how long each answer took."""
        end = time.perf_counter() + seconds
        while (began := time.perf_counter()) < end:
            self.ask(1)
            self.times.append(time.perf_counter() - began)

    def ask(self, count: int) -> None:
        """Ask so often."""
        for _ in range(count):
            self._line.sendall(self._request)
            answer = b""
            while b"]}" not in answer:
                answer += self._line.recv(65536)
            if not answer.startswith(b"HTTP/1.1 200"):
                raise SystemExit(answer.decode())


def lines(model: str, mine: ModelServer, other: ModelServer) -> Iterator[str]:
    """Rows of the table: each figure as better, where more or less is."""
    figures = ["start to first answer, s", "resident memory after the load, MB"]
    for connections in CONNECTIONS:
        figures += [f"{figure}, {connections}" for figure in ("requests/s", "p50 ms", "p99 ms")]
    for figure in figures:
        own, peer = (statistics.median(server.figures[figure]) for server in (mine, other))
        times = own / peer if figure.startswith("requests") else peer / own
        said = figure.replace(", 1", ", 1 connection").replace(", 8", ", 8 connections")
        yield f"| {model} | {said} | {number(own)} | {number(peer)} | {times:.1f} × |"


def _fitted(estimator: Any) -> tuple[Any, Any]:
    import numpy as np
    import pandas as pd

    values = np.random.default_rng(0).normal(size=(500, len(COLUMNS)))
    frame = pd.DataFrame(values, columns=COLUMNS)
    return estimator.fit(frame, values[:, 0] + values[:, 1] > 0), frame


def _save_typed(place: Path) -> None:
    """A logistic regression of ten doubles."""
    from sklearn.linear_model import LogisticRegression

    _save(*_fitted(LogisticRegression()), place)


def _save_mixed(place: Path) -> None:
    """A pipeline that looks at its columns by name."""
    from sklearn.compose import make_column_transformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    scaled = make_column_transformer((StandardScaler(), COLUMNS[:5]), ("passthrough", COLUMNS[5:]))
    _save(*_fitted(make_pipeline(scaled, LogisticRegression())), place)


def _save_forest(place: Path) -> None:
    """A forest of 100 trees."""
    from sklearn.ensemble import RandomForestClassifier

    _save(*_fitted(RandomForestClassifier(100, random_state=0)), place)


def _save(fitted: Any, frame: Any, place: Path) -> None:
    from tracker import models

    options = {"serialization_format": "pickle", "requirements": ["scikit-learn"]}
    models.save_model(fitted, place, input_example=frame[:2], **options)


ROW = {"dataframe_split": {"columns": COLUMNS, "data": [[place / 7 for place in range(len(COLUMNS))]]}}
INPUTS = {"inputs": {name: [place / 7] for place, name in enumerate(COLUMNS)}}
MODELS: dict[str, tuple[Callable[[Path], None], dict[str, Any]]] = {
    "logistic regression, `dataframe_split`": (_save_typed, ROW),
    "logistic regression, `inputs`": (_save_typed, INPUTS),
    "column transformer and regression, `dataframe_split`": (_save_mixed, ROW),
    "forest of 100 trees, `dataframe_split`": (_save_forest, ROW),
}


if __name__ == "__main__":
    main()
