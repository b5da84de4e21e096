"""A purge beside a writer: it takes the write lock for moments only, and a kill in the middle is gone on from."""

import os
import sqlite3
import subprocess
import sys
import threading
import time

import pytest

from tests.server import ROOT, RealServer

POINTS = 200_000
LONGEST_SECONDS = 0.2


@pytest.fixture
def full_server(server: RealServer) -> RealServer:
    """A server with 200,000 points in the trash, and a run to write to."""
    client = server.client()
    client.put("/api/v1/runs/old/")
    for part in range(4):
        columns = {"steps": list(range(POINTS // 4)), "values": [float(step) for step in range(POINTS // 4)]}
        assert client.post("/api/v1/runs/old/log/", {"metrics": {f"loss{part}": columns}}).status == 200
    client.send("DELETE", "/api/v1/runs/old/")
    client.put("/api/v1/runs/new/")
    return server


class LockWatch(threading.Thread):
    """A second process's view: asks for the write lock again and again, and notes the longest wait for it."""

    def __init__(self, server: RealServer) -> None:
        super().__init__()
        self.place, self.stopped, self.longest, self.taken = server.home / "tracker.sqlite3", False, 0.0, 0

    def run(self) -> None:
        database = sqlite3.connect(self.place, timeout=0, isolation_level=None)
        while not self.stopped:
            began = time.monotonic()
            while not self._take(database):
                time.sleep(0.001)
            self.longest = max(self.longest, time.monotonic() - began)
            self.taken += 1
            time.sleep(0.005)
        database.close()

    def _take(self, database: sqlite3.Connection) -> bool:
        try:
            database.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        database.execute("COMMIT")
        return True


def purge_command(server: RealServer) -> subprocess.Popen[bytes]:
    command = [sys.executable, "manage.py", "purge", "--older-than", "0d"]
    environment = os.environ | {"TRACKER_HOME": str(server.home)}
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)


def left(server: RealServer) -> int:
    with sqlite3.connect(server.home / "tracker.sqlite3") as database:
        return database.execute("SELECT COUNT(*) FROM runs_metricpoint").fetchone()[0]


@pytest.mark.alone
@pytest.mark.slow
def test_200_000_points_go_in_seconds_and_never_hold_the_lock_for_long(full_server):
    watch = LockWatch(full_server)
    watch.start()
    began = time.monotonic()
    purge = purge_command(full_server)
    client, waits = full_server.client(), []
    while purge.poll() is None:
        sent = time.monotonic()
        columns = {"steps": [len(waits)], "values": [1.0]}
        assert client.post("/api/v1/runs/new/log/", {"metrics": {"loss": columns}}).status == 200
        waits.append(time.monotonic() - sent)
    took = time.monotonic() - began
    watch.stopped = True
    watch.join()
    print(f"purge {took:.1f} s, {len(waits)} writes, slowest {max(waits):.3f} s, longest wait {watch.longest:.3f} s")
    assert purge.returncode == 0
    assert took < 30
    assert watch.taken > 20
    assert watch.longest < LONGEST_SECONDS
    assert left(full_server) == len(waits)


@pytest.mark.alone
@pytest.mark.slow
def test_a_purge_that_is_killed_goes_on_when_the_server_starts(full_server):
    purge = purge_command(full_server)
    while left(full_server) == POINTS:
        time.sleep(0.005)
    purge.kill()
    purge.wait()
    assert 0 < left(full_server) < POINTS
    full_server.stop()
    full_server.start()
    deadline = time.monotonic() + 20
    while left(full_server) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left(full_server) == 0
