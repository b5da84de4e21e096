"""Measures Trackerweb beside a real MLflow server, by turns, and prints one Markdown table.

    make bench-mlflow
    python -m bench.mlflow --runs 1000,10000 --points 100000

Each figure is the median of REPEATS; the servers take turns, so that a slow moment of the machine meets all of them.
Ratios are against the better of MLflow's two settings. Linux (memory is read from /proc).
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.mlflow import servers, workloads
from bench.mlflow.servers import SETTLE_SECONDS, Server
from bench.run import number
from tests.mlflow.environment import CURRENT, python_of

REPEATS = 3
#: What the ratios have to be (more is better, or less where the figure is time, memory or bytes), by the figure's name.
TARGETS = {
    "start to first answer, s": 8,
    "resident memory idle, MB": 20,
    "resident memory after the load, MB": 10,
    "log-metric, 1 client: requests/s": 9,
    "log-metric, 8 clients: requests/s": 9,
    "log-batch of 1,000, 1 client: points/s": 15,
    "log-batch of 1,000, 4 clients: points/s": 15,
    "create run, 10 params, finish, 1 client: runs/s": 8,
    "create run, 10 params, finish, 8 clients: runs/s": 8,
    "file of 100 MB, up: MB/s": 1,
    "file of 100 MB, down: MB/s": 3,
    "files of 1 kB, up: files/s": 2,
    "files of 1 kB, down: files/s": 4,
    "database bytes a point": 7,
    "database bytes a run (10 params, 5 metrics, 5 tags)": 2.3,
}
#: The same of figures whose names hold a size.
TARGETS_BY_BEGINNING = {"search ": 6, "get-history ": 10, "chart ": 60}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", type=Path, help="a Python that has MLflow; that of make test-mlflow by default")
    parser.add_argument("--runs", type=_numbers, default=[1000, 10_000], help="how many runs are searched")
    parser.add_argument("--points", type=_numbers, default=[100_000], help="how many points a series has")
    options = parser.parse_args()
    python = options.python or python_of(CURRENT)
    with tempfile.TemporaryDirectory() as folder:
        places = [Path(folder, name) for name in ("ours", "one", "default")]
        for place in places:
            place.mkdir()
        measured = [
            servers.ours(places[0]),
            servers.mlflow(python, places[1], workers=1),
            servers.mlflow(python, places[2], workers=None),
        ]
        try:
            measure(measured, options.runs, options.points)
        finally:
            for server in measured:
                server.stop()
    print(table(measured))


def measure(measured: list[Server], runs: list[int], points: list[int]) -> None:
    """Everything, by turns."""
    for _ in range(REPEATS):
        in_turn(measured, "start", lambda server: (server.stop(), server.start()))
    time.sleep(SETTLE_SECONDS)
    in_turn(measured, "memory", lambda server: server.note_memory("idle"))
    for work in (workloads.single_points, workloads.batches, workloads.whole_runs, workloads.files):
        for turn in range(REPEATS):
            in_turn(measured[:: -1 if turn % 2 else 1], work.__name__, work)
    for size in points:
        in_turn(measured, f"{size} points", lambda server, size=size: _read_series(server, size))
    for size in runs:
        in_turn(measured, f"{size} runs", lambda server, size=size: _search_runs(server, size))
    in_turn(measured, "memory", lambda server: server.note_memory("after the load"))


def _read_series(server: Server, size: int) -> None:
    workloads.histories(server, workloads.seed_series(server, size), size)


def _search_runs(server: Server, size: int) -> None:
    workloads.search(server, workloads.seed_runs(server, size), size)


def in_turn(measured: list[Server], what: str, work: Callable[[Server], object]) -> None:
    """Let one server after the other do it."""
    for server in measured:
        print(f"{time.strftime('%H:%M:%S')} {what}: {server.name}", file=sys.stderr)
        work(server)


def table(measured: list[Server]) -> str:
    """Markdown: a row a figure, and how many times better ours is than the better of the others."""
    names = dict.fromkeys(name for server in measured for name in server.figures)
    lines = [
        f"| figure | {' | '.join(server.name for server in measured)} | better by | asked |",
        f"|---|{'---:|' * (len(measured) + 2)}",
    ]
    for name in names:
        ours, *theirs = (server.median(name) for server in measured)
        cells = [number(ours), *map(number, theirs), f"{better_by(name, ours, theirs):.2g} ×", asked(name)]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def better_by(name: str, ours: float | None, theirs: list[float | None]) -> float:
    """How many times better ours is."""
    known = [value for value in theirs if value]
    if not ours or not known:
        return float("nan")
    return ours / max(known) if name.endswith("/s") else min(known) / ours


def asked(name: str) -> str:
    """What was asked of a figure."""
    found = [ratio for beginning, ratio in TARGETS_BY_BEGINNING.items() if name.startswith(beginning)]
    ratio = TARGETS.get(name, *found) if found or name in TARGETS else None
    return "–" if ratio is None else f"{ratio} ×"


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


if __name__ == "__main__":
    main()
