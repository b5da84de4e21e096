"""Slow files leave threads of `manage.py serve` to those who log."""

import select
import socket

import pytest

from tests.server import RealServer
from trackerweb import pool
from trackerweb.pool import LimitedFiles


def call(application, path):
    """The status, and the answer still open."""
    statuses = []
    answer = application({"PATH_INFO": path}, lambda status, headers: statuses.append(status))
    return statuses[0], answer


def ok(environ, start_response):
    start_response("200 OK", [])
    return [b"x"]


def broken(environ, start_response):
    raise ZeroDivisionError


@pytest.fixture
def limited(monkeypatch):
    monkeypatch.setattr(pool, "PATIENCE_SECONDS", 0.01)
    return LimitedFiles(ok, at_once=2)


@pytest.mark.parametrize(
    "path", ["/api/v1/runs/a/artifacts/b", "/runs/a/artifacts/", "/preview/a/b", "/api/v1/runs/a/artifacts.zip"]
)
def test_files_beyond_the_limit_are_asked_to_come_back(limited, path):
    held = [call(limited, path)[1] for _ in range(2)]
    assert call(limited, path)[0] == "503 Service Unavailable"
    held[0].close()
    assert call(limited, path)[0] == "200 OK"


def test_what_is_logged_needs_no_place(limited):
    for _ in range(5):
        assert call(limited, "/api/v1/runs/a/log/")[0] == "200 OK"


def test_an_application_that_breaks_gives_its_place_back():
    limited = LimitedFiles(broken, at_once=1)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            call(limited, "/preview/a/b")


@pytest.mark.alone
@pytest.mark.slow
def test_stalled_uploads_do_not_stop_a_script_from_logging(tmp_path):
    server = RealServer(tmp_path, "serve").start()
    server.client().put("/api/v1/runs/r1/")
    stalled = []
    for number in range(60):
        connection = socket.create_connection(("127.0.0.1", server.port))
        head = f"PUT /api/v1/runs/r1/artifacts/{number} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
        connection.sendall(f"{head}Content-Length: 1000000\r\n\r\nabc".encode())
        stalled.append(connection)
    # Those that no thread holds are told to come back: by then the others hold all that uploads may.
    told = []
    while len(told) < len(stalled) - pool.FILES_AT_ONCE:
        ready, _, _ = select.select([connection for connection in stalled if connection not in told], [], [], 60)
        assert ready
        told += ready
    assert {connection.recv(12) for connection in told} == {b"HTTP/1.1 503"}
    for step in range(20):
        columns = {"steps": [step], "values": [1.0]}
        assert server.client().post("/api/v1/runs/r1/log/", {"metrics": {"loss": columns}}).status == 200
    for connection in stalled:
        connection.close()
    server.stop()
