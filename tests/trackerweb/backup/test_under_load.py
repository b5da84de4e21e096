"""Backing up and checking a tracker that eight scripts write to: nobody is held up, and what is kept is whole."""

import threading
import time

import pytest

from tests.server import RealServer
from tests.trackerweb.test_startup import manage

pytestmark = [pytest.mark.slow, pytest.mark.alone]

WRITERS = 8
POINTS = 50
FILE_EVERY = 4
#: The longest that any request of a writer may take, on two cores that back up and check at the same time.
STALL_SECONDS = 5.0


def batch(seq):
    steps = list(range((seq - 1) * POINTS, seq * POINTS))
    columns = {"steps": steps, "timestamps": steps, "values": [step / 7 for step in steps]}
    return {
        "writer": "ab",
        "seq": seq,
        "tags": {"seq": str(seq)},
        "params": {f"p{seq}": "1"},
        "metrics": {"a": columns, "b": columns},
    }


def content(number, seq):
    return f"{number} {seq} ".encode() * 500


class Writer(threading.Thread):
    """A script that logs batches to a run of its own as fast as it can, and a file after every fourth."""

    def __init__(self, server, number, stop):
        super().__init__()
        self.server, self.number, self.stop = server, number, stop
        self.failures, self.slowest, self.seq, self.stored = [], 0.0, 0, 0

    def run(self):
        client = self.server.client()
        path = f"/api/v1/runs/w{self.number}/"
        self.ask(client.put, path, {"experiment": "load"})
        while not self.stop.is_set():
            self.seq += 1
            self.ask(client.post, f"{path}log/", batch(self.seq))
            self.stored = self.seq
            if self.seq % FILE_EVERY == 0:
                self.ask(client.put, f"{path}artifacts/files/{self.seq}", content(self.number, self.seq))
                # Its content before goes: a backup must hold on to it, and a check must not miss it.
                self.ask(client.put, f"{path}artifacts/latest", content(self.number, self.seq) + b"latest")

    def ask(self, send, *request):
        began = time.monotonic()
        answer = send(*request)
        self.slowest = max(self.slowest, time.monotonic() - began)
        if answer.status not in (200, 201):
            self.failures.append(answer)


@pytest.fixture
def busy(tmp_path):
    """A server that holds a million points and some files already, and its writers."""
    (tmp_path / "home").mkdir()
    server = RealServer(tmp_path / "home").start()
    client = server.client()
    client.put("/api/v1/runs/large/")
    for start in range(0, 1_000_000, 50_000):
        steps = list(range(start, start + 50_000))
        columns = {"steps": steps, "timestamps": steps, "values": [step % 1009 / 7 for step in steps]}
        assert client.post("/api/v1/runs/large/log/", {"metrics": {"loss": columns}}).status == 200
    for number in range(50):
        client.put(f"/api/v1/runs/large/artifacts/{number}", number.to_bytes(4, "big") * 100_000)
    stop = threading.Event()
    writers = [Writer(server, number, stop) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    yield server, writers
    stop.set()
    for writer in writers:
        writer.join()
    server.stop()


def test_a_backup_and_a_check_of_a_busy_tracker_hold_up_nobody_and_are_right(busy, tmp_path):
    server, writers = busy
    while min(writer.stored for writer in writers) < FILE_EVERY:
        assert all(writer.is_alive() for writer in writers)
        time.sleep(0.02)
    backup = tmp_path / "live.zip"
    begun = [writer.stored for writer in writers]
    status, said = manage(server.home, "backup", str(backup))
    assert status == 0, said
    for options in ([], ["--repair"], ["--quick"]):
        assert_well(server.home, *options)
    writers[0].stop.set()
    for writer in writers:
        writer.join()
    assert [writer.failures for writer in writers] == [[]] * WRITERS
    assert max(writer.slowest for writer in writers) < STALL_SECONDS
    assert_well(server.home)

    new = tmp_path / "new"
    assert manage(new, "restore", str(backup))[0] == 0
    assert_well(new)
    restored = RealServer(new).start()
    try:
        client = restored.client()
        assert client.get("/api/v1/runs/large/").body["metrics"]["loss"]["count"] == 1_000_000
        for writer in writers:
            seq = check_whole(client, writer)
            assert begun[writer.number] <= seq <= writer.seq
    finally:
        restored.stop()


def assert_well(home, *options):
    """A check finds nothing, but for files that a writer has just replaced."""
    status, said = manage(home, "check_data", *options)
    assert (status, said.splitlines()[-1]) == (0, "All is well."), said


def check_whole(client, writer):
    """Every batch is there or not, with all its parts, and every file has its content; returns the last batch."""
    run = client.get(f"/api/v1/runs/w{writer.number}/").body
    seq = int(run["tags"]["seq"])
    assert {metric["count"] for metric in run["metrics"].values()} == {seq * POINTS}
    assert set(run["params"]) == {f"p{number}" for number in range(1, seq + 1)}
    files = client.get(f"/api/v1/runs/w{writer.number}/artifacts/?path=files").body["artifacts"]
    stored = sorted(int(file["path"].rpartition("/")[2]) for file in files)
    last = seq // FILE_EVERY * FILE_EVERY
    assert stored in (list(range(FILE_EVERY, last + 1, FILE_EVERY)), list(range(FILE_EVERY, last, FILE_EVERY)))
    for number in stored:
        answer = client.get(f"/api/v1/runs/w{writer.number}/artifacts/files/{number}")
        assert answer.body.encode() == content(writer.number, number)
    return seq
