"""A purge beside a writer: it takes the write lock for moments only, and a kill in the middle is gone on from."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time

import pytest

from runs import purging
from tests.server import ROOT, RealServer

POINTS = 200_000
LONGEST_SECONDS = 0.2
#: The machine may stop for as long as that, but not each time.
ATTEMPTS = 3


def fill_trash(server: RealServer) -> None:
    """Let 200,000 points be in the trash."""
    client = server.client()
    client.put("/api/v1/runs/old/")
    for part in range(4):
        columns = {"steps": list(range(POINTS // 4)), "values": [float(step) for step in range(POINTS // 4)]}
        assert client.post("/api/v1/runs/old/log/", {"metrics": {f"loss{part}": columns}}).status == 200
    client.send("DELETE", "/api/v1/runs/old/")


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
def test_200_000_points_go_and_never_hold_the_lock_for_long(server):
    waits = []
    while len(waits) < ATTEMPTS and min(waits, default=LONGEST_SECONDS) >= LONGEST_SECONDS:
        waits.append(longest_wait_during_a_purge(server, f"new{len(waits)}"))
    assert min(waits) < LONGEST_SECONDS, waits


def longest_wait_during_a_purge(server: RealServer, run_id: str) -> float:
    """Purge 200,000 points while a script logs to a run."""
    fill_trash(server)
    client, before, logged = server.client(), left(server), 0
    client.put(f"/api/v1/runs/{run_id}/")
    watch = LockWatch(server)
    watch.start()
    purge = purge_command(server)
    while purge.poll() is None:
        columns = {"steps": [logged], "values": [1.0]}
        assert client.post(f"/api/v1/runs/{run_id}/log/", {"metrics": {"loss": columns}}).status == 200
        logged += 1
    watch.stopped = True
    watch.join()
    assert purge.returncode == 0
    assert watch.taken > 20
    assert left(server) == before - POINTS + logged
    return watch.longest


#: A purge that is killed at the end of its seventh step, before that is stored.
DYING = """
import os, signal
import django
django.setup()
from django.core.management import call_command
from runs import points
delete_some, steps = points.delete_some, []

def dying(*arguments):
    steps.append(delete_some(*arguments))
    if len(steps) == 7:
        os.kill(os.getpid(), signal.SIGKILL)
    return steps[-1]

points.delete_some = dying
call_command("purge", "--older-than", "0d")
"""


@pytest.mark.slow
def test_a_purge_that_is_killed_goes_on_when_the_server_starts(server):
    fill_trash(server)
    environment = os.environ | {"TRACKER_HOME": str(server.home), "DJANGO_SETTINGS_MODULE": "trackerweb.settings"}
    purge = subprocess.run([sys.executable, "-c", DYING], cwd=ROOT, env=environment)
    assert purge.returncode == -signal.SIGKILL
    assert left(server) == POINTS - 6 * purging.POINTS_A_STEP
    server.stop()
    server.start()
    deadline = time.monotonic() + 60
    while left(server):
        assert time.monotonic() < deadline
        time.sleep(0.05)
