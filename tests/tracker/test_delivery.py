"""How delivery treats a server that asks for time, and a network that is slow."""

import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from tests.tracker.conftest import Scripts
from tracker.delivery.backoff import Backoff
from tracker.delivery.server import Server
from tracker.errors import Refused, Unavailable


class Stub:
    """A server that answers as it is told, request by request, and well once it was told no more."""

    def __init__(self, answers, pause_seconds=0.0):
        self.asked = asked = []
        remaining = iter(answers)
        seq = {"at": 0}

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                asked.append((time.monotonic(), self.command, self.path, dict(self.headers), body))
                time.sleep(pause_seconds)
                status, headers = next(remaining, (200, {}))
                told = json.loads(body) if body[:1] == b"{" else {}
                if status == 200 and "seq" in told:
                    seq["at"] = max(seq["at"], told["seq"])
                content = json.dumps(
                    {"seq": seq["at"], "applied": True, "points": 0, "error_code": "", "message": "no"}
                )
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content.encode())

            do_GET = do_PUT = do_POST = answer  # noqa: N815 - the library's names

            def log_message(self, *arguments):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.uri = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *error):
        self.server.shutdown()
        self.server.server_close()


TRAIN = """
import time, tracker
with tracker.start_run() as run:
    for step in range(20):
        run.log_metric("x", 1.0)
        time.sleep(0.1)
"""


def test_retry_after_is_obeyed(tmp_path):
    with Stub([(503, {"Retry-After": "1.5"})]) as stub:
        assert Scripts(tmp_path, stub.uri).run(TRAIN).returncode == 0
    first, second = stub.asked[0][0], stub.asked[1][0]
    assert second - first >= 1.5


def test_a_slow_network_does_not_slow_the_loop(tmp_path):
    with Stub([], pause_seconds=0.4) as stub:
        begun = time.monotonic()
        done = Scripts(tmp_path, stub.uri).run(TRAIN + "print(0)\n")
    assert done.returncode == 0
    assert time.monotonic() - begun < 6
    assert len(stub.asked) < 10


def test_one_connection_is_kept(tmp_path, server):
    asked = Server(server.url)
    for _ in range(5):
        asked.get("experiments/")
    assert asked._pool.pools.keys()
    assert asked._pool.connection_from_url(server.url).num_connections == 1


def test_the_token_goes_as_bearer(tmp_path):
    with Stub([]) as stub:
        Server(stub.uri, "secret").get("runs/")
    assert stub.asked[0][3]["Authorization"] == "Bearer secret"


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
    with Stub([(status, {})]) as stub, pytest.raises(error):
        Server(stub.uri).get("runs/")


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
    with Stub([]) as stub:
        server = Server(stub.uri)
        server.log("r1", b'{"tags": {"a": "' + b"b" * 10_000 + b'"}}')
        server.log("r1", b"{}")
    assert stub.asked[0][3]["Content-Encoding"] == "gzip"
    assert len(stub.asked[0][4]) < 500
    assert "Content-Encoding" not in stub.asked[1][3]
