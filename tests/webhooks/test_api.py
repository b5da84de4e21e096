"""Webhooks on the native API. No answer holds a secret."""

import pytest

from tests.api import Api, assert_error
from tests.webhooks.receiver import Answer
from trackerweb import events
from webhooks import queue
from webhooks.models import Webhook, WebhookDelivery

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("private")]
api = Api()
SECRET = "hunter2-never-shown"


def make(receiver, **fields):
    told = {"name": "hook", "url": receiver.url, "events": ["run.failed", "run.finished"]} | fields
    return api.post("/api/v1/webhooks/", told)


def test_a_webhook_is_made_and_read(receiver):
    made = make(receiver, description="d", secret=SECRET)
    assert made.status == 201
    webhook_id = made.body["webhook_id"]
    assert api.get(f"/api/v1/webhooks/{webhook_id}/").body == made.body
    times = {name: made.body.pop(name) for name in ("creation_time", "last_updated_time")}
    assert times["creation_time"] == times["last_updated_time"]
    assert made.body == {
        "webhook_id": webhook_id,
        "name": "hook",
        "url": receiver.url,
        "description": "d",
        "events": ["run.failed", "run.finished"],
        "status": "ACTIVE",
        "is_signed": True,
    }


def test_what_is_named_is_changed(receiver):
    webhook_id = make(receiver, secret=SECRET).body["webhook_id"]
    changed = api.patch(f"/api/v1/webhooks/{webhook_id}/", {"events": ["run.stale"], "status": "DISABLED"})
    assert changed.status == 200
    assert (changed.body["events"], changed.body["status"]) == (["run.stale"], "DISABLED")
    assert (changed.body["name"], changed.body["is_signed"]) == ("hook", True)
    assert not api.patch(f"/api/v1/webhooks/{webhook_id}/", {"secret": ""}).body["is_signed"]


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"name": "a b"}, "name"), ({"name": 7}, "name"), ({"url": "http://169.254.169.254/"}, "url"),
     ({"events": []}, "events"), ({"events": ["run.nope"]}, "events"), ({"status": "ON"}, "status"),
     ({"nothing": 1}, "nothing"), ({"secret": "s" * 2000}, "secret")],
)  # fmt: skip
def test_what_is_wrong_is_named(receiver, fields, field):
    assert_error(make(receiver, **fields), 400, "INVALID_PARAMETER_VALUE", field)
    assert not Webhook.objects.exists()


@pytest.mark.parametrize("missing", ["name", "url", "events"])
def test_what_is_missing_is_named(receiver, missing):
    told = {"name": "hook", "url": receiver.url, "events": ["run.failed"]}
    del told[missing]
    assert_error(api.post("/api/v1/webhooks/", told), 400, "INVALID_PARAMETER_VALUE")


def test_the_list_goes_on_page_by_page(receiver):
    made = [make(receiver, name=f"h{number}").body["webhook_id"] for number in range(5)]
    seen, cursor = [], ""
    while cursor is not None:
        page = api.get(f"/api/v1/webhooks/?limit=2&cursor={cursor}").body
        seen += [item["webhook_id"] for item in page["webhooks"]]
        cursor = page["next_cursor"]
    assert sorted(seen) == sorted(made)
    assert len(seen) == 5


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=x", "cursor=x", "cursor=%C3%BC", "cursor=MSAy"])
def test_a_list_that_can_not_be_is_refused(query):
    assert_error(api.get(f"/api/v1/webhooks/?{query}"), 400)


def test_a_deleted_one_is_gone(receiver):
    webhook_id = make(receiver).body["webhook_id"]
    assert api.delete(f"/api/v1/webhooks/{webhook_id}/").status == 204
    for method in ("GET", "PATCH", "DELETE"):
        assert_error(api.send(method, f"/api/v1/webhooks/{webhook_id}/", {}), 404, field="webhook_id")


