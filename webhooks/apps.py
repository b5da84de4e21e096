"""Webhooks: what happens here, told to the addresses that asked for it."""

import importlib

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    """The room of Webhook and its deliveries."""

    name = "webhooks"

    def ready(self) -> None:
        """Listen to what happens."""
        importlib.import_module("webhooks.queue")
