"""Measures cleaning up at scale: pages of the admin, the trash and disk use over 100,000 runs, and a purge of half.

    python -m bench.clean_up

Prints a Markdown table. Rows are made by plain SQL, past the write path: 5 params, 2 tags and 3 metrics of 10 points a
run, a file for each tenth, every other run in the trash.
"""

import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from bench.run import NOON, seconds
from tests.server import ROOT, RealServer

RUNS = 100_000
REPEATS = 5
PAGES = [
    "/admin/runs/run/",
    "/admin/runs/run/?o=-9",
    "/admin/runs/run/?q=run-99",
    "/admin/runs/run/?size=small&stage=deleted",
    "/admin/runs/run/?p=500",
    "/admin/runs/param/",
    "/admin/runs/param/?q=p1",
    "/admin/runs/metric/?q=m1",
    "/admin/runs/artifact/",
    "/admin/experiments/experiment/",
    "/trash/",
    "/trash/purge/?older_than=0",
    "/disk/",
]

_RUN = """
    INSERT INTO runs_run (id, run_id, experiment_id, name, status, start_time, end_time, heartbeat_time, user,
        source_name, source_type, entry_point, git_commit, lifecycle_stage, deleted_time, note, point_count,
        artifact_bytes)
    VALUES (?, ?, ?, ?, 'FINISHED', ?, ?, ?, '', '', '', '', '', ?, ?, '', 30, ?)
"""
_METRIC = """
    INSERT INTO runs_metric (id, run_id, key, last, last_step, last_time, min, min_step, max, max_step, mean, count,
        nan_count)
    VALUES (?, ?, ?, 0.9, 9, ?, 0.0, 0, 0.9, 9, 0.45, 10, 0)
"""


def main() -> None:
    """Seed, measure, print."""
    with tempfile.TemporaryDirectory() as home:
        server = RealServer(Path(home)).start()
        server.stop()
        with sqlite3.connect(Path(home) / "tracker.sqlite3") as database:
            seed(database)
        server.start()
        print(f"| page over {RUNS:,} runs | ms |\n|---|---:|")
        for page in PAGES:
            print(f"| `{page}` | {1000 * page_seconds(server, page):.0f} |")
        print(f"| purge of {RUNS // 2:,} runs beside the server, s | {purge_seconds(server):.0f} |")
        server.stop()


def seed(database: sqlite3.Connection) -> None:
    """Fill a migrated database."""
    database.executemany(
        "INSERT INTO experiments_experiment VALUES (?, ?, '', '', 'active', ?, ?, NULL, '', '')",
        [(number, f"experiment-{number}", NOON, NOON) for number in range(1, 21)],
    )
    database.executemany(_RUN, map(run_row, range(1, RUNS + 1)))
    database.executemany("INSERT INTO runs_param (run_id, key, value, number) VALUES (?, ?, ?, ?)", params())
    database.executemany("INSERT INTO runs_tag (run_id, key, value) VALUES (?, ?, 'x')", tags())
    database.executemany(_METRIC, metrics())
    database.executemany("INSERT INTO runs_metricpoint VALUES (?, ?, ?, ?, 0)", points())
    database.executemany(
        "INSERT INTO runs_blob VALUES (?, ?, 1000, ?)", [(blob, f"{blob:064x}", NOON) for blob in range(1, 5001)]
    )
    database.executemany(
        "INSERT INTO runs_artifact (run_id, path, blob_id, media_type, creation_time) "
        "VALUES (?, 'a.txt', ?, 'text/plain', ?)",
        [(run, 1 + run % 5000, NOON) for run in range(10, RUNS + 1, 10)],
    )
    database.execute("ANALYZE")


def run_row(number: int) -> tuple[object, ...]:
    """A run; even ones are in the trash."""
    stage, gone = ("deleted", NOON + number) if number % 2 == 0 else ("active", None)
    times = (NOON + number, NOON + number + 1000, NOON + number + 1000)
    size = 1000 if number % 10 == 0 else 0
    return (number, f"{number:032x}", 1 + number % 20, f"run-{number}", *times, stage, gone, size)


def params() -> Iterator[tuple[object, ...]]:
    """Five a run."""
    return ((run, f"p{key}", str(run % 97), run % 97) for run in range(1, RUNS + 1) for key in range(5))


def tags() -> Iterator[tuple[object, ...]]:
    """Two a run."""
    return ((run, f"t{key}") for run in range(1, RUNS + 1) for key in range(2))


def metrics() -> Iterator[tuple[object, ...]]:
    """Three a run."""
    return ((run * 3 + key, run, f"m{key}", NOON) for run in range(1, RUNS + 1) for key in range(3))


def points() -> Iterator[tuple[object, ...]]:
    """Ten a metric."""
    return ((series, step, NOON + step, step / 10) for series in range(3, RUNS * 3 + 3) for step in range(10))


def page_seconds(server: RealServer, page: str) -> float:
    """The median time to a page's last byte, over one kept connection."""
    client = server.client()
    client.get(page)
    return median(seconds(lambda: client.get(page)) for _ in range(REPEATS))


def purge_seconds(server: RealServer) -> float:
    """How long `manage.py purge` takes for all of the trash."""
    began = time.perf_counter()
    command = [sys.executable, "manage.py", "purge", "--older-than", "0d"]
    environment = os.environ | {"TRACKER_HOME": str(server.home)}
    subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
