"""Measures Trackerweb on this machine, beside raw sqlite3 and, where it is installed, a real MLflow server.

    make bench                                    ours beside raw sqlite3
    python -m bench.run --mlflow path/to/mlflow   and MLflow, in the same run

Prints one Markdown table. Each figure is the median of REPEATS; all three are measured by turns, so that a slow
moment of the machine meets all of them. Linux (memory is read from /proc).
"""

import argparse
import platform
import sqlite3
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import msgspec

from tests.server import HttpClient, RealServer, free_port

REPEATS = 3
BATCHES, BATCH = 40, 1000
SINGLE = 300
LONG = 1_000_000
RUNS = 1000
SETTLE_SECONDS = 20
NOON = 1_795_521_600_000

Figures = dict[str, float]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mlflow", help="the mlflow command of an environment that has MLflow")
    options = parser.parse_args()
    columns: dict[str, list[Figures]] = {"Trackerweb": [], "sqlite3 alone": [], "MLflow": []}
    for _ in range(REPEATS):
        columns["Trackerweb"].append(measure_trackerweb())
        columns["sqlite3 alone"].append(measure_sqlite())
        if options.mlflow:
            columns["MLflow"].append(measure_mlflow(options.mlflow))
    columns["Trackerweb"].append(measure_size())
    print(table({name: medians(runs) for name, runs in columns.items() if runs}))


def medians(runs: list[Figures]) -> Figures:
    """The median of each figure that was measured."""
    names = dict.fromkeys(name for run in runs for name in run)
    return {name: statistics.median(run[name] for run in runs if name in run) for name in names}


def columns_of(first: int, count: int) -> dict[str, list[int] | list[float]]:
    """`count` points from step `first` on, one a second, as the native API takes them."""
    steps = list(range(first, first + count))
    times = [NOON + 1000 * step for step in steps]
    return {"steps": steps, "timestamps": times, "values": [1 / (step + 1.5) for step in steps]}


