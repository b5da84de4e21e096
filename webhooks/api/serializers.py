"""Webhooks and deliveries as the native API has them."""

from typing import Any

from rest_framework import serializers

from trackerweb.api import StrictSerializer, TextField
from webhooks.events import EVENTS
from webhooks.models import DeliveryState, WebhookStatus


class NewWebhook(StrictSerializer):
    """A webhook to be made."""

    name = TextField()
    url = TextField()
    events = serializers.ListField(child=TextField(), help_text=f"some of {', '.join(EVENTS)}")
    description = TextField(required=False)
    secret = TextField(required=False, help_text="signs what is sent; never told again")
    status = serializers.ChoiceField(choices=WebhookStatus.choices, required=False)


class WebhookChanges(StrictSerializer):
    """What may be changed. An empty secret ends the signing."""

    name = TextField(required=False)
    url = TextField(required=False)
    events = serializers.ListField(child=TextField(), required=False)
    description = TextField(required=False)
    secret = TextField(required=False)
    status = serializers.ChoiceField(choices=WebhookStatus.choices, required=False)


class TestRequest(StrictSerializer):
    """Which event to send an example of; the first that the webhook asks for when left out."""

    event = TextField(required=False)


class WebhookAnswer(serializers.Serializer[Any]):
    """A webhook. Its secret is never told; `is_signed` says whether it has one."""

    webhook_id = serializers.CharField()
    name = serializers.CharField()
    url = serializers.CharField()
    description = serializers.CharField()
    events = serializers.ListField(child=serializers.CharField())
    status = serializers.ChoiceField(choices=WebhookStatus.choices)
    is_signed = serializers.BooleanField()
    creation_time = serializers.IntegerField()
    last_updated_time = serializers.IntegerField()


class WebhookPage(serializers.Serializer[Any]):
    """Some webhooks, newest first."""

    webhooks = WebhookAnswer(many=True)
    next_cursor = serializers.CharField(allow_null=True)


class DeliveryAnswer(serializers.Serializer[Any]):
    """A delivery and what its last attempt got: HTTP's status and up to 2,000 bytes of the body, or an error."""

    delivery_id = serializers.CharField()
    event = serializers.CharField()
    state = serializers.ChoiceField(choices=DeliveryState.choices)
    is_test = serializers.BooleanField()
    attempts = serializers.IntegerField()
    creation_time = serializers.IntegerField()
    last_time = serializers.IntegerField(allow_null=True)
    next_time = serializers.IntegerField(allow_null=True)
    duration_ms = serializers.IntegerField(allow_null=True)
    answer_status = serializers.IntegerField(allow_null=True)
    answer_body = serializers.CharField()
    error = serializers.CharField()
    body = serializers.CharField()


class DeliveryPage(serializers.Serializer[Any]):
    """Some deliveries, newest first."""

    deliveries = DeliveryAnswer(many=True)
    next_cursor = serializers.CharField(allow_null=True)
