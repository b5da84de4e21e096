"""A run is cut, moved and copied while scripts log to it: nothing of what they log is lost, nobody sees a failure."""

import threading
from collections.abc import Callable

import pytest

from tests.api import Answer
from tests.server import HttpClient, RealServer

pytestmark = pytest.mark.slow

BATCHES = 120
POINTS = 60
#: Where the tail begins that is cut off again and again; scripts log before it.
TAIL = 1_000_000


def batch(first: int) -> dict[str, object]:
    steps = list(range(first, first + POINTS))
    return {"metrics": {"loss": {"steps": steps, "timestamps": steps, "values": [float(step) for step in steps]}}}


class Load:
    """Threads that send until `log` is through; `failures` holds every answer that is none of 200 and 201."""

    def __init__(self, server: RealServer) -> None:
        self.server, self.done = server, threading.Event()
        self.failures: list[Answer] = []
        self.copies: list[str] = []

    def run(self, *others: Callable[[HttpClient, int], list[Answer]]) -> None:
        threads = [threading.Thread(target=self._again_and_again, args=(other,)) for other in others]
        for thread in threads:
            thread.start()
        self._log()
        self.done.set()
        for thread in threads:
            thread.join()

    def _log(self) -> None:
        client = self.server.client()
        for number in range(BATCHES):
            # Every second batch comes late: its steps lie before those that are there.
            place = number + 1 if number % 2 == 0 else number - 1
            body = batch(place * POINTS) | {"writer": "ab", "seq": number + 1}
            self._keep([client.post("/api/v1/runs/r1/log/", body)])

    def _again_and_again(self, send: Callable[[HttpClient, int], list[Answer]]) -> None:
        client, number = self.server.client(), 0
        while not self.done.is_set():
            self._keep(send(client, number))
            number += 1

    def _keep(self, answers: list[Answer]) -> None:
        self.failures += [answer for answer in answers if answer.status not in (200, 201)]

    def cut(self, client: HttpClient, number: int) -> list[Answer]:
        logged = client.post("/api/v1/runs/r1/log/", batch(TAIL + number))
        return [logged, client.send("DELETE", f"/api/v1/runs/r1/metrics/loss/?from_step={TAIL}")]

    def move(self, client: HttpClient, number: int) -> list[Answer]:
        return [client.post("/api/v1/runs/r1/move/", {"experiment": f"place {number % 2}"})]

    def copy(self, client: HttpClient, number: int) -> list[Answer]:
        answer = client.post("/api/v1/runs/r1/copy/", {"experiment": "copies"})
        self.copies += [answer.body["run_id"]] if answer.status == 201 else []
        return [answer]

    def correct(self, client: HttpClient, number: int) -> list[Answer]:
        return [client.put("/api/v1/runs/r1/params/lr/", {"value": str(number)})]


def series_of(client: HttpClient, run_id: str) -> dict[str, list[int]]:
    (series,) = client.get(f"/api/v1/metrics/?run={run_id}&key=loss&points=50000").body["series"]
    return series


def test_nothing_is_lost_and_nobody_fails(server: RealServer) -> None:
    client = server.client()
    client.put("/api/v1/runs/r1/", {"experiment": "place 0", "params": {"lr": "0"}})
    client.post("/api/v1/runs/r1/log/", batch(0))
    load = Load(server)
    load.run(load.cut, load.move, load.copy, load.correct)
    assert load.failures == []

    client.send("DELETE", f"/api/v1/runs/r1/metrics/loss/?from_step={TAIL}")
    logged = {place * POINTS + step for place in range(BATCHES) for step in range(POINTS)}
    assert series_of(client, "r1")["steps"] == sorted(logged)
    summary = client.get("/api/v1/runs/r1/").body["metrics"]["loss"]
    assert (summary["count"], summary["last_step"], summary["max"]) == (len(logged), max(logged), float(max(logged)))
    assert abs(summary["mean"] - sum(logged) / len(logged)) < 1e-6

    assert load.copies
    for run_id in load.copies[:: max(1, len(load.copies) // 20)]:
        steps = series_of(client, run_id)["steps"]
        count = client.get(f"/api/v1/runs/{run_id}/").body["metrics"]["loss"]["count"]
        assert len(steps) == count
        assert {step for step in steps if step < TAIL} <= logged
