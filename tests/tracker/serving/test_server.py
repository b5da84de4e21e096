"""The server as a process: routes, limits, and how it ends."""

import json
import re
import select
import signal
import socket
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from itertools import islice

import psutil
import pytest

from tests.patience import until
from tests.tracker.serving.served import PATIENCE_SECONDS, ModelServer


def figure(server, name):
    """A figure of /metrics, with all its labels written out."""
    told = server.ask("GET", "/metrics")[1]
    found = re.search(rf"^{re.escape(name)} (\S+)$", told, re.MULTILINE)
    return float(found[1]) if found else 0.0


def test_it_predicts(model_server):
    status, text, headers = model_server.predict()
    assert (status, text) == (200, '{"predictions": ["a 1.5", "b 2.0"]}')
    assert headers["content-type"] == "application/json"


@pytest.mark.parametrize(("path", "text"), [("/ping", "\n"), ("/health", "\n"), ("/version", "3.17.2")])
def test_it_says_how_it_is(model_server, path, text):
    assert model_server.ask("GET", path)[:2] == (200, text)


def test_what_it_does_not_have(model_server):
    assert model_server.ask("GET", "/nothing")[0] == 404
    status, _, headers = model_server.ask("DELETE", "/invocations")
    assert (status, headers["allow"]) == (405, "POST")


def test_metrics_count_requests_rows_and_refusals(model_server):
    names = ['tracker_serving_requests_total{status="200"}', "tracker_serving_rows_total"]
    refused = 'tracker_serving_requests_total{status="400"}'
    before = [figure(model_server, name) for name in (*names, refused, "tracker_serving_request_seconds_count")]
    model_server.predict()
    model_server.ask("POST", "/invocations", {})
    after = [figure(model_server, name) for name in (*names, refused, "tracker_serving_request_seconds_count")]
    assert [now - then for now, then in zip(after, before, strict=True)] == [1, 2, 1, 2]
    assert figure(model_server, "tracker_serving_in_flight") == 0
    assert figure(model_server, "tracker_serving_load_seconds") > 0
    assert "tracker_serving_memory_bytes{" in model_server.ask("GET", "/metrics")[1]


def test_a_large_body_is_refused(model_server):
    status, text, _ = model_server.ask("POST", "/invocations", b" " * 20_000)
    assert status == 413
    assert "--max-body" in json.loads(text)["message"]


def test_a_large_body_of_unknown_length_is_refused(model_server):
    with socket.create_connection(("127.0.0.1", model_server.port)) as line:
        head = b"POST /invocations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        line.sendall(head + b"Transfer-Encoding: chunked\r\n\r\n" + (b"1000\r\n" + b" " * 4096 + b"\r\n") * 5)
        assert line.recv(100).startswith(b"HTTP/1.1 413")


@pytest.mark.slow
def test_a_request_that_takes_too_long_is_given_up(patient_model, tmp_path):
    server = ModelServer(patient_model, tmp_path, "--timeout", "1").ready()
    status, text, _ = server.predict(tmp_path / "go")
    assert (status, text) == (504, "Request processing time exceeded limit")
    (tmp_path / "go").touch()
    assert server.stop() == 0


def test_more_than_may_wait_are_sent_away(model_server, tmp_path):
    with ThreadPoolExecutor(8) as clients:
        asked = [clients.submit(model_server.predict, tmp_path / "go") for _ in range(8)]
        sent_away = [answer.result() for answer in islice(as_completed(asked), 4)]
        (tmp_path / "go").touch()
    assert [(status, headers["retry-after"]) for status, _, headers in sent_away] == [(503, "1")] * 4
    assert sorted(answer.result()[0] for answer in asked) == [200] * 4 + [503] * 4
    assert model_server.predict()[0] == 200


