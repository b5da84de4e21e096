"""The queue of deliveries. What happens puts them in, inside its own transaction; webhooks/worker.py takes them out."""

import random
import threading
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.dispatch import receiver

from trackerweb import json
from trackerweb.clock import now_ms
from trackerweb.errors import Conflict
from trackerweb.events import happened
from trackerweb.transactions import write_transaction
from webhooks import sending, signing
from webhooks.events import EVENTS, Event
from webhooks.models import DeliveryState, Webhook, WebhookDelivery
from webhooks.sending import Reply

#: How long after each attempt that came to nothing the next one follows: eight attempts, over a day.
RETRY_SECONDS = (10, 60, 300, 1_800, 7_200, 21_600, 57_600)
#: Each wait is longer or shorter by up to this share, so that those of many do not come at one time.
JITTER = 0.2
MAX_WAIT_SECONDS = 86_400
#: How long an attempt may take until it counts as lost with its process: more than sending.PATIENCE_SECONDS.
LEASE_MS = 30_000
#: Ended deliveries that are kept of each webhook.
KEPT = 1_000

#: Rung when something was put in, so that it need not wait for the worker's next look.
bell = threading.Event()

_TAKEABLE = (DeliveryState.WAITING, DeliveryState.SENDING)


@receiver(happened)
def put(event: str, data: dict[str, Any] | Callable[[], dict[str, Any]], **kwargs: Any) -> None:
    """Put a delivery in for each webhook that asks for an event. `data` may be a function, called if there is one."""
    wanting = Webhook.objects.wanting(event)
    if not wanting:
        return
    body = body_of(EVENTS[event], data() if callable(data) else data)
    now = now_ms()
    rows = [
        WebhookDelivery(webhook_id=webhook_id, event=event, body=body, next_time=now, creation_time=now)
        for webhook_id in wanting
    ]
    with write_transaction():
        WebhookDelivery.objects.bulk_create(rows)
        transaction.on_commit(bell.set)


def body_of(event: Event, data: dict[str, Any]) -> str:
    """What is sent of an event that happens now, as JSON text."""
    moment = datetime.now(UTC).isoformat()
    told = {"entity": event.entity, "action": event.action, "timestamp": moment, "data": data}
    return json.encode(told).decode()


def take(busy: Collection[str] = ()) -> WebhookDelivery | None:
    """Take the delivery that is due longest out, to be sent by the caller alone; None when there is none.

    Those of `busy` webhooks stay.
    """
    while True:
        now = now_ms()
        found: WebhookDelivery | None = WebhookDelivery.objects.due(now, busy).first()
        if found is None or _claim(found, now):
            return found


def _claim(delivery: WebhookDelivery, now: int) -> bool:
    """Whether nobody was quicker."""
    unchanged = WebhookDelivery.objects.filter(pk=delivery.pk, state__in=_TAKEABLE, next_time=delivery.next_time)
    taken = {"state": DeliveryState.SENDING, "next_time": now + LEASE_MS, "last_time": now}
    with write_transaction():
        is_ours = unchanged.update(attempts=F("attempts") + 1, **taken) == 1
    if is_ours:
        delivery.attempts += 1
    return is_ours


def send(delivery: WebhookDelivery) -> Reply:
    """Attempt a delivery. Asks no database."""
    webhook, body = delivery.webhook, delivery.body
    headers = signing.headers(webhook.secret, delivery.delivery_id, body, now_ms() // 1000)
    return sending.post(webhook.url, body.encode(), headers)


def note(delivery: WebhookDelivery, reply: Reply) -> None:
    """Store what became of an attempt, and when the next one follows if there is one."""
    told: dict[str, Any] = {
        "answer_status": reply.status,
        "answer_body": reply.body,
        "error": reply.error,
        "duration_ms": reply.duration_ms,
    }
    with write_transaction():
        delivery.store(**told, **_next(delivery, reply))


def _next(delivery: WebhookDelivery, reply: Reply) -> dict[str, Any]:
    if reply.is_success:
        return {"state": DeliveryState.DELIVERED, "next_time": None}
    if not reply.may_pass or delivery.is_test or delivery.attempts > len(RETRY_SECONDS):
        return {"state": DeliveryState.FAILED, "next_time": None}
    wait = wait_seconds(delivery.attempts, reply.retry_after_seconds)
    return {"state": DeliveryState.WAITING, "next_time": now_ms() + round(1000 * wait)}


def wait_seconds(attempts: int, asked_seconds: float = 0.0) -> float:
    """How long to wait after so many attempts; longer where the receiver asked for that, a day at most."""
    planned = RETRY_SECONDS[attempts - 1] * random.SystemRandom().uniform(1 - JITTER, 1 + JITTER)
    return min(max(planned, asked_seconds), MAX_WAIT_SECONDS)


def send_test(webhook: Webhook, event: str | None = None) -> tuple[WebhookDelivery, Reply]:
    """Send an example of an event, the first that it asks for unless one is named, here and now, once."""
    chosen = EVENTS[event or webhook.events[0]]
    now = now_ms()
    with write_transaction():
        delivery = WebhookDelivery.objects.create(
            webhook=webhook, event=chosen.name, body=body_of(chosen, chosen.example), is_test=True, attempts=1,
            state=DeliveryState.SENDING, next_time=now + LEASE_MS, creation_time=now, last_time=now,
        )  # fmt: skip
    reply = send(delivery)
    note(delivery, reply)
    return delivery, reply


def put_again(delivery: WebhookDelivery) -> None:
    """Send a delivery anew, from its first attempt on: the same id, and the same bytes.

    Errors: Conflict for one that is being sent.
    """
    with write_transaction():
        free = WebhookDelivery.objects.filter(pk=delivery.pk).exclude(
            state=DeliveryState.SENDING, next_time__gt=now_ms()
        )
        if not free.update(state=DeliveryState.WAITING, next_time=now_ms(), attempts=0):
            raise Conflict("This delivery is being sent. Wait until that has ended.", field="delivery_id")
        transaction.on_commit(bell.set)
    delivery.refresh_from_db()


def trim() -> None:
    """Delete ended deliveries beyond the newest KEPT of each webhook."""
    for webhook in Webhook.objects.all():
        ended = webhook.deliveries.filter(state__in=(DeliveryState.DELIVERED, DeliveryState.FAILED))
        oldest = ended.order_by("-pk").values_list("pk", flat=True)[KEPT - 1 : KEPT].first()
        if oldest is not None:
            with write_transaction():
                ended.filter(pk__lt=oldest).delete()
