"""Killed for real: training processes, and the server meanwhile, by SIGKILL at random moments, under load."""

import random
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.server import RealServer
from tests.tracker.conftest import Scripts, Stored

pytestmark = pytest.mark.slow

AT_ONCE = 4

#: Logs as fast as it can, and says of each call that it has returned.
TRAIN = """
import os, sys, time
import tracker
run = tracker.start_run(experiment="kills", run_id=sys.argv[1])
def returned(what):
    os.write(1, f"{what}\\n".encode())
number = 0
while True:
    run.log({"x": float(number), "y": -float(number)}, step=number)
    returned(f"x {number}")
    if number % 20 == 0:
        run.log_param(f"p{number}", number)
        returned(f"p {number}")
        run.set_tag(f"t{number}", number)
        returned(f"t {number}")
    if number % 200 == 0:
        run.log_text(f"content {number}", f"files/{number}.txt")
        returned(f"f {number}")
    number += 1
    time.sleep(0.0002)
"""


@pytest.mark.parametrize(("clients", "server_kills"), [(40, 10), pytest.param(200, 50, marks=pytest.mark.long)])
def test_no_call_that_returned_is_lost_and_none_comes_twice(tmp_path, clients, server_kills):
    random.seed(5)
    (tmp_path / "home").mkdir()
    server = RealServer(tmp_path / "home").start()
    scripts = Scripts(tmp_path, server.url)
    scripts.file.write_text(TRAIN)
    killer = ServerKiller(server, server_kills)
    killer.start()
    try:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            said = list(pool.map(lambda number: train_and_kill(scripts, f"run-{number}"), range(clients)))
        killer.join()
        assert killer.error is None
        begun = time.monotonic()
        done = scripts.command("sync", "--json", patience=900)
        synced = time.monotonic() - begun
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
        stored = Stored(server.client())
        calls = sum(check(stored, f"run-{number}", returned) for number, returned in enumerate(said))
        assert scripts.left() == []
        print(
            f"{clients} clients and {killer.kills} servers killed, {calls:,} calls had returned, none lost; "
            f"synced in {synced:.0f} s"
        )
        assert killer.kills == server_kills
    finally:
        killer.join()
        server.stop()


class ServerKiller(threading.Thread):
    """Kills the server at random moments, and starts it again."""

    def __init__(self, server, times):
        super().__init__()
        self.server, self.times, self.kills, self.error = server, times, 0, None

    def run(self):
        try:
            for _ in range(self.times):
                time.sleep(random.uniform(0.1, 1.0))
                self.server.kill()
                self.kills += 1
                time.sleep(random.uniform(0.0, 0.3))
                self.server.start()
        except Exception as error:
            self.error = error


def train_and_kill(scripts, run_id):
    """Start a training, kill it at a random moment; what it said had returned."""
    process = subprocess.Popen(
        [scripts.python, str(scripts.file), run_id], env=scripts.environment(TRACKER_QUIET="1"), stdout=subprocess.PIPE
    )
    killing = threading.Timer(random.uniform(0.15, 1.5), process.kill)
    killing.start()
    out, _ = process.communicate()
    killing.cancel()
    lines = out.decode().splitlines()
    # The kill may have come in the middle of the last line.
    whole = lines if out.endswith(b"\n") else lines[:-1]
    return [(kind, int(number)) for kind, _, number in (line.partition(" ") for line in whole)]


def check(stored, run_id, returned):
    """All that returned is there, once; at most one call more was on its way. Returns how many had returned."""
    if not returned:
        return 0
    run = stored.run(run_id)
    last = {kind: max((number for other, number in returned if other == kind), default=-1) for kind in "xptf"}
    for key, sign in (("x", 1), ("y", -1)):
        points = points_of(stored, run_id, key, run)
        assert points == [(step, float(sign * step)) for step in range(len(points))], run_id
        assert last["x"] + 1 <= len(points) <= last["x"] + 2, run_id
    for kind, found in (("p", run["params"]), ("t", run["tags"])):
        numbers = sorted(int(value) for value in found.values())
        assert numbers == [20 * place for place in range(len(numbers))]
        assert last[kind] <= numbers[-1] if numbers else last[kind] == -1
    for number in range(0, last["f"] + 1, 200):
        assert stored.file(run_id, f"files/{number}.txt") == f"content {number}"
    assert run["status"] == "KILLED"
    return len(returned)


def points_of(stored, run_id, key, run):
    """A series of any length: the API answers at most 50,000 points at once."""
    count = run["metrics"][key]["count"]
    points = []
    for start in range(0, count, 20_000):
        asked = f"/api/v1/metrics/?run={run_id}&key={key}&points=50000&from={start}&to={start + 19_999}"
        (series,) = stored.client.get(asked).body["series"]
        assert series["exact"]
        points += zip(series["steps"], series["values"], strict=True)
    return points