def seconds(work: Callable[[], object]) -> float:
    """How long a call takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


@contextmanager
def trackerweb() -> Iterator[tuple[RealServer, float]]:
    """A server on an empty folder, and the seconds from its start to its first answer."""
    with tempfile.TemporaryDirectory() as home:
        RealServer(Path(home)).start().stop()
        server = RealServer(Path(home))
        took = seconds(server.start)
        try:
            yield server, took
        finally:
            server.stop()


def measure_trackerweb() -> Figures:
    """Start, memory and writing."""
    with trackerweb() as (server, took):
        figures = {"start to first answer, s": took, "resident memory idle, MB": resident_mb(server.pid)}
        client = server.client()
        client.put("/api/v1/runs/bench/")
        path = "/api/v1/runs/bench/log/"
        for size in (BATCH, 10 * BATCH):
            bodies = [
                msgspec.json.encode({"metrics": {f"of {size}": columns_of(place * size, size)}})
                for place in range(BATCHES * BATCH // size)
            ]
            took = seconds(lambda bodies=bodies: post_all(client, path, bodies))
            figures[f"batches of {size:,}: points/s"] = BATCHES * BATCH / took
        bodies = [msgspec.json.encode({"metrics": {"one": columns_of(place, 1)}}) for place in range(SINGLE)]
        figures["one point a request: requests/s"] = SINGLE / seconds(lambda: post_all(client, path, bodies))
        figures["create a run with 10 params and finish it: runs/s"] = 50 / seconds(lambda: make_runs(client, 50))
        figures["resident memory after that, MB"] = resident_mb(server.pid)
    return figures


def post_all(client: HttpClient, path: str, bodies: list[bytes]) -> None:
    """Send bodies that were encoded beforehand, over one connection."""
    for body in bodies:
        answer = client.post(path, body)
        assert answer.status == 200, answer


def make_runs(client: HttpClient, count: int) -> None:
    """Three requests a run, as a script makes them."""
    for place in range(count):
        params = {f"p{number}": str(number) for number in range(10)}
        client.put(f"/api/v1/runs/made-{place}/", {"params": params})
        client.post(f"/api/v1/runs/made-{place}/log/", {"status": "FINISHED"})


def measure_size() -> Figures:
    """What only needs doing once: bytes on disk, and reading what is large."""
    figures = {}
    with trackerweb() as (server, _):
        client = server.client()
        client.put("/api/v1/runs/long/")
        before = bytes_used(server)
        for first in range(0, LONG, 50_000):
            client.post("/api/v1/runs/long/log/", {"metrics": {"loss": columns_of(first, 50_000)}})
        figures["database bytes a point"] = (bytes_used(server) - before) / LONG
        figures["chart of 2,500 points from 1,000,000, ms"] = fastest_ms(
            client, "/api/v1/metrics/?run=long&key=loss&points=2500"
        )
        before = bytes_used(server)
        seed_runs(client, RUNS)
        figures["database bytes a run (10 params, 5 metrics, 5 tags)"] = (bytes_used(server) - before) / RUNS
        figures[f"run table of {RUNS:,} runs, server ms"] = fastest_ms(client, "/experiments/1/")
        figures["search by metric and param, sorted by a metric, ms"] = fastest_ms(
            client,
            "/api/v1/runs/?experiment=1&filter=metrics.m1%20%3E%200.9%20AND%20params.p1%20%3D%20'3'&order_by=metrics.m2",
        )
    return figures


def seed_runs(client: HttpClient, count: int) -> None:
    """Runs that differ in everything, each with 10 params, 5 tags and 5 metrics of one point."""
    for place in range(count):
        path = f"/api/v1/runs/seed-{place}/"
        params = {f"p{key}": str(place * (key + 7) % (10 if key == 1 else 1000)) for key in range(10)}
        tags = {f"t{key}": f"value-{place * (key + 3) % 100}" for key in range(5)}
        metrics = {f"m{key}": {"values": [place * (key + 11) % 997 / 997]} for key in range(5)}
        client.put(path, {"experiment": "bench", "params": params, "tags": tags})
        client.post(f"{path}log/", {"metrics": metrics, "status": "FINISHED"})


def fastest_ms(client: HttpClient, path: str) -> float:
    """The median of nine answers, after one to warm up."""
    client.get(path)
    return statistics.median(seconds(lambda: client.get(path)) * 1000 for _ in range(9))


def bytes_used(server: RealServer) -> int:
    """Bytes in use in the database, what waits in its log included."""
    with sqlite3.connect(server.home / "tracker.sqlite3") as database:
        names = ("page_count", "freelist_count", "page_size")
        pages, free, size = (database.execute(f"PRAGMA {name}").fetchone()[0] for name in names)
    return (pages - free) * size


def resident_mb(pid: int) -> float:
    """Resident memory of one process."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024


def measure_sqlite() -> Figures:
    """The limit: the same points into a table of the same shape, in this process, with nothing around it."""
    with tempfile.TemporaryDirectory() as folder, sqlite3.connect(Path(folder, "raw.sqlite3")) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=NORMAL")
        database.execute(
            "CREATE TABLE point (series INTEGER, step INTEGER, timestamp INTEGER, value REAL, is_nan INTEGER, "
            "PRIMARY KEY (series, step, timestamp, value, is_nan)) WITHOUT ROWID"
        )
        return {
            f"batches of {size:,}: points/s": BATCHES * BATCH / seconds(lambda size=size: insert_raw(database, size))
            for size in (BATCH, 10 * BATCH)
        }


