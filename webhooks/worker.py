"""Delivers what is in the queue: one thread minds the database, and each delivery has a thread that only sends.

Every process that answers requests runs one; a delivery is taken by one of them alone.
"""

import logging
import threading
import time
from collections import Counter, deque

from django.conf import settings
from django.db import DatabaseError, connection

from trackerweb.events import looking
from webhooks import queue
from webhooks.models import WebhookDelivery
from webhooks.sending import Reply

logger = logging.getLogger(__name__)

#: Deliveries on their way at once, in all and to one webhook: a slow receiver holds up nobody else.
AT_ONCE, AT_ONCE_EACH = 8, 2
#: How often the queue is looked at, for what other processes put in and for what has waited long enough.
POLL_SECONDS = 1.0
TRIM_SECONDS = 60.0
MAX_LOOK_SECONDS = 15.0


class Worker:
    """The thread that minds the queue."""

    def __init__(self) -> None:
        self._under_way = Counter[str]()
        self._ended: deque[tuple[WebhookDelivery, Reply]] = deque()
        silence = settings.TRACKER_STALE_AFTER_MS / 1000
        now = time.monotonic()
        # After a start every run seems silent until its script has found the way back.
        self._look = _Clock(min(MAX_LOOK_SECONDS, silence), now + silence)
        self._trim = _Clock(TRIM_SECONDS, now)

    def work(self) -> None:
        """Mind the queue for ever."""
        while True:
            queue.bell.wait(POLL_SECONDS)
            queue.bell.clear()
            try:
                self.step()
            except DatabaseError as error:
                logger.warning("Webhooks wait for the database: %s", error)
                connection.close()
            except Exception:
                logger.exception("A look at the queue of webhooks failed; the next follows.")

    def step(self) -> None:
        """Note what ended, begin what is due, and now and then look around and tidy up."""
        while self._ended:
            self._note(*self._ended[0])
        if self._look.is_time():
            looking.send(sender=None)
        if self._trim.is_time():
            queue.trim()
        while self._under_way.total() < AT_ONCE and (delivery := queue.take(self._busy())):
            self._begin(delivery)

    def _busy(self) -> list[str]:
        return [webhook for webhook, count in self._under_way.items() if count >= AT_ONCE_EACH]

    def _begin(self, delivery: WebhookDelivery) -> None:
        self._under_way[delivery.webhook_id] += 1
        threading.Thread(target=self._send, args=[delivery], name="webhook", daemon=True).start()

    def _send(self, delivery: WebhookDelivery) -> None:
        try:
            reply = queue.send(delivery)
        except Exception as error:
            logger.exception("Delivery %s failed", delivery.delivery_id)
            reply = Reply(error=f"This server failed: {type(error).__name__}.")
        self._ended.append((delivery, reply))
        queue.bell.set()

    def _note(self, delivery: WebhookDelivery, reply: Reply) -> None:
        """Its place is free only once that is stored: it would be taken again otherwise."""
        queue.note(delivery, reply)
        self._ended.popleft()
        self._under_way[delivery.webhook_id] -= 1


class _Clock:
    """Says when it is time again."""

    def __init__(self, every_seconds: float, first: float) -> None:
        self._every, self._next = every_seconds, first

    def is_time(self) -> bool:
        if time.monotonic() < self._next:
            return False
        self._next = time.monotonic() + self._every
        return True


def start() -> None:
    """Start the worker of this process."""
    threading.Thread(target=lambda: Worker().work(), name="webhooks", daemon=True).start()
