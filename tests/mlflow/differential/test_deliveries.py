"""What MLflow posts when models change, and what we do."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.mlflow.conftest import serving
from tests.mlflow.speaker import Speaker
from tests.server import RealServer
from tests.webhooks.receiver import Answer, Got, receiving
from webhooks.signing import signature

EVENTS = [
    ("REGISTERED_MODEL", "CREATED"), ("MODEL_VERSION", "CREATED"), ("MODEL_VERSION_TAG", "SET"),
    ("MODEL_VERSION_TAG", "DELETED"), ("MODEL_VERSION_ALIAS", "CREATED"), ("MODEL_VERSION_ALIAS", "DELETED"),
]  # fmt: skip
SECRET = "sécret"


@pytest.fixture(scope="module")
def servers(mlflow_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """A real MLflow and ours, both of which may post to this machine."""
    allowed = {"MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS": "true", "MLFLOW_WEBHOOK_ALLOWED_SCHEMES": "http"}
    ours = RealServer(tmp_path_factory.mktemp("ours"), TRACKER_WEBHOOK_PRIVATE="1").start()
    with serving(mlflow_python, tmp_path_factory.mktemp("theirs"), **allowed) as theirs:
        yield [theirs, ours.url]
    ours.stop()


def ask(server: Speaker, url: str, **fields: Any) -> str:
    events = [{"entity": entity, "action": action} for entity, action in EVENTS]
    made = server.post("webhooks", **({"name": "hook", "url": url, "events": events, "secret": SECRET} | fields))
    assert "webhook" in made, made
    return str(made["webhook"]["webhook_id"])


def change_models(server: Speaker) -> None:
    """Everything that is told of, and some of what is not."""
    server.post("registered-models/create", name="m", tags=[{"key": "a", "value": "1"}], description="d")
    server.post("registered-models/create", name="bare")
    run = server.run()
    source = f"runs:/{run}/model"
    version = {"name": "m", "version": "1"}
    server.post("model-versions/create", name="m", source=source, run_id=run, tags=[{"key": "b", "value": "2"}])
    server.post("model-versions/create", name="m", source="s3://bucket/model", description="e")
    server.post("model-versions/set-tag", **version, key="k", value="v")
    server.post("registered-models/alias", **version, alias="champion")
    server.ask("DELETE", "/api/2.0/mlflow/model-versions/delete-tag", version | {"key": "k"})
    server.ask("DELETE", "/api/2.0/mlflow/registered-models/alias", {"name": "m", "alias": "champion"})
    server.post("registered-models/rename", name="bare", new_name="renamed")
    server.post("registered-models/set-tag", name="m", key="c", value="3")


def told(server: Speaker, got: Got) -> Any:
    """A delivery without what differs from server to server."""
    body = json.loads(got.body)
    headers = got.headers
    timestamp, delivery = headers["X-MLflow-Timestamp"], headers["X-MLflow-Delivery-Id"]
    assert headers["X-MLflow-Signature"] == signature(SECRET, delivery, timestamp, got.body.decode())
    assert body.pop("timestamp").endswith("+00:00")
    names = sorted(name for name in headers if name.startswith("X-")), headers["Content-Type"]
    return server._plain(body), names


def compare(servers: list[str], tell: Callable[[Speaker, str], None], count: int) -> None:
    heard = []
    for url in servers:
        with receiving() as receiver:
            server = Speaker(url, "deliveries")
            tell(server, receiver.url)
            assert {status for status, _ in server.told} == {200}, server.told
            heard.append([told(server, got) for got in receiver.wait_for(count)])
    theirs, ours = heard
    assert [item for item in theirs if item not in ours] == []
    assert [item for item in ours if item not in theirs] == []


def test_changes_of_models_are_told_alike(servers):
    def tell(server: Speaker, url: str) -> None:
        ask(server, url)
        change_models(server)

    compare(servers, tell, 8)


@pytest.mark.parametrize(("status", "body"), [(200, b"ok"), (202, b""), (400, b"no"), (404, b"{}")])
def test_answers_to_tests_are_told_alike(servers, status, body):
    results = []
    for url in servers:
        with receiving() as receiver:
            receiver.answers = [Answer(status, body)]
            server = Speaker(url, "tests")
            results.append(server.post(f"webhooks/{ask(server, receiver.url)}/test")["result"])
            assert json.loads(receiver.got[0].body)["entity"] == "model_version"
    assert results[0] == results[1]
