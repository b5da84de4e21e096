"""What was answered 200 is there: after SIGKILL, and under sixteen writers in two processes."""

import http.client
import random
import sqlite3
import threading
import time

import pytest

from tests.server import RealServer

KILLS = 20
WRITERS = 16
BATCHES = 40
POINTS = 25


def batch(seq, points=POINTS, **more):
    steps = list(range((seq - 1) * points, seq * points))
    columns = {"steps": steps, "timestamps": steps, "values": [float(step) for step in steps]}
    return {"writer": "ab", "seq": seq, "metrics": {"loss": columns}} | more


@pytest.mark.alone
@pytest.mark.slow
def test_nothing_acknowledged_is_lost_when_the_server_is_killed(server):
    """Twenty SIGKILLs at random moments of a client that logs as fast as it can and repeats what was not answered."""
    chance = random.Random(20261124)
    server.client().put("/api/v1/runs/r1/")
    acknowledged = 0
    for turn in range(KILLS):
        client, killer = server.client(), threading.Timer(chance.uniform(0.05, 0.6), server.kill)
        while True:
            seq = acknowledged + 1
            try:
                answer = client.post("/api/v1/runs/r1/log/", batch(seq, tags={"seq": str(seq)}))
            except (OSError, http.client.HTTPException, ValueError):
                break
            assert answer.status == 200, answer
            acknowledged = seq
            if not killer.ident:
                # However slow the machine, each server stores something before its end.
                killer.start()
        killer.join()
        server.start()
        run = server.client().get("/api/v1/runs/r1/").body
        stored = int(run["tags"].get("seq", 0))
        assert stored in (acknowledged, acknowledged + 1)
        assert run["metrics"]["loss"]["count"] == stored * POINTS if stored else True
        assert acknowledged > turn
    assert _check(server) == "ok"


def _check(server):
    with sqlite3.connect(server.home / "tracker.sqlite3") as database:
        return database.execute("PRAGMA integrity_check").fetchone()[0]


@pytest.mark.alone
@pytest.mark.slow
def test_sixteen_writers_on_two_servers_end_with_exact_counts(tmp_path):
    """One SQLite file, two processes, sixteen runs and one that all write to; no error reaches a client."""
    servers = [RealServer(tmp_path).start(), RealServer(tmp_path).start()]
    servers[0].client().put("/api/v1/runs/shared/")
    failures = []

    def write(number):
        client = servers[number % 2].client()
        answers = [client.put(f"/api/v1/runs/w{number}/", {"experiment": "race"})]
        for seq in range(1, BATCHES + 1):
            body = batch(seq) | {"writer": f"{number:x}"}
            answers.append(client.post(f"/api/v1/runs/w{number}/log/", body))
            answers.append(
                client.post("/api/v1/runs/shared/log/", body | {"metrics": {f"m{number}": {"values": [seq]}}})
            )
        failures.extend(answer for answer in answers if answer.status not in (200, 201))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    try:
        assert failures == []
        client = servers[0].client()
        runs = client.get("/api/v1/runs/?limit=100").body["runs"]
        counts = {run["run_id"]: sum(metric["count"] for metric in run["metrics"].values()) for run in runs}
        assert counts == {"shared": WRITERS * BATCHES} | {f"w{number}": BATCHES * POINTS for number in range(WRITERS)}
        assert len({run["experiment_id"] for run in runs}) == 2
    finally:
        for server in servers:
            server.stop()


@pytest.mark.alone
@pytest.mark.slow
def test_writers_wait_and_then_get_503_while_the_database_is_held(tmp_path):
    server = RealServer(tmp_path, TRACKER_LOCK_SECONDS="1").start()
    client = server.client()
    client.put("/api/v1/runs/r1/")
    with sqlite3.connect(tmp_path / "tracker.sqlite3", isolation_level=None) as holder:
        holder.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        answer = client.post("/api/v1/runs/r1/log/", batch(1))
        holder.execute("ROLLBACK")
    try:
        assert (answer.status, answer.body["error_code"]) == (503, "TEMPORARILY_UNAVAILABLE")
        assert time.monotonic() - began < 20
        assert client.post("/api/v1/runs/r1/log/", batch(1)).body == {"applied": True, "points": POINTS, "seq": 1}
    finally:
        server.stop()
