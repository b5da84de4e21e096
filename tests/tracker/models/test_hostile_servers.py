"""Servers that mean harm, or are broken: a model comes whole, or nothing does, within limits of time and room."""

import contextlib
import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from tracker import models
from tracker.delivery import bodies
from tracker.delivery.server import Server
from tracker.errors import InvalidModel, InvalidValue, Refused, Unavailable
from tracker.models import downloads

MODEL = f"models:/m-{'0' * 32}"
MANY = 10**13


class Liar:
    """A server. `tell(handler, path)` writes an answer of its own, or returns what becomes JSON."""

    def __init__(self, tell):
        self.asked = []
        liar = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                liar.asked.append(self.path)
                told = tell(self, self.path)
                if told is not None:
                    self.answer(json.dumps(told).encode())

            def answer(self, *parts, pause_seconds=0.0, length=None):
                self.send_response(200)
                self.send_header("Content-Length", str(length or sum(map(len, parts))))
                self.end_headers()
                for part in parts:
                    self.wfile.write(part)
                    time.sleep(pause_seconds)

            def handle(self):
                with contextlib.suppress(OSError):
                    super().handle()

            def log_message(self, *arguments):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        self.uri = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def lying(tmp_path, monkeypatch):
    """Starts a server, which models are then loaded from."""
    liars = []
    monkeypatch.setenv("TRACKER_CACHE", str(tmp_path / "cache"))

    def start(tell):
        liars.append(Liar(tell))
        monkeypatch.setenv("TRACKER_URI", liars[-1].uri)
        return liars[-1]

    yield start
    for liar in liars:
        liar.server.shutdown()
        liar.server.server_close()


@pytest.fixture
def nothing_is_left(tmp_path):
    yield
    assert not [each for each in tmp_path.rglob("*") if each.name not in {"cache", "models"}]


def listing(*entries, next_name=None):
    return {"path": "", "artifacts": list(entries), "next_name": next_name}


def entry(path="MLmodel", size=4, **more):
    return {"path": path, "is_folder": False, "size": size} | more


ODD = {
    "a list": [],
    "null": None,
    "no artifacts": {},
    "artifacts null": {"artifacts": None, "next_name": None},
    "artifacts a mapping": {"artifacts": {"a": 1}, "next_name": None},
    "entries no mappings": listing(5),
    "no next_name but files that are not there": listing(entry(size=5)),
    "entry empty": listing({}),
    "size a word": listing(entry(size="x")),
    "size negative": listing(entry(size=-1)),
    "size a fraction": listing(entry(size=1.5)),
    "size null": listing(entry(size=None)),
    "size too much": listing(entry(size=MANY)),
    "a path twice": listing(entry(), entry()),
    "a file within a file": listing(entry("a"), entry("a/b")),
    "a long name": listing(entry("x" * 300)),
    "a long name in bytes": listing(entry("é" * 200)),
    "too deep": listing(entry("/".join("a" * 900))),
    "out of the folder": listing(entry("../MLmodel")),
    "absolute": listing(entry("/etc/passwd")),
    "no text": listing(entry(["a"])),
    "a surrogate": listing(entry("\ud800")),
    "a folder in itself": listing(entry("a", is_folder=True)),
    "pages without files": listing(next_name="a"),
    "another hash": listing(entry(sha256="0" * 64)),
}


@pytest.mark.usefixtures("nothing_is_left")
@pytest.mark.parametrize("told", ODD.values(), ids=ODD.keys())
def test_odd_lists_of_files(told, lying):
    def tell(handler, path):
        if "/artifacts/?" in path:
            handler.answer(json.dumps(told).encode())
        else:
            handler.answer(b"junk")

    lying(tell)
    with pytest.raises((InvalidModel, Unavailable, Refused)):
        models.load_model(MODEL)


@pytest.mark.usefixtures("nothing_is_left")
def test_pages_without_end(lying, monkeypatch):
    monkeypatch.setattr(downloads, "MOST_FILES", 100)
    liar = lying(lambda handler, path: listing(entry(f"{len(liar.asked)}"), next_name="x"))
    with pytest.raises(Unavailable, match="more than 100 files"):
        models.load_model(MODEL)
    assert len(liar.asked) == 101


