"""How delivery treats a server that asks for time, and a network that is slow."""

import pytest

from tests.tracker.conftest import Scripts
from tests.tracker.servers import ScriptedServer
from tracker.delivery.backoff import Backoff
from tracker.delivery.server import Server
from tracker.errors import Refused, Unavailable

TRAIN = """
import time, tracker
in_calls = 0.0
with tracker.start_run() as run:
    for step in range(200):
        begun = time.perf_counter()
        run.log_metric("x", 1.0)
        in_calls += time.perf_counter() - begun
        time.sleep(0.01)
print(in_calls)
"""


def test_retry_after_is_obeyed(tmp_path):
    with ScriptedServer([(503, {"Retry-After": "1.5"})]) as scripted:
        assert Scripts(tmp_path, scripted.uri).run(TRAIN).returncode == 0
    first, second = scripted.asked[0][0], scripted.asked[1][0]
    assert second - first >= 1.5


def test_a_slow_network_does_not_slow_the_loop(tmp_path):
    with ScriptedServer(pause_seconds=0.4) as scripted:
        done = Scripts(tmp_path, scripted.uri).run(TRAIN)
    assert done.returncode == 0
    # Had each value waited for the answers to those before it, they would have taken 80 s.
    assert float(done.stdout) < 10
    assert len(scripted.asked) < 100


def test_one_connection_is_kept(tmp_path, server):
    asked = Server(server.url)
    for _ in range(5):
        asked.get("experiments/")
    assert asked._pool.pools.keys()
    assert asked._pool.connection_from_url(server.url).num_connections == 1


def test_the_token_goes_as_bearer(tmp_path):
    with ScriptedServer() as scripted:
        Server(scripted.uri, "secret").get("runs/")
    assert scripted.asked[0][3]["Authorization"] == "Bearer secret"


def test_the_token_is_never_written_down(tmp_path):
    scripts = Scripts(tmp_path, "http://127.0.0.1:9")
    scripts.run("import tracker\ntracker.start_run()", TRACKER_TOKEN="hush-hush", TRACKER_EXIT_SECONDS="0")
    (journal,) = scripts.left()
    assert "hush-hush" not in journal.read_text()


WILL_NOT, MAY_PASS = (302, 400, 401, 404, 409, 413), (408, 429, 500, 502, 503, 507)


@pytest.mark.parametrize(
    ("status", "error"), [*((status, Refused) for status in WILL_NOT), *((status, Unavailable) for status in MAY_PASS)]
)
def test_what_may_pass_is_told_from_what_will_not(status, error):
    with ScriptedServer([(status, {})]) as scripted, pytest.raises(error):
        Server(scripted.uri).get("runs/")


def test_waits_grow_with_each_failure_and_differ():
    waits = []
    for _ in range(50):
        backoff = Backoff()
        for _ in range(4):
            backoff.failed()
        waits.append(backoff.seconds_left)
    assert max(waits) <= 4.0
    assert len({round(wait, 3) for wait in waits}) > 40
    backoff.worked()
    assert backoff.seconds_left == 0


def test_large_bodies_are_packed_for_other_machines(monkeypatch):
    monkeypatch.setattr("tracker.delivery.server._LOCAL", set())
    with ScriptedServer() as scripted:
        server = Server(scripted.uri)
        server.log("r1", b'{"tags": {"a": "' + b"b" * 10_000 + b'"}}')
        server.log("r1", b"{}")
    assert scripted.asked[0][3]["Content-Encoding"] == "gzip"
    assert len(scripted.asked[0][4]) < 500
    assert "Content-Encoding" not in scripted.asked[1][3]
