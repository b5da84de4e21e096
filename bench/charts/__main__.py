"""Measures series and the pages that draw them, beside a real MLflow with the same runs.

    python -m bench.charts

50 runs of 2,000 points a key and one run of 1,000,000. Series over HTTP, medians; pages in headless Chromium, from
navigation to the first line that is drawn, each visit with an empty cache, by turns. Prints Markdown.
"""

import json
import math
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

from bench.charts import pages
from bench.mlflow import servers
from bench.mlflow.servers import SETTLE_SECONDS, Server
from bench.run import number
from tests.mlflow.environment import CURRENT, python_of

RUNS, STEPS, LONG = 50, 2000, 1_000_000
KEYS = ("val/loss", "train/loss", "accuracy")
BATCH = 1000
REPEATS = 7


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        homes = [Path(folder, name) for name in ("ours", "theirs")]
        for home in homes:
            home.mkdir()
        ours, theirs = servers.ours(homes[0]), servers.mlflow(python_of(CURRENT), homes[1], workers=1)
        try:
            for server in (ours, theirs):
                server.start()
            runs = {server.name: logged(server) for server in (ours, theirs)}
            time.sleep(SETTLE_SECONDS)
            print(series(ours, theirs, runs))
            print(pages.measure(ours, theirs, runs))
        finally:
            ours.stop()
            theirs.stop()


def logged(server: Server) -> dict[str, list[str] | str]:
    """Ids: `runs`, `long`, and that of the `experiment`."""
    rest = server.rest()
    experiment = rest.experiment("bench-charts")
    ids = [rest.run(experiment, run_name=f"bench-{place}")["run_id"] for place in range(RUNS)]
    for place, run_id in enumerate(ids):
        params = [{"key": f"param_{key}", "value": repr(0.1 * (place + 1) * (key + 1))} for key in range(10)]
        rest.post("runs/log-batch", run_id=run_id, params=params)
        for key in KEYS:
            points = [_point(key, step, _value(step, place)) for step in range(STEPS)]
            for start in range(0, STEPS, BATCH):
                rest.post("runs/log-batch", run_id=run_id, metrics=points[start : start + BATCH])
        rest.finish(run_id)
    long = rest.run(experiment, run_name="bench-long")["run_id"]
    if server.name == "Trackerweb":
        for start in range(0, LONG, BATCH):
            points = [_point("loss", step, _value(step, 1)) for step in range(start, start + BATCH)]
            rest.post("runs/log-batch", run_id=long, metrics=points)
    else:
        _insert(server.database, long)
    rest.finish(long)
    return {"runs": ids, "long": long, "experiment": experiment}


def _value(step: int, place: int) -> float:
    return 2 * math.exp(-step / (300 + 10 * place)) + 0.05 * math.sin(step * (place + 1))


def _point(key: str, step: int, value: float) -> dict[str, object]:
    return {"key": key, "value": value, "timestamp": 1_700_000_000_000 + step * 100, "step": step}


def _insert(database: Path, run_id: str) -> None:
    """A million points in MLflow's own table: over its protocol they take it two minutes."""
    rows = (("loss", _value(step, 1), 1_700_000_000_000 + step * 100, step, run_id) for step in range(LONG))
    statement = "INSERT INTO {} (key, value, timestamp, step, run_uuid, is_nan) VALUES (?, ?, ?, ?, ?, 0)"
    with sqlite3.connect(database, timeout=60) as target:
        target.executemany(statement.format("metrics"), rows)
        last = ("loss", _value(LONG - 1, 1), 1_700_000_000_000 + (LONG - 1) * 100, LONG - 1, run_id)
        target.execute(statement.format("latest_metrics"), last)


def series(ours: Server, theirs: Server, runs: dict[str, dict[str, list[str] | str]]) -> str:
    """How long series take, over HTTP."""
    lines = ["| series | Trackerweb, ms | MLflow, ms | ratio | asked, ms |", "|---|---:|---:|---:|---:|"]
    asked = [
        ("2,500 points of 1,000,000", "long", "loss", 2500, 60),
        (f"{RUNS} runs × one key × 2,000 points, one request", "runs", KEYS[0], 2000, 300),
    ]
    for name, which, key, points, limit in asked:
        mine, other = runs[ours.name][which], runs[theirs.name][which]
        own = median_ms(lambda run=mine, key=key, points=points: _own(ours, run, key, points))
        peer = median_ms(lambda run=other, key=key: _peer(theirs, run, key))
        lines.append(f"| {name} | {number(own)} | {number(peer)} | {peer / own:.0f} × | {limit} |")
    long = runs[ours.name]["long"]
    for window in _WINDOWS:
        count = _own(ours, long, "loss", 2500, **window)
        took = median_ms(lambda window=window: _own(ours, long, "loss", 2500, **window))
        wide = window["to"] - window["from"] + 1
        lines.append(f"| zoomed to {wide:,} of 1,000,000: {count:,} points | {number(took)} | | | |")
    return "\n".join(lines)


_WINDOWS = [{"from": 500_000, "to": 539_999}, {"from": 500_000, "to": 501_999}]


def _own(server: Server, runs: list[str] | str, key: str, points: int, **window: int) -> int:
    ids = [runs] if isinstance(runs, str) else runs
    query = urlencode({"run": ids, "key": key, "points": points, **window}, doseq=True)
    return len(json.loads(server.rest().send("GET", f"/api/v1/metrics/?{query}"))["series"][0]["values"])


def _peer(server: Server, runs: list[str] | str, key: str) -> None:
    ids = [runs] if isinstance(runs, str) else runs
    query = urlencode({"run_ids": ids, "metric_key": key, "max_results": 2500}, doseq=True)
    server.rest().send("GET", f"/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval?{query}")


def median_ms(ask: Callable[[], object]) -> float:
    """The median of some answers, after one to warm up."""
    ask()
    times = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        ask()
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1000


if __name__ == "__main__":
    main()
