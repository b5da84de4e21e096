"""An MLflow server that is asked over REST: only where it was named, and whatever it answers."""

import pytest

from tests.importing.conftest import Done
from tests.tracker.servers import ParrotServer, ScriptedServer

pytestmark = pytest.mark.django_db


def answer(status, body=b"{}", head=b""):
    return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\nConnection: close\r\n%s\r\n%s" % (status, len(body), head, body)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (answer(200, b"[1]"), "MLflow would not say"),
        (answer(200, b"{"), "MLflow would not say"),
        (answer(200, b"[" * 100_000), "MLflow would not say"),
        (answer(403), "answered 403"),
    ],
)
def test_what_is_no_mlflow_is_told(said, reason):
    with ParrotServer(said) as server:
        done = Done(server.uri)
    assert done.record.state == "FAILED"
    assert reason in done.record.error


def test_a_redirect_is_not_followed():
    with ScriptedServer() as elsewhere:
        moved = answer(302, head=f"Location: {elsewhere.uri}/secret\r\n".encode())
        with ParrotServer(moved) as server:
            assert Done(server.uri).record.state == "FAILED"
        assert not elsewhere.asked


def test_a_secret_in_the_address_is_sent_and_not_shown():
    with ScriptedServer() as server:
        done = Done(server.uri.replace("http://", "http://ada:s3cr3t@"))
    assert server.asked[0][3]["authorization"].startswith("Basic ")
    assert "s3cr3t" not in str(done.told)


def test_a_secret_in_the_address_of_a_server_that_refuses_is_not_shown():
    with ParrotServer(answer(403)) as server:
        done = Done(server.uri.replace("http://", "http://ada:s3@cr3t@"))
    assert done.record.state == "FAILED"
    assert "cr3t" not in str(done.told)


@pytest.mark.parametrize("address", ["http://", "https:///x"])
def test_an_address_without_a_host_is_told(address):
    assert "names a host" in Done(address).record.error