@pytest.mark.usefixtures("nothing_is_left")
def test_pages_that_take_their_time(lying, monkeypatch):
    monkeypatch.setattr(downloads, "LISTING_SECONDS", 0.2)
    liar = lying(lambda handler, path: listing(entry(f"{len(liar.asked)}"), next_name="x"))
    with pytest.raises(Unavailable, match=r"more than 0\.2 s"):
        models.load_model(MODEL)


@pytest.mark.usefixtures("nothing_is_left")
def test_a_list_without_end(lying, monkeypatch):
    monkeypatch.setattr(bodies, "MOST_BYTES", 1024**2)
    lying(lambda handler, path: handler.answer(b"[", *[b" " * 65536] * 1000))
    with pytest.raises(Unavailable, match="larger than 1 MB"):
        models.load_model(MODEL)


@pytest.mark.usefixtures("nothing_is_left")
def test_an_answer_that_trickles(lying, monkeypatch):
    monkeypatch.setattr(bodies, "WHOLE_SECONDS", 0.2)
    lying(lambda handler, path: handler.answer(*[b" "] * 1000, pause_seconds=0.05))
    began = time.monotonic()
    with pytest.raises(Unavailable, match=r"not here within 0\.2 s"):
        models.load_model(MODEL)
    assert time.monotonic() - began < 30


@pytest.mark.usefixtures("nothing_is_left")
def test_a_file_that_trickles(lying, monkeypatch):
    monkeypatch.setattr(bodies, "LEAST_SECONDS", 0.2)

    def tell(handler, path):
        if "/artifacts/?" in path:
            return listing(entry(size=100))
        return handler.answer(*[b" "] * 100, pause_seconds=0.05)

    lying(tell)
    with pytest.raises(Unavailable, match="too slow to go on"):
        models.load_model(MODEL)


@pytest.mark.usefixtures("nothing_is_left")
@pytest.mark.parametrize("length", [1, 3, 1000])
def test_a_file_of_another_size(length, lying):
    def tell(handler, path):
        if "/artifacts/?" in path:
            return listing(entry(size=4))
        return handler.answer(b" " * min(length, 5), length=length)

    lying(tell)
    with pytest.raises(Unavailable):
        models.load_model(MODEL)


@pytest.mark.usefixtures("nothing_is_left")
def test_a_file_that_no_disk_holds_is_not_begun(lying):
    liar = lying(lambda handler, path: listing(entry(size=MANY)))
    with pytest.raises(Unavailable, match="are free in"):
        models.load_model(MODEL)
    assert len(liar.asked) == 1


@pytest.mark.parametrize("told", [[], {}, {"version": "../1"}, {"version": None}, {"version": "9" * 5000}])
def test_odd_versions(told, lying):
    lying(lambda handler, path: told)
    with pytest.raises(InvalidModel, match="no version"):
        models.load_model("models:/name@best")


@pytest.mark.parametrize(
    "told", [[], {"artifacts": [], "models": [{}]}, {"artifacts": [], "models": [5]}, {"artifacts": 5}]
)
def test_odd_answers_for_a_run(told, lying):
    lying(lambda handler, path: told)
    with pytest.raises(InvalidModel):
        models.load_model("runs:/abc/model")


def test_json_that_is_nested_too_deeply_is_no_answer(lying):
    liar = lying(lambda handler, path: handler.answer(b"[" * 200_000))
    server = Server(liar.uri)
    with pytest.raises(Refused, match="was answered 200"):
        server.get("models/")
    server.close()


@pytest.mark.parametrize(
    "uri",
    [
        "models:/m1/0000000000000000012", "models:/m1/1?x", "models:/m1/1#x", "models:/m1/١", 
        "models:/m1/0", "models:/m1/+1",
        "models:/../1", "models:/./1", "models:/m1/..", "models:/m1@..", 
        "models:/..@best", "runs:/../x", "runs:/abc/..",
        "runs:/abc/a/../b", "runs:/./x", "models:/a\nb/1", "models:/" + "9" * 30,
    ],
)  # fmt: skip
def test_odd_addresses_are_refused_before_anything_is_asked(uri, lying):
    liar = lying(lambda handler, path: {})
    with pytest.raises(InvalidValue):
        models.load_model(uri)
    assert liar.asked == []