def test_slow_clients_do_not_stop_others(model_server):
    head = b"POST /invocations HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"
    lines = [socket.create_connection(("127.0.0.1", model_server.port)) for _ in range(300)]
    try:
        for place, line in enumerate(lines):
            line.sendall(head if place % 2 else head[:30])
        assert model_server.predict()[0] == 200
        # They still hang: it was not their end that made room.
        assert select.select(lines, [], [], 0)[0] == []
    finally:
        for line in lines:
            line.close()


def test_other_hosts_are_refused(model_server):
    assert model_server.ask("GET", "/ping", Host="evil.example")[0] == 403
    assert model_server.ask("GET", "/ping", Host="models.example:80")[0] == 200
    assert model_server.ask("GET", "/ping", Host="localhost:1")[0] == 200


def test_forms_of_other_sites_are_refused(model_server):
    assert model_server.ask("POST", "/", b"", **{"Sec-Fetch-Site": "cross-site"})[0] == 403


def test_a_port_that_is_taken_is_said(model_server, patient_model, tmp_path):
    other = ModelServer(patient_model, tmp_path, "-p", str(model_server.port))
    assert other.process.wait(PATIENCE_SECONDS) == 2
    assert "Choose another --port" in other.log.read_text()


@pytest.mark.slow
def test_it_ends_when_its_model_can_not_be_loaded(patient_model, tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model/MLmodel").write_text((patient_model / "MLmodel").read_text())
    server = ModelServer(tmp_path / "model", tmp_path)
    assert server.process.wait(PATIENCE_SECONDS) == 1
    assert "patient.py" in server.log.read_text()
    assert "Traceback" not in server.log.read_text()


@pytest.mark.slow
def test_a_request_that_runs_is_answered_before_the_end(patient_model, tmp_path):
    server = ModelServer(patient_model, tmp_path).ready()
    with ThreadPoolExecutor(1) as client:
        asked = client.submit(server.predict, tmp_path / "go")
        until(lambda: figure(server, "tracker_serving_in_flight") == 1)
        server.process.send_signal(signal.SIGTERM)
        until(lambda: not takes_more(server))
        (tmp_path / "go").touch()
        assert asked.result()[0] == 200
    assert server.process.wait(PATIENCE_SECONDS) == 0
    with pytest.raises(ConnectionRefusedError):
        server.ask("GET", "/ping")


@pytest.mark.slow
def test_a_worker_that_is_killed_is_replaced(patient_model, tmp_path):
    server = ModelServer(patient_model, tmp_path, "--workers", "2").ready()
    until(lambda: server.ask("GET", "/metrics")[1].count("tracker_serving_memory_bytes{") == 2)
    for _ in range(20):
        assert server.predict()[0] == 200
    killed, _ = workers(server)
    killed.kill()
    until(lambda: len(workers(server)) == 2 and killed not in workers(server))
    # A connection that waited at the killed one's door is lost, before anything is counted.
    assert until(lambda: predicted(server.ready())) == 200
    # What the killed one counted is not forgotten.
    assert figure(server, 'tracker_serving_requests_total{status="200"}') == 21
    assert figure(server, "tracker_serving_in_flight") == 0
    assert server.stop() == 0


@pytest.mark.slow
def test_nothing_is_left_of_a_server_that_is_killed(patient_model, tmp_path):
    server = ModelServer(patient_model, tmp_path).ready()
    (worker,) = workers(server)
    server.process.kill()
    worker.wait(PATIENCE_SECONDS)
    with pytest.raises(ConnectionRefusedError):
        server.ask("GET", "/ping")


def predicted(server):
    """The status of a prediction; None where the connection was reset."""
    try:
        return server.predict()[0]
    except ConnectionResetError:
        return None


def workers(server):
    """Its workers that live."""
    live = []
    for child in psutil.Process(server.process.pid).children():
        with suppress(psutil.NoSuchProcess):
            live += [child] if child.status() != psutil.STATUS_ZOMBIE else []
    return live


def takes_more(server):
    """Whether somebody listens."""
    try:
        socket.create_connection(("127.0.0.1", server.port)).close()
    except ConnectionError:
        return False
    return True
