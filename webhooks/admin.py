"""Webhooks and deliveries on the clean-up desk. Secrets are on no form and in no list."""

from typing import Any

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString

from trackerweb.admin_site import ReadOnlyDesk
from trackerweb.templatetags.display import ago
from webhooks.models import Subscription, Webhook, WebhookDelivery


@admin.register(Webhook)
class WebhookDesk(ReadOnlyDesk):
    """Webhooks; their pages change them."""

    list_display = ["label", "url", "status", "made"]
    list_filter = ["status"]
    search_fields = ["name", "url"]
    exclude = ["secret"]
    ordering = ["-creation_time"]

    @admin.display(description="name", ordering="name")
    def label(self, webhook: Any) -> SafeString:
        """The way to its page."""
        return format_html('<a href="{}">{}</a>', webhook.get_absolute_url(), webhook.name)

    @admin.display(ordering="creation_time")
    def made(self, webhook: Any) -> SafeString:
        """When it was made."""
        return ago(webhook.creation_time)


@admin.register(Subscription)
class SubscriptionDesk(ReadOnlyDesk):
    """Which webhook asks for which event."""

    list_display = ["webhook", "event"]
    list_filter = ["event"]
    list_select_related = ["webhook"]
    ordering = ["-pk"]


@admin.register(WebhookDelivery)
class DeliveryDesk(ReadOnlyDesk):
    """What was sent to whom, and what came of it."""

    list_display = ["delivery_id", "webhook", "event", "state", "answer_status", "attempts", "made"]
    list_filter = ["state", "event", "is_test"]
    list_select_related = ["webhook"]
    search_fields = ["delivery_id__startswith"]
    ordering = ["-pk"]

    @admin.display(ordering="creation_time")
    def made(self, delivery: Any) -> SafeString:
        """When it was put into the queue."""
        return ago(delivery.creation_time)
