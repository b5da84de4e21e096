"""What happens is put into the queue; what is in it is sent, tried again, and given up."""

import json

import pytest
from django.db import transaction

from runs import ingest
from tests.factories import make_run
from tests.webhooks.receiver import Answer
from trackerweb import events
from trackerweb.clock import now_ms
from trackerweb.errors import Conflict, InvalidValue
from trackerweb.transactions import write_transaction
from webhooks import editing, queue, signing
from webhooks.models import DeliveryState, Webhook, WebhookDelivery
from webhooks.sending import Reply

pytestmark = pytest.mark.django_db


def tell(event="run.finished", **data):
    events.tell(event, data or {"run_id": "r1"})


def attempt():
    """Take what is due and send it."""
    delivery = queue.take()
    assert delivery is not None
    queue.note(delivery, queue.send(delivery))
    delivery.refresh_from_db()
    return delivery


def test_an_event_that_is_asked_for_is_delivered(make_webhook, receiver):
    make_webhook("run.finished")
    tell(run_id="r1", metrics={"loss": float("nan")})
    delivery = attempt()
    (got,) = receiver.got
    body = json.loads(got.body)
    assert (delivery.state, delivery.attempts, delivery.answer_status, delivery.next_time) == (
        "DELIVERED",
        1,
        200,
        None,
    )
    assert (body["entity"], body["action"]) == ("run", "finished")
    assert body["data"] == {"run_id": "r1", "metrics": {"loss": "NaN"}}
    assert set(body) == {"entity", "action", "timestamp", "data"}
    assert got.headers["X-MLflow-Delivery-Id"] == delivery.delivery_id


def test_each_webhook_that_asks_gets_its_own(make_webhook):
    for name in ("a", "b"):
        make_webhook("run.finished", name=name)
    make_webhook("run.failed", name="c")
    tell()
    assert sorted(WebhookDelivery.objects.values_list("webhook__name", flat=True)) == ["a", "b"]


def test_data_is_made_only_for_those_who_ask(make_webhook):
    def never():
        raise AssertionError

    events.tell("run.finished", never)
    make_webhook("run.failed")
    events.tell("run.finished", never)
    make_webhook("run.finished", status="DISABLED")
    events.tell("run.finished", never)
    assert not WebhookDelivery.objects.exists()


def test_without_webhooks_an_event_costs_one_look(django_assert_num_queries):
    with django_assert_num_queries(1):
        tell()


def test_the_end_of_a_run_costs_one_look_while_nobody_asks(django_assert_num_queries):
    """Beside the savepoint, the row and its change."""
    make_run(run_id="r1", status="RUNNING", metrics={"a": [1.0]})
    with django_assert_num_queries(2 + 2 + 1):
        ingest.store("r1", ingest.Batch(status="FINISHED"))


def tell_and_fail():
    with write_transaction():
        tell()
        raise ZeroDivisionError


def test_what_did_not_become_true_is_not_told(make_webhook):
    make_webhook()
    with pytest.raises(ZeroDivisionError):
        tell_and_fail()
    assert not WebhookDelivery.objects.exists()


def test_the_worker_is_woken_once_it_is_true(make_webhook, django_capture_on_commit_callbacks):
    make_webhook()
    queue.bell.clear()
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        tell()
        assert not queue.bell.is_set()
    assert queue.bell.is_set()


def test_a_signature_is_that_of_the_bytes(make_webhook, receiver):
    make_webhook(secret="s3cret")
    tell()
    attempt()
    (got,) = receiver.got
    headers = got.headers
    signed = signing.signature(
        "s3cret", headers["X-MLflow-Delivery-Id"], headers["X-MLflow-Timestamp"], got.body.decode()
    )
    assert headers["X-MLflow-Signature"] == signed
    assert signed.startswith("v1,")


def test_without_a_secret_nothing_is_signed(make_webhook, receiver):
    make_webhook()
    tell()
    attempt()
    assert "X-MLflow-Signature" not in receiver.got[0].headers


def test_a_receiver_that_fails_twice_gets_it_the_third_time(make_webhook, receiver):
    receiver.answers = [Answer(500), Answer(503), Answer(200)]
    make_webhook(secret="s")
    tell()
    for state in ("WAITING", "WAITING", "DELIVERED"):
        delivery = attempt()
        assert delivery.state == state
        WebhookDelivery.objects.filter(state="WAITING").update(next_time=now_ms())
    assert delivery.attempts == 3
    assert len({got.body for got in receiver.got}) == 1
    assert {got.headers["X-MLflow-Delivery-Id"] for got in receiver.got} == {delivery.delivery_id}


def test_a_delivery_that_waits_is_not_due(make_webhook, receiver):
    receiver.answers = [Answer(500)]
    make_webhook()
    tell()
    before = now_ms()
    delivery = attempt()
    assert before + 8_000 <= delivery.next_time <= now_ms() + 12_000
    assert queue.take() is None


def test_it_is_given_up_after_the_last_attempt(make_webhook, receiver):
    receiver.answers = [Answer(500, b"broken")]
    make_webhook()
    tell()
    WebhookDelivery.objects.update(attempts=len(queue.RETRY_SECONDS))
    delivery = attempt()
    assert (delivery.state, delivery.attempts, delivery.answer_body) == ("FAILED", 8, "broken")


