"""Webhooks, the events that each asks for, and their deliveries. Times are milliseconds since 1970, UTC."""

import uuid
from typing import Any

from django.db import models

from trackerweb.clock import now_ms
from webhooks.querysets import DeliveryQuerySet, WebhookQuerySet


def new_id() -> str:
    """An id for a webhook or a delivery."""
    return str(uuid.uuid4())


class WebhookStatus(models.TextChoices):
    """MLflow's words. What waits for a disabled one waits until it is active again."""

    ACTIVE = "ACTIVE"
    DISABLED = "DISABLED"


class Webhook(models.Model):
    """An address that is told of some events."""

    webhook_id = models.CharField(max_length=36, primary_key=True, default=new_id)
    name = models.CharField(max_length=63)
    url = models.TextField()
    description = models.TextField(default="", blank=True)
    # Signs what is sent, so it is kept as it is; nothing ever shows it.
    secret = models.TextField(default="", blank=True, editable=False)
    status = models.CharField(max_length=8, choices=WebhookStatus, default=WebhookStatus.ACTIVE)
    creation_time = models.BigIntegerField()
    last_updated_time = models.BigIntegerField()

    objects = WebhookQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["creation_time", "webhook_id"], name="webhook_newest")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Its page."""
        return f"/webhooks/{self.webhook_id}/"

    @property
    def is_active(self) -> bool:
        """Whether it is told of anything."""
        return self.status == WebhookStatus.ACTIVE

    @property
    def is_signed(self) -> bool:
        """Whether what is sent bears a signature."""
        return bool(self.secret)

    @property
    def events(self) -> list[str]:
        """The names of the events that it asks for."""
        return sorted(subscription.event for subscription in self.subscriptions.all())

    def subscribe(self, events: list[str]) -> None:
        """Ask for these events, and for no others."""
        self.subscriptions.all().delete()
        Subscription.objects.bulk_create([Subscription(webhook=self, event=event) for event in events])


class Subscription(models.Model):
    """An event that a webhook asks for."""

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="subscriptions", db_index=False)
    event = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["webhook", "event"], name="subscription_once")]
        indexes = [models.Index(fields=["event", "webhook"], name="subscription_by_event")]


class DeliveryState(models.TextChoices):
    """How far a delivery is. One that is SENDING for too long was left by a process that died, and is sent again."""

    WAITING = "WAITING"
    SENDING = "SENDING"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"


class WebhookDelivery(models.Model):
    """One event for one webhook: to be sent, and then what became of it. Each attempt sends the same bytes."""

    delivery_id = models.CharField(max_length=36, unique=True, default=new_id)
    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries", db_index=False)
    event = models.CharField(max_length=64)
    body = models.TextField()
    is_test = models.BooleanField(default=False)
    state = models.CharField(max_length=9, choices=DeliveryState, default=DeliveryState.WAITING)
    attempts = models.IntegerField(default=0)
    # When it is sent, or, of one that is SENDING, when it is taken for lost.
    next_time = models.BigIntegerField(null=True, blank=True)
    creation_time = models.BigIntegerField()
    last_time = models.BigIntegerField(null=True, blank=True)
    duration_ms = models.BigIntegerField(null=True, blank=True)
    # What the last attempt got: HTTP's status and the beginning of the body, or why there was no answer.
    answer_status = models.IntegerField(null=True, blank=True)
    answer_body = models.TextField(default="", blank=True)
    error = models.TextField(default="", blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "webhook deliveries"
        indexes = [
            models.Index(
                fields=["next_time", "webhook"], name="delivery_due", condition=models.Q(next_time__isnull=False)
            ),
            models.Index(fields=["webhook", "state", "id"], name="delivery_by_state"),
        ]

    @property
    def is_ended(self) -> bool:
        """Delivered, or given up."""
        return self.state in (DeliveryState.DELIVERED, DeliveryState.FAILED)

    @property
    def is_on_its_way(self) -> bool:
        """Whether a process is sending it."""
        return self.state == DeliveryState.SENDING and (self.next_time or 0) > now_ms()

    def store(self, **fields: Any) -> None:
        """Store new values of its fields; nothing if it was deleted meanwhile."""
        for name, value in fields.items():
            setattr(self, name, value)
        WebhookDelivery.objects.filter(pk=self.pk).update(**fields)