def insert_raw(database: sqlite3.Connection, size: int) -> None:
    """Transactions of `size` rows."""
    for place in range(BATCHES * BATCH // size):
        columns = columns_of(place * size, size)
        rows = zip([size] * size, columns["steps"], columns["timestamps"], columns["values"], [0] * size, strict=True)
        with database:
            database.executemany("INSERT INTO point VALUES (?, ?, ?, ?, ?)", rows)


def measure_mlflow(command: str) -> Figures:
    """MLflow's own server with one worker, its faster setting for one client, on its own protocol."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        began = time.perf_counter()
        process = subprocess.Popen(
            [command, "server", "--workers", "1", "--port", str(port), "--backend-store-uri", "sqlite:///mlflow.db"],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            wait_for(f"http://127.0.0.1:{port}")
            figures = {"start to first answer, s": time.perf_counter() - began}
            # It answers while its other nine processes are still starting, and would be measured at its worst.
            time.sleep(SETTLE_SECONDS)
            return figures | log_to_mlflow(HttpClient(f"http://127.0.0.1:{port}"))
        finally:
            process.terminate()
            process.wait()


def wait_for(url: str) -> HttpClient:
    """A connection to a server that has begun to answer."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            client = HttpClient(url)
            if client.get("/health").status == 200:
                return client
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"{url} does not answer")


def log_to_mlflow(client: HttpClient) -> Figures:
    """log-batch of 1,000 points, log-metric, and runs with params."""
    api = "/api/2.0/mlflow/runs"
    run_id = client.post(f"{api}/create", {"experiment_id": "0", "start_time": NOON}).body["run"]["info"]["run_id"]
    bodies = []
    for place in range(11):
        columns = columns_of(place * BATCH, BATCH)
        rows = zip(columns["steps"], columns["timestamps"], columns["values"], strict=True)
        points = [
            {"key": f"loss {step % 10}", "step": step, "timestamp": when, "value": value} for step, when, value in rows
        ]
        bodies.append(msgspec.json.encode({"run_id": run_id, "metrics": points}))
    post_all(client, f"{api}/log-batch", bodies[:1])
    took = seconds(lambda: post_all(client, f"{api}/log-batch", bodies[1:]))
    singles = [
        msgspec.json.encode({"run_id": run_id, "key": "one", "value": 0.5, "timestamp": NOON, "step": step})
        for step in range(100)
    ]
    return {
        f"batches of {BATCH:,}: points/s": 10 * BATCH / took,
        "one point a request: requests/s": 100 / seconds(lambda: post_all(client, f"{api}/log-metric", singles)),
        "create a run with 10 params and finish it: runs/s": 10 / seconds(lambda: make_mlflow_runs(client, 10)),
    }


def make_mlflow_runs(client: HttpClient, count: int) -> None:
    """Three requests a run, as MLflow's client makes them."""
    api = "/api/2.0/mlflow/runs"
    for _ in range(count):
        made = client.post(f"{api}/create", {"experiment_id": "0", "start_time": NOON}).body
        run_id = made["run"]["info"]["run_id"]
        params = [{"key": f"p{number}", "value": str(number)} for number in range(10)]
        client.post(f"{api}/log-batch", {"run_id": run_id, "params": params})
        client.post(f"{api}/update", {"run_id": run_id, "status": "FINISHED", "end_time": NOON})


def table(columns: dict[str, Figures]) -> str:
    """Markdown: a row a figure; ratios are ours over theirs."""
    ours = columns["Trackerweb"]
    peers = [name for name in columns if name != "Trackerweb"]
    head = ["figure", *columns, *(f"ours / {name}" for name in peers)]
    lines = [
        f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        f"Django {version('django')}, {platform.machine()}, medians of {REPEATS}",
        "",
        f"| {' | '.join(head)} |",
        f"|---|{'---:|' * (len(head) - 1)}",
    ]
    for name, value in ours.items():
        theirs = [columns[peer].get(name) for peer in peers]
        cells = [number(value), *map(number, theirs), *(ratio(value, other) for other in theirs)]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def number(value: float | None) -> str:
    """Three digits or so."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def ratio(value: float, other: float | None) -> str:
    """How many times."""
    return "–" if other is None else f"{value / other:.2g}"


if __name__ == "__main__":
    main()