@pytest.mark.parametrize("status", [400, 401, 404, 410, 302])
def test_a_refusal_is_final(make_webhook, receiver, status):
    receiver.answers = [Answer(status)]
    make_webhook()
    tell()
    assert attempt().state == DeliveryState.FAILED


def test_the_waits_cover_a_day():
    waits = [queue.wait_seconds(attempts) for attempts in range(1, 8)]
    assert waits == sorted(waits)
    assert 0.8 * 86_400 < sum(queue.RETRY_SECONDS) <= 1.1 * 86_400
    assert len({queue.wait_seconds(1) for _ in range(20)}) > 1


def test_a_receiver_is_left_alone_as_long_as_it_asks():
    assert queue.wait_seconds(1, 500.0) == 500
    assert queue.wait_seconds(1, 10**9) == 86_400
    assert queue.wait_seconds(7, 1.0) > 40_000


def test_what_is_taken_is_not_taken_twice(make_webhook):
    make_webhook()
    tell()
    assert queue.take() is not None
    assert queue.take() is None


def test_two_that_saw_the_same_row_do_not_both_get_it(make_webhook):
    make_webhook()
    tell()
    (seen,) = WebhookDelivery.objects.due(now_ms())
    assert queue.take() is not None
    assert not queue._claim(seen, now_ms())


def test_what_a_dead_process_left_is_sent_again(make_webhook, receiver):
    make_webhook()
    tell()
    queue.take()
    WebhookDelivery.objects.update(next_time=now_ms() - 1)
    delivery = attempt()
    assert (delivery.state, delivery.attempts) == ("DELIVERED", 2)


def test_busy_webhooks_are_passed_over(make_webhook):
    busy, free = make_webhook(name="busy"), make_webhook(name="free")
    tell()
    assert queue.take([busy.pk]).webhook == free
    assert queue.take([busy.pk]) is None


def test_what_waits_for_a_disabled_webhook_stays(make_webhook):
    webhook = make_webhook()
    tell()
    editing.change(webhook, status="DISABLED")
    tell()
    assert queue.take() is None
    editing.change(webhook, status="ACTIVE")
    assert queue.take() is not None
    assert queue.take() is None


def test_an_address_that_has_become_private_is_final(make_webhook, settings):
    make_webhook()
    tell()
    settings.TRACKER_WEBHOOK_PRIVATE = False
    delivery = attempt()
    assert delivery.state == "FAILED"
    assert delivery.error


def test_a_delivery_of_a_webhook_that_is_gone_is_no_error(make_webhook):
    webhook = make_webhook()
    tell()
    delivery = queue.take()
    editing.delete(webhook)
    queue.note(delivery, Reply(status=200))
    assert not WebhookDelivery.objects.exists()


def test_a_test_is_sent_once(make_webhook, receiver):
    receiver.answers = [Answer(500)]
    delivery, reply = queue.send_test(make_webhook("model_version.created", "run.failed"))
    assert (delivery.state, delivery.is_test, delivery.event, reply.status) == (
        "FAILED",
        True,
        "model_version.created",
        500,
    )
    assert json.loads(receiver.got[0].body)["data"]["version"] == "1"


def test_a_delivery_is_put_in_again_with_the_same_bytes(make_webhook, receiver):
    receiver.answers = [Answer(404), Answer(200)]
    make_webhook()
    tell()
    delivery = attempt()
    queue.put_again(delivery)
    assert attempt().state == "DELIVERED"
    assert receiver.got[0].body == receiver.got[1].body
    ids = {got.headers["X-MLflow-Delivery-Id"] for got in receiver.got}
    assert ids == {delivery.delivery_id}


def test_a_delivery_under_way_is_not_put_in_again(make_webhook):
    make_webhook()
    tell()
    with pytest.raises(Conflict):
        queue.put_again(queue.take())


def test_the_oldest_ended_ones_go(make_webhook, monkeypatch):
    monkeypatch.setattr(queue, "KEPT", 3)
    webhook = make_webhook()
    for _ in range(6):
        tell()
    WebhookDelivery.objects.exclude(pk=WebhookDelivery.objects.first().pk).update(state="DELIVERED", next_time=None)
    queue.trim()
    kept = list(webhook.deliveries.order_by("pk").values_list("state", flat=True))
    assert kept == ["WAITING", "DELIVERED", "DELIVERED", "DELIVERED"]


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"name": ""}, "name"), ({"name": "a b"}, "name"), ({"name": "a" * 64}, "name"), ({"name": "-a"}, "name"),
     ({"url": "ftp://8.8.8.8"}, "url"), ({"status": "NOPE"}, "status"), ({"secret": "s" * 1001}, "secret"),
     ({"description": "d" * 1001}, "description"), ({"wanted": []}, "events"), ({"wanted": ["run.nope"]}, "events")],
)  # fmt: skip
def test_what_can_not_be_a_webhook_is_refused_whole(make_webhook, fields, field):
    webhook = make_webhook()
    before = Webhook.objects.values().get()
    with pytest.raises(InvalidValue) as refusal:
        editing.change(webhook, **fields)
    assert refusal.value.field == field
    assert Webhook.objects.values().get() == before
