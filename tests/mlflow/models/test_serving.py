"""The same models, served by MLflow and by us: answers are equal to the byte, errors in status and code."""

import http.client
import json
import os
import subprocess
import sys
import time

import pytest

from tests.mlflow.models.serving import saved
from tests.mlflow.models.serving.requests import ASKED
from tests.server import ROOT, free_port

PATIENCE_SECONDS = 120
HERE = "tests.mlflow.models.serving"

#: Where we answer otherwise on purpose: method, path, body, headers, and the statuses of both.
DIFFERENCES = {
    "no kind of content": ("POST", "/plain/invocations", b"{}", {}, 500, 415),
    "nested too deeply": ("POST", "/plain/invocations", b"[" * 100_000, {"Content-Type": "application/json"}, 500, 400),
    "too many digits": ("POST", "/plain/invocations", b"9" * 5000, {"Content-Type": "application/json"}, 500, 400),
    "HEAD for health": ("HEAD", "/plain/ping", None, {}, 405, 200),
    "a slash too many": ("GET", "/plain/ping/", None, {}, 307, 404),
}


class Served:
    """A process that serves all the models."""

    def __init__(self, python, module, folder, *words):
        self.port = free_port()
        self.log = folder.with_name(f"{module}.log")
        environment = os.environ | {"MLFLOW_DISABLE_TELEMETRY": "true", "PYTHONPATH": str(ROOT), "TRACKER_QUIET": "1"}
        command = [python, "-m", f"{HERE}.{module}", str(folder), *words, str(self.port)]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)

    def wait(self):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return self.ask("GET", "/plain/ping")
            except OSError:
                assert self.process.poll() is None, self.log.read_text()
                assert time.monotonic() < deadline, self.log.read_text()
                time.sleep(0.1)

    def ask(self, method, path, body=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        told = response.status, response.headers["content-type"], response.read()
        connection.close()
        return told

    def stop(self):
        self.process.terminate()
        self.process.wait(PATIENCE_SECONDS)


@pytest.fixture(scope="module")
def served(mlflow_python, tmp_path_factory):
    folder = tmp_path_factory.mktemp("served") / "models"
    figures = folder.with_name("figures")
    figures.mkdir()
    saved.save_all(folder)
    both = Served(mlflow_python, "theirs", folder), Served(sys.executable, "ours", folder, str(figures))
    for each in both:
        each.wait()
    yield both
    for each in both:
        each.stop()


@pytest.mark.parametrize("name", list(ASKED))
def test_it_answers_as_mlflow_does(served, name):
    model, kind, body = ASKED[name]
    theirs, ours = (each.ask("POST", f"/{model}/invocations", body, **{"Content-Type": kind}) for each in served)
    assert ours[0] == theirs[0], (theirs, ours)
    if theirs[0] == 500:
        # Theirs is a bare text there.
        return
    assert ours[1] == theirs[1]
    if theirs[0] == 200:
        assert ours[2] == theirs[2]
    elif theirs[1] == "application/json":
        assert json.loads(ours[2])["error_code"] == json.loads(theirs[2])["error_code"]


@pytest.mark.parametrize("path", ["ping", "health", "version", "nothing", "invocations"])
def test_other_routes_answer_as_theirs(served, path):
    theirs, ours = (each.ask("GET", f"/plain/{path}") for each in served)
    assert ours == theirs


@pytest.mark.parametrize("name", list(DIFFERENCES))
def test_where_we_answer_otherwise_on_purpose(served, name):
    method, path, body, headers, *statuses = DIFFERENCES[name]
    assert [each.ask(method, path, body, **headers)[0] for each in served] == statuses


def test_there_are_enough_requests():
    assert len(ASKED) > 60
