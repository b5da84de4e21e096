"""Webhooks made by MLflow's client, delivered as MLflow delivers, and checked as MLflow's own code signs."""

import json
import subprocess
from collections.abc import Iterator

import pytest

from tests.server import RealServer
from tests.webhooks.receiver import Answer, Receiver, receiving

SIGN = """
import json, sys
from mlflow.webhooks.delivery import _generate_hmac_signature
print(json.dumps([_generate_hmac_signature(*parts) for parts in json.load(sys.stdin)]))
"""


@pytest.fixture(scope="module")
def tracker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of ours that may post to this machine."""
    server = RealServer(tmp_path_factory.mktemp("tracker"), TRACKER_WEBHOOK_PRIVATE="1").start()
    yield server.url
    server.stop()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


def test_a_webhook_from_its_making_to_its_end(script, receiver):
    receiver.answers = [Answer(202, b"thanks")]
    told = script(f"""
        import mlflow
        from mlflow.entities.webhook import WebhookEvent, WebhookStatus
        client = mlflow.MlflowClient()
        made = client.create_webhook(
            "hook", "{receiver.url}", ["model_version.created", "model_version_tag.set"], description="d", secret="s",
        )
        told["made"] = [made.name, made.url, made.description, str(made.status), [str(event) for event in made.events]]
        told["secret"] = made.secret
        read = client.get_webhook(made.webhook_id)
        told["read"] = [read.name, read.creation_timestamp == made.creation_timestamp]
        told["listed"] = [item.name for item in client.list_webhooks()]
        result = client.test_webhook(made.webhook_id)
        told["test"] = [result.success, result.response_status, result.response_body]
        event = WebhookEvent("model_version_tag", "set")
        told["other test"] = client.test_webhook(made.webhook_id, event=event).success
        changed = client.update_webhook(made.webhook_id, name="other", events=[event], status=WebhookStatus.DISABLED)
        told["changed"] = [changed.name, str(changed.status), [str(item) for item in changed.events]]
        client.delete_webhook(made.webhook_id)
        told["left"] = len(client.list_webhooks())
        try:
            client.get_webhook(made.webhook_id)
        except mlflow.MlflowException as error:
            told["gone"] = error.error_code
    """)
    events = ["model_version.created", "model_version_tag.set"]
    assert told["made"] == ["hook", receiver.url, "d", "ACTIVE", events]
    assert not told["secret"]
    assert told["read"] == ["hook", True]
    assert told["listed"] == ["hook"]
    assert told["test"] == [True, 202, "thanks"]
    assert told["other test"] is True
    assert told["changed"] == ["other", "DISABLED", ["model_version_tag.set"]]
    assert (told["left"], told["gone"]) == (0, "RESOURCE_DOES_NOT_EXIST")
    assert [json.loads(got.body)["entity"] for got in receiver.got] == ["model_version", "model_version_tag"]


def test_signatures_are_those_of_mlflow(script, receiver, mlflow_python):
    script(f"""
        import mlflow
        client = mlflow.MlflowClient()
        made = client.create_webhook("h", "{receiver.url}", ["model_version.created"], secret="sécret 💥")
        for _ in range(3):
            client.test_webhook(made.webhook_id)
        client.delete_webhook(made.webhook_id)
    """)
    signed = [
        ["sécret 💥", got.headers["X-MLflow-Delivery-Id"], got.headers["X-MLflow-Timestamp"], got.body.decode()]
        for got in receiver.got
    ]
    assert len(signed) == 3
    done = subprocess.run(
        [mlflow_python, "-c", SIGN], input=json.dumps(signed), capture_output=True, text=True, check=True
    )
    assert [got.headers["X-MLflow-Signature"] for got in receiver.got] == json.loads(done.stdout)


def test_the_end_of_a_run_of_mlflow_is_told_and_its_client_lists_on(script, receiver, tracker):
    address = f"{tracker}/api/2.0/mlflow/webhooks"
    told = script(f"""
        import json, urllib.request
        import mlflow
        events = [{{"entity": "RUN", "action": "FINISHED"}}, {{"entity": "RUN", "action": "FAILED"}}]
        body = json.dumps({{"name": "runs", "url": "{receiver.url}", "events": events}}).encode()
        asked = urllib.request.Request("{address}", body, {{"Content-Type": "application/json"}})
        made = json.load(urllib.request.urlopen(asked))["webhook"]
        told["events"] = made["events"]
        told["listed"] = [item.name for item in mlflow.MlflowClient().list_webhooks()]
        with mlflow.start_run(run_name="good"):
            mlflow.log_metric("loss", 0.5)
        try:
            with mlflow.start_run(run_name="bad"):
                raise ValueError
        except ValueError:
            pass
    """)
    assert len(told["events"]) == 2
    assert told["listed"] == []
    bodies = [json.loads(got.body) for got in receiver.wait_for(2)]
    assert {(body["action"], body["data"]["run_name"]) for body in bodies} == {("finished", "good"), ("failed", "bad")}
    assert next(body for body in bodies if body["action"] == "finished")["data"]["metrics"] == {"loss": 0.5}
