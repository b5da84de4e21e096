"""The work that every server is given, the same each time."""

import json
import os
import random
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from bench.mlflow.rest import PROXY, Rest
from bench.mlflow.servers import Server

START = 1_700_000_000_000
BATCH = 1000
_numbers = count(1)

#: (name, filter, order) of the searches.
SEARCHES = [
    ("newest", "", "attributes.start_time DESC"),
    ("metric and param, sorted by a metric", "metrics.m1 > 0.9 and params.p1 = '3'", "metrics.m2 DESC"),
    ("LIKE on a param", "params.p2 LIKE '%7%'", "attributes.start_time DESC"),
]


def points(size: int, first: int = 0, keys: int = 10) -> list[dict[str, Any]]:
    """Points of a few keys, equally many steps of each."""
    return [
        {"key": f"k{key}", "value": 0.5 + step * 1e-6, "timestamp": START + step, "step": step}
        for step in range(first, first + size // keys)
        for key in range(keys)
    ]


def at_once(server: Server, clients: int, work: Callable[[Rest, int], None]) -> float:
    """The seconds that so many clients take, each with its own connection and number."""
    gate = threading.Barrier(clients + 1)

    def client(number: int) -> None:
        rest = server.rest()
        rest.send("GET", "/health")
        gate.wait()
        work(rest, number)

    with ThreadPoolExecutor(clients) as pool:
        futures = [pool.submit(client, number) for number in range(clients)]
        gate.wait()
        began = time.perf_counter()
        for future in futures:
            future.result()
        return time.perf_counter() - began


def single_points(server: Server) -> None:
    """One point a request."""
    experiment = _experiment(server)
    for clients, each in ((1, 300), (8, 60)):
        runs = [server.rest().run(experiment)["run_id"] for _ in range(clients)]

        def work(rest: Rest, number: int, runs: list[str] = runs, each: int = each) -> None:
            for step in range(each):
                point = {"key": "loss", "value": 1 / (step + 1), "timestamp": START + step, "step": step}
                rest.post("runs/log-metric", run_id=runs[number], **point)

        server.note(f"log-metric, {_of(clients)}: requests/s", clients * each / at_once(server, clients, work))


def batches(server: Server) -> None:
    """A thousand points a request."""
    experiment = _experiment(server)
    for clients, each in ((1, 15), (4, 8)):
        runs = [server.rest().run(experiment)["run_id"] for _ in range(clients)]

        def work(rest: Rest, number: int, runs: list[str] = runs, each: int = each) -> None:
            for place in range(each):
                rest.post("runs/log-batch", run_id=runs[number], metrics=points(BATCH, place * 100))

        before = server.bytes_used()
        took = at_once(server, clients, work)
        server.note(f"log-batch of 1,000, {_of(clients)}: points/s", clients * each * BATCH / took)
        server.note("database bytes a point", (server.bytes_used() - before) / (clients * each * BATCH))


def whole_runs(server: Server) -> None:
    """Make a run, log 10 params in one request, finish it."""
    experiment = _experiment(server)
    params = [{"key": f"p{key}", "value": str(key)} for key in range(10)]
    for clients, each in ((1, 40), (8, 8)):

        def work(rest: Rest, number: int, each: int = each) -> None:
            for _ in range(each):
                run_id = rest.run(experiment)["run_id"]
                rest.post("runs/log-batch", run_id=run_id, params=params)
                rest.finish(run_id)

        took = at_once(server, clients, work)
        server.note(f"create run, 10 params, finish, {_of(clients)}: runs/s", clients * each / took)


def files(server: Server) -> None:
    """A file of 100 MB and many of 1 kB, in and out."""
    rest = server.rest()
    folder = PROXY + urlsplit(rest.run(_experiment(server))["artifact_uri"]).path.strip("/")
    large, small, kind = os.urandom(100_000_000), os.urandom(1000), "application/octet-stream"
    server.note("file of 100 MB, up: MB/s", 100 / _seconds(lambda: rest.send("PUT", f"{folder}/large", large, kind)))
    server.note("file of 100 MB, down: MB/s", 100 / _seconds(lambda: rest.send("GET", f"{folder}/large")))
    names = [f"{folder}/small/{number}.bin" for number in range(200)]
    up = _seconds(lambda: [rest.send("PUT", name, small, kind) for name in names])
    down = _seconds(lambda: [rest.send("GET", name) for name in names])
    server.note("files of 1 kB, up: files/s", len(names) / up)
    server.note("files of 1 kB, down: files/s", len(names) / down)


def seed_runs(server: Server, size: int) -> str:
    """An experiment of runs with 10 params, 5 metrics of one point and 5 tags; four clients log them."""
    experiment = _experiment(server)
    data = list(_sample(size))

    def work(rest: Rest, number: int) -> None:
        for start, params, metrics, tags in data[number::4]:
            run_id = rest.run(experiment, start_time=start, tags=_pairs(tags))["run_id"]
            rest.post(
                "runs/log-batch",
                run_id=run_id,
                params=_pairs(params),
                metrics=[{**pair, "timestamp": start, "step": 0} for pair in _pairs(metrics)],
            )
            rest.finish(run_id)

    before = server.bytes_used()
    at_once(server, 4, work)
    server.note("database bytes a run (10 params, 5 metrics, 5 tags)", (server.bytes_used() - before) / size)
    return experiment


def search(server: Server, experiment: str, size: int) -> None:
    """The searches, a hundred runs a page, and the last of up to 50 pages."""
    rest = server.rest()
    for name, text, order in SEARCHES:
        body = {"experiment_ids": [experiment], "filter": text, "order_by": [order], "max_results": 100}
        server.note(f"search {size:,} runs, {name}: ms", _median_ms(lambda body=body: rest.post("runs/search", **body)))
    body = {"experiment_ids": [experiment], "order_by": ["attributes.start_time DESC"], "max_results": 100}
    last = min(50, size // 100)
    for _ in range(last - 1):
        body["page_token"] = rest.post("runs/search", **body)["next_page_token"]
    server.note(f"search {size:,} runs, page {last}: ms", _median_ms(lambda: rest.post("runs/search", **body)))


def seed_series(server: Server, size: int) -> str:
    """A run with one long series."""
    rest = server.rest()
    run_id = str(rest.run(_experiment(server))["run_id"])
    for first in range(0, size, BATCH):
        rest.post("runs/log-batch", run_id=run_id, metrics=points(BATCH, first, keys=1))
    return run_id


def histories(server: Server, run_id: str, size: int) -> None:
    """Every point of a series, and the 2,500 of a chart."""
    rest = server.rest()
    query = f"run_id={run_id}&metric_key=k0"

    def whole() -> None:
        found, token = 0, ""
        while True:
            page = json.loads(rest.send("GET", f"/api/2.0/mlflow/metrics/get-history?{query}{token}"))
            found += len(page["metrics"])
            if not page.get("next_page_token"):
                break
            token = f"&page_token={page['next_page_token']}"
        assert found == size

    chart = f"/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval?run_ids={run_id}&metric_key=k0&max_results=2500"
    server.note(f"get-history of {size:,} points: ms", _median_ms(whole, times=2))
    server.note(f"chart of 2,500 points from {size:,}: ms", _median_ms(lambda: rest.send("GET", chart), times=5))


def _sample(size: int) -> Iterator[tuple[int, dict[str, Any], dict[str, Any], dict[str, Any]]]:
    chance = random.Random(7)
    for number in range(size):
        params = {f"p{key}": str(chance.randrange(10 if key == 1 else 1000)) for key in range(10)}
        metrics = {f"m{key}": chance.random() for key in range(5)}
        tags = {f"t{key}": f"value-{chance.randrange(100)}" for key in range(5)}
        yield START + number * 1000, params, metrics, tags


def _pairs(values: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": value} for key, value in values.items()]


def _experiment(server: Server) -> str:
    return server.rest().experiment(f"bench {next(_numbers)}")


def _of(clients: int) -> str:
    return "1 client" if clients == 1 else f"{clients} clients"


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _median_ms(work: Callable[[], object], times: int = 9) -> float:
    """The median of some answers, after one to warm up."""
    work()
    return statistics.median(_seconds(work) * 1000 for _ in range(times))
