"""Webhooks and deliveries, chosen."""

from collections.abc import Collection
from typing import Any, Self

from django.db import connection, models
from django.db.models import OuterRef, Subquery

from trackerweb.errors import NotFound

_WANTING = (
    "SELECT asked.webhook_id FROM webhooks_subscription AS asked "
    "JOIN webhooks_webhook AS webhook ON webhook.webhook_id = asked.webhook_id "
    "WHERE asked.event = %s AND webhook.status = 'ACTIVE'"
)


class WebhookQuerySet(models.QuerySet[Any]):
    """Webhooks."""

    def by_id(self, webhook_id: str) -> Any:
        """The webhook with this id.

        Errors: NotFound.
        """
        found = self.prefetch_related("subscriptions").filter(pk=webhook_id).first()
        if found is None:
            raise NotFound(f"No webhook {webhook_id[:80]!r}.", field="webhook_id")
        return found

    def newest_first(self) -> Self:
        """The last made comes first."""
        return self.prefetch_related("subscriptions").order_by("-creation_time", "-webhook_id")

    def asking_for(self, events: Collection[str]) -> Self:
        """Those that ask for one of these events at least."""
        return self.filter(subscriptions__event__in=events).distinct()

    def wanting(self, event: str) -> list[str]:
        """The ids of the active ones that ask for an event.

        One look at an index, some 40 µs, asked whenever something happens: a cache in the process would not know of a
        webhook that another process has just made.
        """
        with connection.cursor() as cursor:
            cursor.execute(_WANTING, [event])
            return [webhook_id for (webhook_id,) in cursor.fetchall()]

    def with_last_answers(self) -> Self:
        """Add `last_delivery`, the key of the last delivery that was tried."""
        tried = self.model._meta.get_field("deliveries").related_model.objects.filter(
            webhook=OuterRef("pk"), last_time__isnull=False
        )
        return self.annotate(last_delivery=Subquery(tried.order_by("-last_time", "-pk").values("pk")[:1]))


class DeliveryQuerySet(models.QuerySet[Any]):
    """Deliveries."""

    def by_id(self, webhook_id: str, delivery_id: str) -> Any:
        """A delivery of a webhook.

        Errors: NotFound.
        """
        found = self.select_related("webhook").filter(webhook=webhook_id, delivery_id=delivery_id).first()
        if found is None:
            raise NotFound(f"No delivery {delivery_id[:80]!r} of this webhook.", field="delivery_id")
        return found

    def due(self, now: int, busy: Collection[str] = ()) -> Self:
        """Those whose time has come, of active webhooks, but for `busy` ones. Who waits longest comes first."""
        ready = self.filter(next_time__lte=now, webhook__status="ACTIVE").exclude(webhook__in=busy)
        return ready.select_related("webhook").order_by("next_time", "pk")
