"""The pages of webhooks: the list, the form, deliveries with their answers."""

import pytest
from django.test import Client

from tests.webhooks.receiver import Answer
from trackerweb import events
from webhooks import queue
from webhooks.models import Webhook, WebhookDelivery

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("private")]
HOSTILE = '<script>alert("x")</script>'


@pytest.fixture
def client():
    return Client()


def text(client, address, status=200):
    response = client.get(address)
    assert response.status_code == status
    return response.content.decode()


def form(receiver, **fields):
    return {"name": "lab-chat", "url": receiver.url, "event": ["run.failed", "run.stale"], "secret": ""} | fields


def test_without_any_the_list_says_how_to_begin(client):
    page = text(client, "/webhooks/")
    assert "Nobody is told yet" in page
    assert 'href="/webhooks/new/"' in page


def test_the_connect_page_leads_there(client):
    assert 'href="/webhooks/"' in text(client, "/connect/")


def test_a_webhook_is_added(client, receiver):
    assert "A run fell silent" in text(client, "/webhooks/new/")
    answer = client.post("/webhooks/new/", form(receiver, secret="s", description="a\r\nb"))
    webhook = Webhook.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == f"/webhooks/{webhook.pk}/"
    assert (webhook.name, webhook.events, webhook.secret, webhook.description) == (
        "lab-chat",
        ["run.failed", "run.stale"],
        "s",
        "a\nb",
    )
    page = text(client, answer["Location"])
    assert "Nothing was sent yet" in page
    assert "lab-chat" in text(client, "/webhooks/")


@pytest.mark.parametrize(
    ("fields", "said"),
    [({"name": "a b"}, "no name of a webhook"), ({"url": "ftp://a"}, "no way to send"), ({"event": []}, "one event"),
     ({"url": "http://169.254.169.254/"}, "no place for a webhook"), ({"event": ["x"]}, "There is no event")],
)  # fmt: skip
def test_a_mistake_keeps_what_was_typed(client, receiver, fields, said):
    answer = client.post("/webhooks/new/", form(receiver, description="kept", **fields))
    assert answer.status_code == 400
    page = answer.content.decode()
    assert said in page
    assert "kept" in page
    assert not Webhook.objects.exists()


def test_editing_keeps_the_secret_unless_another_is_typed(client, receiver, make_webhook):
    webhook = make_webhook(secret="old")
    address = f"/webhooks/{webhook.pk}/edit/"
    client.post(address, form(receiver, name="new"))
    webhook.refresh_from_db()
    assert (webhook.name, webhook.secret) == ("new", "old")
    client.post(address, form(receiver, secret="other"))
    webhook.refresh_from_db()
    assert webhook.secret == "other"
    client.post(address, form(receiver, no_secret="on"))
    webhook.refresh_from_db()
    assert webhook.secret == ""
    assert client.post(address, form(receiver, name="-")).status_code == 400


def test_it_is_disabled_and_enabled(client, make_webhook):
    webhook = make_webhook()
    for status in ("DISABLED", "ACTIVE"):
        client.post(f"/webhooks/{webhook.pk}/status/", {"status": status})
        webhook.refresh_from_db()
        assert webhook.status == status
    assert client.post(f"/webhooks/{webhook.pk}/status/", {"status": "x"}).status_code == 400


def test_deleting_asks_first(client, make_webhook):
    webhook = make_webhook()
    assert "Delete the webhook hook?" in text(client, f"/webhooks/{webhook.pk}/delete/")
    assert Webhook.objects.exists()
    client.post(f"/webhooks/{webhook.pk}/delete/")
    assert not Webhook.objects.exists()
    text(client, f"/webhooks/{webhook.pk}/", 404)


def test_a_test_says_what_came_of_it(client, make_webhook, receiver):
    webhook = make_webhook()
    page = client.post(f"/webhooks/{webhook.pk}/test/", follow=True).content.decode()
    assert "The test arrived: 200 OK" in page
    receiver.answers = [Answer(404, b"gone")]
    page = client.post(f"/webhooks/{webhook.pk}/test/", follow=True).content.decode()
    assert "The test did not arrive: 404 Not Found" in page


def test_deliveries_show_what_was_sent_and_answered(client, make_webhook, receiver):
    webhook = make_webhook()
    receiver.answers = [Answer(500, HOSTILE.encode())]
    events.tell("run.finished", {"run_name": HOSTILE})
    delivery = queue.take()
    queue.note(delivery, queue.send(delivery))
    page = text(client, f"/webhooks/{webhook.pk}/")
    assert HOSTILE not in page
    assert page.count("&lt;script&gt;") == 2
    assert "500 Internal Server Error" in page
    assert "1 try" in page
    assert "500 Internal Server Error" in text(client, "/webhooks/")


def test_deliveries_are_filtered_and_paged(client, make_webhook):
    webhook = make_webhook()
    for _ in range(60):
        events.tell("run.finished", {})
    WebhookDelivery.objects.filter(pk__in=list(WebhookDelivery.objects.values_list("pk", flat=True)[:5])).update(
        state="FAILED", next_time=None, error="no"
    )
    page = text(client, f"/webhooks/{webhook.pk}/")
    assert page.count('class="delivery"') == 50
    assert text(client, f"/webhooks/{webhook.pk}/?page=2").count('class="delivery"') == 10
    assert text(client, f"/webhooks/{webhook.pk}/?state=FAILED").count('class="delivery"') == 5
    assert text(client, f"/webhooks/{webhook.pk}/?state=nope&page=x").count('class="delivery"') == 50
    assert "None of these" in text(client, f"/webhooks/{webhook.pk}/?state=DELIVERED")


def test_a_delivery_is_sent_again(client, make_webhook, receiver):
    webhook = make_webhook()
    receiver.answers = [Answer(404)]
    delivery, _ = queue.send_test(webhook)
    client.post(f"/webhooks/{webhook.pk}/deliveries/{delivery.delivery_id}/again/")
    delivery.refresh_from_db()
    assert delivery.state == "WAITING"
    assert client.post(f"/webhooks/{webhook.pk}/deliveries/nobody/again/").status_code == 404


def test_the_list_asks_as_often_for_many_as_for_one(client, make_webhook, django_assert_max_num_queries):
    for number in range(5):
        queue.send_test(make_webhook(name=f"h{number}"))
    with django_assert_max_num_queries(5):
        text(client, "/webhooks/")


@pytest.mark.parametrize("page", ["", "edit/", "delete/"])
def test_what_is_not_there_is_404(client, page):
    text(client, f"/webhooks/nobody/{page}", 404)
    text(client, f"/webhooks/{'0' * 300}/{page}", 404)
