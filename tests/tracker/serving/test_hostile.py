"""Clients and models that mean harm: each gets an answer, and the server goes on."""

import json
import socket
import time

import pytest
from sklearn.linear_model import LinearRegression

from tests.tracker.serving.served import ModelServer
from tracker import models
from tracker.models.signature import ColSpec, ModelSignature, Schema
from tracker.serving.scoring import Scoring

RAISES = """
import asyncio
from tracker.models import PythonModel, set_model

class Raises(PythonModel):
    def predict(self, context, model_input, params=None):
        raise {"interrupt": KeyboardInterrupt, "cancel": asyncio.CancelledError, "end": GeneratorExit}[model_input[0]]

set_model(Raises())
"""


def said(server, head):
    """The first of an answer, and its body, for a head as it is."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as line:
        line.sendall(head)
        text = line.makefile("rb").read().decode()
    return text.splitlines()[0], text.partition("\r\n\r\n")[2]


@pytest.mark.parametrize("host", ["[::1", "[", "]", "[x]", "a[", "[1.2.3.4]"])
def test_a_host_that_is_none_is_refused(host, model_server):
    status, text = said(model_server, f"GET /ping HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    assert status.split()[1] in {"400", "403"}
    if text:
        assert "host" in json.loads(text)["message"].lower()
    assert "Traceback" not in model_server.log.read_text()


@pytest.mark.parametrize("path", ["/invocations", "/"])
@pytest.mark.parametrize("more", ["Content-Length: 100\r\n\r\n{", "Transfer-Encoding: chunked\r\n\r\n5\r\n{", ""])
def test_a_client_that_goes_away_leaves_no_stack(path, more, model_server):
    for linger in (True, False):
        with socket.create_connection(("127.0.0.1", model_server.port)) as line:
            head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{more}"
            line.sendall(head.encode())
            time.sleep(0.05)
            if linger:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    time.sleep(0.1)
    assert model_server.predict()[0] == 200
    assert "Traceback" not in model_server.log.read_text()


def test_a_model_that_raises_what_ends_processes_is_answered(tmp_path):
    (tmp_path / "raises.py").write_text(RAISES)
    models.save_model(tmp_path / "raises.py", tmp_path / "model", requirements=[], signature=False)
    server = ModelServer(tmp_path / "model", tmp_path).ready()
    for kind in ("interrupt", "cancel", "end"):
        status, text, _ = server.ask("POST", "/invocations", {"inputs": [kind]})
        assert (status, json.loads(text)["error_code"]) == (500, "INTERNAL_ERROR")
    assert server.ask("GET", "/ping")[0] == 200
    assert "could not be answered" not in server.log.read_text()
    assert server.stop() == 0


@pytest.mark.parametrize("params", [5, "a", [], [1], True, 0, False, ""])
@pytest.mark.parametrize("signature", [False, ModelSignature(Schema([ColSpec("double", "a")]))])
def test_params_that_are_no_object(params, signature, tmp_path):
    models.save_model(LinearRegression().fit([[0], [1]], [0, 1]), tmp_path / "model", signature=signature)
    scoring = Scoring(models.load_model(tmp_path / "model"))
    body = {"dataframe_split": {"columns": ["a"], "data": [[1.0]]}, "params": params}
    answer = scoring.answer("application/json", json.dumps(body).encode())
    assert answer.status == 400
    assert "params is an object" in json.loads(answer.content)["message"]