def test_a_test_tells_what_came_of_it(receiver):
    webhook_id = make(receiver).body["webhook_id"]
    receiver.answers = [Answer(418, b"teapot")]
    told = api.post(f"/api/v1/webhooks/{webhook_id}/test/", {"event": "run.finished"}).body
    assert (told["state"], told["answer_status"], told["answer_body"], told["is_test"]) == (
        "FAILED",
        418,
        "teapot",
        True,
    )
    assert told["event"] == "run.finished"
    assert_error(api.post(f"/api/v1/webhooks/{webhook_id}/test/", {"event": "nope"}), 400, field="events")


def test_deliveries_are_listed_by_state(receiver):
    webhook_id = make(receiver).body["webhook_id"]
    address = f"/api/v1/webhooks/{webhook_id}/deliveries/"
    for number in range(3):
        events.tell("run.finished", {"run_id": str(number)})
    delivery = queue.take()
    queue.note(delivery, queue.send(delivery))
    assert len(api.get(address).body["deliveries"]) == 3
    (done,) = api.get(f"{address}?state=DELIVERED").body["deliveries"]
    assert (done["delivery_id"], done["answer_body"], done["attempts"]) == (delivery.delivery_id, "ok", 1)
    first = api.get(f"{address}?limit=2").body
    rest = api.get(f"{address}?limit=2&cursor={first['next_cursor']}").body
    assert len(first["deliveries"] + rest["deliveries"]) == 3
    assert rest["next_cursor"] is None
    assert_error(api.get(f"{address}?state=nope"), 400, field="state")


def test_a_delivery_is_sent_again(receiver):
    webhook_id = make(receiver).body["webhook_id"]
    receiver.answers = [Answer(500)]
    told = api.post(f"/api/v1/webhooks/{webhook_id}/test/", {}).body
    again = api.post(f"/api/v1/webhooks/{webhook_id}/deliveries/{told['delivery_id']}/redeliver/")
    assert (again.status, again.body["state"], again.body["attempts"]) == (202, "WAITING", 0)
    queue.take()
    answer = api.post(f"/api/v1/webhooks/{webhook_id}/deliveries/{told['delivery_id']}/redeliver/")
    assert_error(answer, 409, "RESOURCE_CONFLICT")
    assert_error(api.post(f"/api/v1/webhooks/{webhook_id}/deliveries/nobody/redeliver/"), 404)


def test_no_answer_page_or_list_holds_the_secret(receiver):
    webhook_id = make(receiver, secret=SECRET).body["webhook_id"]
    receiver.answers = [Answer(500, b"broken")]
    api.post(f"/api/v1/webhooks/{webhook_id}/test/", {})
    delivery = WebhookDelivery.objects.get()
    for address in (
        "/webhooks/", f"/webhooks/{webhook_id}/", f"/webhooks/{webhook_id}/edit/", f"/webhooks/{webhook_id}/delete/",
        "/api/v1/webhooks/", f"/api/v1/webhooks/{webhook_id}/", f"/api/v1/webhooks/{webhook_id}/deliveries/",
        "/api/2.0/mlflow/webhooks", f"/api/2.0/mlflow/webhooks/{webhook_id}", "/admin/webhooks/webhook/",
        f"/admin/webhooks/webhook/{webhook_id}/change/", f"/admin/webhooks/webhookdelivery/{delivery.pk}/change/",
        "/admin/webhooks/subscription/",
    ):  # fmt: skip
        response = api.client.get(address)
        assert response.status_code == 200, address
        assert SECRET not in response.content.decode(), address
    for method, address, body in (
        ("PATCH", f"/api/v1/webhooks/{webhook_id}/", {"secret": SECRET + "2"}),
        ("PATCH", f"/api/2.0/mlflow/webhooks/{webhook_id}", {"secret": SECRET + "3"}),
        ("POST", f"/api/v1/webhooks/{webhook_id}/test/", {}),
    ):
        assert SECRET not in str(api.send(method, address, body).body)
    assert SECRET not in str(receiver.got)
