"""Measures what logging costs a training loop: our client beside those of others, in one run. Prints a Markdown table.

    make bench-client

Ours logs to `manage.py runserver`, MLflow's to `mlflow server` with one worker, both on this machine; trackio and
TensorBoard write files. They take turns, REPEATS times; a figure is the median. MLflow's synchronous client makes fewer
steps, for it waits some milliseconds for each.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from bench.mlflow import servers
from bench.run import number
from tests.mlflow.environment import python_of
from tests.server import ROOT

REPEATS = 3
STEPS = {"tracker": 10_000, "trackio": 10_000, "tensorboard": 10_000, "mlflow-async": 2000, "mlflow": 200}
PEERS = Path(__file__).parent / "requirements-peers.txt"
LOOPS = Path(__file__).parent / "loops.py"
#: A loop that counts to a number, some milliseconds; how much longer does it take while points are sent beside it?
BUSY = """
import os, sys, time
def work():
    total = 0
    for number in range(40_000):
        total += number * number
    return total
def seconds(log):
    begun = time.perf_counter()
    for step in range(1000):
        work()
        log(step)
    return time.perf_counter() - begun
alone = seconds(lambda step: None)
import tracker
with tracker.start_run(experiment="bench") as run:
    beside = seconds(lambda step: run.log({"loss": 1.0, "acc": 0.5}, step=step))
alone = min(alone, seconds(lambda step: None))
print(100 * (beside / alone - 1))
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", type=Path, help="a Python that has the peers; one is made by default")
    peers = parser.parse_args().python or python_of(PEERS)
    with tempfile.TemporaryDirectory() as folder:
        places = [Path(folder, name) for name in ("ours", "theirs")]
        for place in places:
            place.mkdir()
        ours, theirs = servers.ours(places[0]), servers.mlflow(peers, places[1], workers=1)
        for server in (ours, theirs):
            server.start()
        try:
            figures = measure(peers, ours.url, theirs.url, Path(folder))
            slowdown = statistics.median(slowed(ours.url, Path(folder)) for _ in range(REPEATS))
        finally:
            for server in (ours, theirs):
                server.stop()
    print(table(figures))
    print(f"\nA loop of some 3 ms a step that logs two metrics a step takes {slowdown:.1f} % longer with our client.")


def measure(peers: Path, ours: str, theirs: str, folder: Path) -> dict[str, dict[str, float]]:
    """The figures of each client, by its name."""
    told: dict[str, dict[str, list[float]]] = {name: defaultdict(list) for name in STEPS}
    for turn in range(REPEATS):
        for name, steps in STEPS.items():
            python = Path(sys.executable) if name == "tracker" else peers
            place = folder / f"{name}-{turn}"
            place.mkdir()
            uri = ours if name == "tracker" else theirs
            for figure, value in run(python, str(LOOPS), name, str(place), uri, str(steps)).items():
                told[name][figure].append(value)
    return {name: {figure: statistics.median(values) for figure, values in one.items()} for name, one in told.items()}


def run(python: Path, *words: str) -> dict[str, float]:
    """The last line that a script prints, which is JSON."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([python, *words], env=environment, capture_output=True, text=True, timeout=600)
    if done.returncode:
        raise SystemExit(f"{' '.join(words)} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def slowed(uri: str, folder: Path) -> float:
    """How much longer a busy loop takes while it logs, in percent."""
    environment = os.environ | {
        "PYTHONPATH": str(ROOT), "TRACKER_URI": uri, "TRACKER_JOURNAL": str(folder / "busy"), "TRACKER_QUIET": "1",
    }  # fmt: skip
    done = subprocess.run([sys.executable, "-c", BUSY], env=environment, capture_output=True, text=True, check=True)
    return float(done.stdout)


def table(figures: dict[str, dict[str, float]]) -> str:
    """Markdown: a row a figure, a column a client."""
    names = list(figures)
    lines = [f"| figure | {' | '.join(names)} |", f"|---|{'---:|' * len(names)}"]
    for figure in figures[names[0]]:
        lines.append(f"| {figure} | {' | '.join(number(figures[name][figure]) for name in names)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
