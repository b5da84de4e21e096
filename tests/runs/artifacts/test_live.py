"""A real server with real files: big ones, broken ones, many at once, and SIGKILL in between."""

import hashlib
import http.client
import itertools
import os
import random
import socket
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.patience import until
from tests.server import RealServer

pytestmark = pytest.mark.slow

MIB = 1 << 20
PATIENCE_SECONDS = 60


def put_big(server: RealServer, path: str, size: int) -> tuple[int, str]:
    """Send `size` bytes piece by piece; the status and their hash."""
    piece = os.urandom(MIB)
    hasher = hashlib.sha256()
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=600)
    connection.putrequest("PUT", f"/api/v1/runs/r1/artifacts/{path}")
    connection.putheader("Content-Length", str(size))
    connection.endheaders()
    for start in range(0, size, MIB):
        part = piece[: size - start]
        hasher.update(part)
        connection.send(part)
    status = connection.getresponse().status
    connection.close()
    return status, hasher.hexdigest()


def hash_of_download(server: RealServer, path: str) -> str:
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=120)
    connection.request("GET", f"/api/v1/runs/r1/artifacts/{path}")
    response = connection.getresponse()
    hasher = hashlib.sha256()
    while part := response.read(MIB):
        hasher.update(part)
    connection.close()
    return hasher.hexdigest()


def peak_memory(pid: int) -> int:
    """The most that a process ever held in memory, in bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def assert_big_file_passes_through(server: RealServer, size: int) -> None:
    server.client().put("/api/v1/runs/r1/")
    before = peak_memory(server.pid)
    status, sha256 = put_big(server, "big.bin", size)
    assert status == 201
    assert hash_of_download(server, "big.bin") == sha256
    assert peak_memory(server.pid) - before < 30 * MIB


def test_100_mb_pass_through_without_being_held_in_memory(server):
    assert_big_file_passes_through(server, 100 * MIB)


@pytest.mark.alone
def test_2_gb_pass_through_without_being_held_in_memory(server):
    assert_big_file_passes_through(server, 2048 * MIB)


def test_a_client_that_vanishes_leaves_nothing(server):
    server.client().put("/api/v1/runs/r1/")
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        head = f"PUT /api/v1/runs/r1/artifacts/a HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
        connection.sendall(f"{head}Content-Length: 1000000\r\n\r\n".encode() + b"x" * 300_000)
        until(lambda: files(server))
    until(lambda: not files(server))
    assert server.client().get("/api/v1/runs/r1/artifacts/").body["artifacts"] == []


def files(server: RealServer) -> list[Path]:
    folder = server.home / "artifacts"
    return [place for place in folder.rglob("*") if place.is_file() and place.name != "blobs.lock"]


@pytest.mark.parametrize("command", ["runserver", "serve"])
def test_content_whose_length_only_its_end_tells_is_stored_by_both_servers(tmp_path, command):
    server = RealServer(tmp_path, command).start()
    try:
        server.client().put("/api/v1/runs/r1/")
        connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=PATIENCE_SECONDS)
        connection.request("PUT", "/api/v1/runs/r1/artifacts/a", iter([b"a", b"b"]), encode_chunked=True)
        assert connection.getresponse().status == 201
        assert server.client().get("/api/v1/runs/r1/artifacts/").body["artifacts"][0]["size"] == 2
    finally:
        server.stop()


def test_the_same_content_put_and_deleted_at_once_is_whole_whenever_it_is_there(server):
    """Eight writers contend for one blob: none may ever find a name without content."""
    strange = []

    def work(number):
        client, address = server.client(), f"/api/v1/runs/w{number}/artifacts/a"
        client.put(f"/api/v1/runs/w{number}/")
        for _ in range(25):
            for method, body, good in (
                ("PUT", b"contested", (200, 201)),
                ("GET", b"", (200,)),
                ("DELETE", b"", (200,)),
            ):
                answer = client.send(method, address, body)
                if answer.status not in good:
                    strange.append((method, answer))

    threads = [threading.Thread(target=work, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not strange
    assert files(server) == []


def test_a_zip_whose_file_goes_meanwhile_ends_the_connection(server):
    client = server.client()
    client.put("/api/v1/runs/r1/")
    for name in "abc":
        client.send("PUT", f"/api/v1/runs/r1/artifacts/{name}", name.encode() * 20 * MIB)
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=PATIENCE_SECONDS)
    connection.request("GET", "/api/v1/runs/r1/artifacts.zip")
    response = connection.getresponse()
    response.read(1000)
    client.send("DELETE", "/api/v1/runs/r1/artifacts/c")
    with pytest.raises(http.client.IncompleteRead):
        response.read()


@pytest.mark.parametrize("kills", [8, pytest.param(20, marks=pytest.mark.long)])
def test_a_server_killed_while_it_receives_files_shows_no_half_file_and_no_name_without_content(server, kills):
    """SIGKILLs at random moments; what was answered is there, and every name has its whole content."""
    chance = random.Random(20261125)
    server.client().put("/api/v1/runs/r1/")
    acknowledged: dict[str, str] = {}
    for turn in range(kills):
        acknowledged |= _put_until_killed(server, turn, chance)
        server.start()
        _assert_whole(server, acknowledged)
        assert len(acknowledged) > turn
    assert not list((server.home / "artifacts" / "incoming").iterdir())


def _put_until_killed(server: RealServer, turn: int, chance: random.Random) -> dict[str, str]:
    client, answered = server.client(), dict[str, str]()
    killer = threading.Timer(chance.uniform(0.05, 0.5), server.kill)
    for number in itertools.count():
        content = chance.randbytes(chance.choice([10, 10_000, 3_000_000]))
        path = f"{turn}/{number}"
        try:
            answer = client.send("PUT", f"/api/v1/runs/r1/artifacts/{path}", content)
        except (OSError, http.client.HTTPException, ValueError):
            break
        assert answer.status == 201
        answered[path] = hashlib.sha256(content).hexdigest()
        if not killer.ident:
            # However slow the machine, each server stores something before its end.
            killer.start()
    killer.join()
    return answered


def _assert_whole(server: RealServer, acknowledged: dict[str, str]) -> None:
    stored: dict[str, str] = {}
    for folder in server.client().get("/api/v1/runs/r1/artifacts/").body["artifacts"]:
        listing = server.client().get(f"/api/v1/runs/r1/artifacts/?path={folder['path']}&limit=10000").body
        stored |= {entry["path"]: entry["sha256"] for entry in listing["artifacts"]}
    assert acknowledged.items() <= stored.items()
    newest = max(int(path.partition("/")[0]) for path in stored) if stored else 0
    for path, sha256 in stored.items():
        if path.startswith(f"{newest}/"):
            assert hash_of_download(server, path) == sha256, path
