"""Measures searches and the run table by the number of runs, beside a real MLflow with the same runs.

    python -m bench.tables                    # 1,000, 10,000 and 100,000 runs; MLflow 1,000, 10,000 and 50,000
    python -m bench.tables --sizes 1000 --theirs 1000

Runs have 20 params, 10 metrics and 5 tags (`manage.py seed_runs`); MLflow's database is filled with a copy of them.
Searches go over MLflow's protocol to both, 100 runs a page; the rest is asked of ours alone. Medians. Prints Markdown.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from bench.mlflow import servers
from bench.mlflow.rest import Rest
from bench.mlflow.servers import SETTLE_SECONDS, Server
from bench.run import number
from bench.tables import pages
from bench.tables.copying import copy_runs
from tests.mlflow.environment import CURRENT, python_of
from tests.server import ROOT

REPEATS = 9
NEWEST = "attributes.start_time DESC"
LOSS, ACCURACY = "metrics.`val/loss`", "metrics.`val/accuracy`"
#: What both are asked: (name, filter, order).
SEARCHES = [
    ("newest", "", NEWEST),
    ("metric and param, sorted by a metric", f"{ACCURACY} > 0.9 AND params.lr = '0.1'", f"{LOSS} ASC"),
    ("LIKE on a param", "params.model LIKE '%34%'", NEWEST),
]
#: What ours alone is asked: (name, filter, order). A few runs are below LOW, the same number whatever the size.
FEW = 25
OWN_SEARCHES = [
    (f"selective: a metric, {FEW} runs", f"{LOSS} < LOW", NEWEST),
    ("selective: a metric and a param, some 4 runs", f"{LOSS} < LOW AND params.lr = '0.1'", NEWEST),
    ("selective: a metric, a tag and OR", f"{LOSS} < LOW AND (tags.team = 'vision' OR status = 'FAILED')", NEWEST),
    (
        "0.3 % of the runs: a metric and two params",
        f"{ACCURACY} > 0.98 AND params.lr = '0.1' AND params.model = 'mlp'",
        NEWEST,
    ),
    ("selective: a key that nobody has", "has(metrics.nothing)", NEWEST),
    ("scan: OR of two metrics", f"{LOSS} < 0.2 OR {ACCURACY} > 0.9", NEWEST),
    ("scan: number of a param", "params.lr < 0.01", NEWEST),
    ("scan: lowest value of a metric", f"min({LOSS}) < 0.02", NEWEST),
    ("scan: regular expression on names", "run_name ~ 's3-1'", NEWEST),
    ("scan: regular expression on a param", "params.model ~ '^resnet'", NEWEST),
    ("scan: NOT and duration", "NOT (status = 'FAILED' OR duration > 45min)", NEWEST),
    ("scan: a word anywhere", "resnet34", NEWEST),
    ("sorted by a metric", "", f"{LOSS} DESC"),
    ("sorted by a param", "", "params.option_3 ASC"),
    ("sorted by duration", "", "duration DESC"),
]
PAGES = [
    ("page: newest", ""),
    ("page: sorted by a metric", f"?sort={quote(LOSS)}"),
    ("page: filter by a metric", f"?q={quote(f'{LOSS} < 0.0105')}"),
    ("page: grouped by a param", "?group=params.lr"),
    ("page: grouped by a param, median", "?group=params.lr&spread=median"),
    ("page: group seeds, sorted by a metric", f"?group=seeds&sort={quote(LOSS)}"),
    ("page: its rows alone", "rows/"),
]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="*", default=[1000, 10_000, 100_000])
    parser.add_argument("--theirs", type=int, nargs="*", default=[1000, 10_000, 50_000])
    parser.add_argument(
        "--browser", type=int, default=10_000, help="runs of the tables that a browser opens; 0 for none"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sizes = sorted({*options.sizes, *options.theirs, *([options.browser] if options.browser else [])})
        homes = {size: seeded(Path(folder, f"ours-{size}"), size) for size in sizes}
        theirs = mlflow_with(Path(folder, "theirs"), {size: homes[size] for size in options.theirs})
        try:
            print(measure(homes, theirs, options.theirs))
            if options.browser:
                print(pages.measure(homes[options.browser], theirs, options.browser))
        finally:
            for server in (*homes.values(), theirs):
                server.stop()


def seeded(folder: Path, size: int) -> Server:
    """Ours with so many runs in experiment 1."""
    folder.mkdir()
    server = servers.ours(folder)
    environment = os.environ | server.environment
    command = [sys.executable, str(ROOT / "manage.py"), "seed_runs", "seeded", "--runs", str(size)]
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
    say(f"seeded {size:,} runs")
    return server


def mlflow_with(folder: Path, homes: dict[int, Server]) -> Server:
    """MLflow with an experiment of each size."""
    folder.mkdir()
    server = servers.mlflow(python_of(CURRENT), folder, workers=1)
    server.start()
    server.stop()
    for size, home in homes.items():
        copy_runs(home.database, server.database, f"seeded-{size}")
        say(f"copied {size:,} runs to MLflow")
    return server


def measure(homes: dict[int, Server], theirs: Server, their_sizes: list[int]) -> str:
    """All figures, by name and size."""
    ours: dict[str, dict[int, float]] = {}
    peer: dict[str, dict[int, float]] = {}
    theirs.start()
    time.sleep(SETTLE_SECONDS)
    for size, server in homes.items():
        server.start()
        for name, took in _searches(server, "1", size).items():
            ours.setdefault(name, {})[size] = took
        for name, took in _own(server).items():
            ours.setdefault(name, {})[size] = took
        if size in their_sizes:
            experiment = _experiment(theirs, f"seeded-{size}")
            for name, took in _searches(theirs, experiment, size).items():
                peer.setdefault(name, {})[size] = took
        server.stop()
        say(f"measured {size:,} runs")
    return table(ours, peer, list(homes))


def _experiment(server: Server, name: str) -> str:
    return str(server.rest().get("experiments/get-by-name", experiment_name=name)["experiment"]["experiment_id"])


def _searches(server: Server, experiment: str, size: int) -> dict[str, float]:
    rest = server.rest()
    found = {}
    for name, text, order in SEARCHES:
        body = {"experiment_ids": [experiment], "filter": text, "order_by": [order], "max_results": 100}
        found[f"search: {name}"] = median_ms(lambda body=body: rest.post("runs/search", **body))
    body = {"experiment_ids": [experiment], "order_by": [NEWEST], "max_results": 100}
    for _ in range(min(50, size // 100) - 1):
        body["page_token"] = rest.post("runs/search", **body)["next_page_token"]
    found["search: page 50 (10 of 1,000 runs)"] = median_ms(lambda: rest.post("runs/search", **body))
    return found


def _own(server: Server) -> dict[str, float]:
    rest = server.rest()
    found = {}
    low = _lowest(rest)
    for name, text, order in OWN_SEARCHES:
        path = f"/api/v1/runs/?experiment=1&limit=50&filter={quote(text.replace('LOW', low))}&order_by={quote(order)}"
        found[name] = median_ms(lambda path=path: rest.send("GET", path))
    for name, query in PAGES:
        path = f"/experiments/1/{query}"
        found[name] = median_ms(lambda path=path: rest.send("GET", path))
    return found


def _lowest(rest: Rest) -> str:
    """The loss that just FEW runs are below."""
    path = f"/api/v1/runs/?experiment=1&limit={FEW + 1}&order_by={quote(LOSS)}"
    return str(json.loads(rest.send("GET", path))["runs"][-1]["metrics"]["val/loss"]["last"])


def median_ms(ask: Callable[[], object]) -> float:
    """The median of some answers, after one to warm up."""
    ask()
    times = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        ask()
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1000


def table(ours: dict[str, dict[int, float]], peer: dict[str, dict[int, float]], sizes: list[int]) -> str:
    """Markdown: a row a figure, a column a size."""
    heads = [f"{size:,} runs, ms" for size in sizes]
    lines = [f"| asked | {' | '.join(heads)} |", f"|---|{'---:|' * len(heads)}"]
    for name, by_size in ours.items():
        cells = []
        for size in sizes:
            cell = number(by_size.get(size))
            known = peer.get(name, {}).get(size)
            cells.append(f"{cell} (MLflow {number(known)}: {known / by_size[size]:.1f} ×)" if known else cell)
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def say(words: str) -> None:
    """Tell how far it is."""
    print(f"{time.strftime('%H:%M:%S')} {words}", file=sys.stderr)


if __name__ == "__main__":
    main()
