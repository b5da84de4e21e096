"""Repositories of a real web server, which asks for a password or not."""

import base64
import os
import signal
import subprocess
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import psutil
import pytest

from tracker.errors import TrackerError
from tracker.projects import sources

pytestmark = pytest.mark.slow
SILENT_SECONDS = 60
PASSWORD = base64.b64encode(b"me:ge/heim").decode()


class Handler(BaseHTTPRequestHandler):
    """Hands each request to git's own program for it; below /closed only with a password."""

    def do_GET(self):
        if self.path.startswith("/silent"):
            self.server.was_asked()
            self.server.ends.wait(SILENT_SECONDS)
        elif self.path.startswith("/closed") and self.headers.get("Authorization") != f"Basic {PASSWORD}":
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="closed"')
            self.end_headers()
        else:
            self.answer()

    do_POST = do_GET  # noqa: N815 - the library's name

    def answer(self):
        path, _, query = self.path.removeprefix("/closed").partition("?")
        told = {
            "GIT_PROJECT_ROOT": str(self.server.folder), "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": path,
            "QUERY_STRING": query, "REQUEST_METHOD": self.command, "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
        }  # fmt: skip
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        done = subprocess.run(["git", "http-backend"], input=body, env=os.environ | told, capture_output=True)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        self.send_response(200)
        for line in head.decode().split("\r\n"):
            self.send_header(*line.split(": ", 1))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *words):
        pass


@pytest.fixture
def server(history):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.folder, server.ends, server.was_asked = history.folder.parent, Event(), lambda: None
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.ends.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def uri(server):
    return f"http://127.0.0.1:{server.server_port}"


def test_one_commit_alone_comes_from_a_server(uri, history):
    source = sources.fetched(f"{uri}/history/.git#project", "v1")
    assert (source.folder / "train.py").read_text() == "one"
    assert (source.commit, source.remote) == (history.first, f"{uri}/history/.git")
    assert sources.git.run(["rev-list", "--all", "--count"], source.folder).strip() in {"0", "1"}


def test_an_abbreviated_commit_comes_from_a_server(uri, history):
    assert sources.fetched(f"{uri}/history/.git", history.second[:9]).commit == history.second


def test_a_password_in_the_address_opens_and_is_kept_nowhere(uri, history):
    source = sources.fetched(uri.replace("//", "//me:ge%2fheim@") + "/closed/history/.git")
    assert (source.commit, source.remote) == (history.third, f"{uri}/closed/history/.git")
    kept = [file for file in source.root.rglob("*") if file.is_file() and b"heim" in file.read_bytes()]
    assert kept == []


def test_a_password_is_on_no_command_line(uri, history, tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_TRACE", str(tmp_path / "commands"))
    sources.fetched(uri.replace("//", "//me:ge%2fheim@") + "/closed/history/.git", history.second[:9])
    commands = (tmp_path / "commands").read_text()
    assert "remote-http" in commands
    assert "heim" not in commands
    assert PASSWORD not in commands


def test_what_the_environment_says_to_git_is_kept_beside_a_password(uri, tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "http.extraHeader")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "X-Team: blue")
    monkeypatch.setenv("GIT_TRACE_CURL", str(tmp_path / "requests"))
    sources.fetched(uri.replace("//", "//me:ge%2fheim@") + "/closed/history/.git")
    assert "X-Team: blue" in (tmp_path / "requests").read_text()


def test_without_the_password_nobody_is_asked_for_it(uri, tmp_path):
    with pytest.raises(TrackerError, match="git ls-remote ended with 128") as raised:
        sources.fetched(uri.replace("//", "//me:wrong@") + "/closed/history/.git")
    assert "wrong" not in str(raised.value)
    with pytest.raises(TrackerError, match="could not read Username"):
        sources.fetched(f"{uri}/closed/history/.git")
    assert not list(tmp_path.glob("tracker-project-*"))


def test_a_server_that_says_nothing_is_given_up(uri, monkeypatch):
    settings = tuple(each.replace("lowSpeedTime=60", "lowSpeedTime=1") for each in sources.git._SETTINGS)
    monkeypatch.setattr(sources.git, "_SETTINGS", settings)
    began = time.monotonic()
    with pytest.raises(TrackerError, match="git ls-remote ended with"):
        sources.fetched(f"{uri}/silent/history/.git")
    assert time.monotonic() - began < SILENT_SECONDS


def test_ctrl_c_ends_gits_helpers_too(uri, server):
    server.was_asked = lambda: os.kill(os.getpid(), signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        sources.fetched(f"{uri}/silent/history/.git")
    assert_nothing_asks(f"{uri}/silent")


def test_ctrl_c_while_git_is_started_ends_it(uri, monkeypatch):
    class Interrupted(subprocess.Popen):
        def __init__(self, *words, **options):
            super().__init__(*words, **options)
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(subprocess, "Popen", Interrupted)
    with pytest.raises(KeyboardInterrupt):
        sources.fetched(f"{uri}/silent/history/.git")
    assert_nothing_asks(f"{uri}/silent")


def assert_nothing_asks(address):
    """No program goes on that was told this address."""
    deadline = time.monotonic() + SILENT_SECONDS / 2
    while any(address in " ".join(each.info["cmdline"] or []) for each in psutil.process_iter(["cmdline"])):
        assert time.monotonic() < deadline
        time.sleep(0.05)
