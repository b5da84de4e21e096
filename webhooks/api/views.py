"""Native API of webhooks: check the shape, call the room, answer."""

from http import HTTPStatus
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from trackerweb.api import INT64_MAX, whole_number
from trackerweb.errors import InvalidValue
from webhooks import editing, events, listing, queue
from webhooks.api.serializers import (
    DeliveryAnswer,
    DeliveryPage,
    NewWebhook,
    TestRequest,
    WebhookAnswer,
    WebhookChanges,
    WebhookPage,
)
from webhooks.models import DeliveryState, Webhook, WebhookDelivery

PAGE, MAX_PAGE = 100, 1_000

_PAGING = [
    OpenApiParameter("limit", int, description=f"1 to {MAX_PAGE}, {PAGE} when left out"),
    OpenApiParameter("cursor", description="`next_cursor` of the page before"),
]


class WebhookList(APIView):
    """`webhooks/`."""

    @extend_schema(operation_id="webhooks_list", parameters=_PAGING, responses=WebhookPage)
    def get(self, request: Request) -> Response:
        """Webhooks, newest first."""
        page = listing.page(Webhook.objects.all(), _limit(request), request.query_params.get("cursor", ""))
        return Response({"webhooks": [_told(item) for item in page.items], "next_cursor": page.next_cursor or None})

    @extend_schema(operation_id="webhooks_create", request=NewWebhook, responses={201: WebhookAnswer})
    def post(self, request: Request) -> Response:
        """Make a webhook."""
        fields = _checked(NewWebhook(data=request.data))
        webhook = editing.create(wanted=fields.pop("events"), **fields)
        return Response(_told(webhook), status=HTTPStatus.CREATED)


class WebhookDetail(APIView):
    """`webhooks/{webhook_id}/`."""

    @extend_schema(operation_id="webhooks_get", responses=WebhookAnswer)
    def get(self, request: Request, webhook_id: str) -> Response:
        """A webhook."""
        return Response(_told(Webhook.objects.by_id(webhook_id)))

    @extend_schema(operation_id="webhooks_change", request=WebhookChanges, responses=WebhookAnswer)
    def patch(self, request: Request, webhook_id: str) -> Response:
        """Change what the body names."""
        fields = _checked(WebhookChanges(data=request.data))
        editing.change(Webhook.objects.by_id(webhook_id), fields.pop("events", None), **fields)
        return Response(_told(Webhook.objects.by_id(webhook_id)))

    @extend_schema(operation_id="webhooks_delete", responses={204: None})
    def delete(self, request: Request, webhook_id: str) -> Response:
        """Delete it with its deliveries."""
        editing.delete(Webhook.objects.by_id(webhook_id))
        return Response(status=HTTPStatus.NO_CONTENT)


class WebhookTest(APIView):
    """`webhooks/{webhook_id}/test/`."""

    @extend_schema(operation_id="webhooks_test", request=TestRequest, responses=DeliveryAnswer)
    def post(self, request: Request, webhook_id: str) -> Response:
        """Send an example now, and tell what came of it."""
        event = _checked(TestRequest(data=request.data)).get("event")
        webhook = Webhook.objects.by_id(webhook_id)
        return Response(_delivery(queue.send_test(webhook, events.checked([event])[0] if event else None)[0]))


class DeliveryList(APIView):
    """`webhooks/{webhook_id}/deliveries/`."""

    @extend_schema(
        operation_id="webhooks_deliveries",
        parameters=[OpenApiParameter("state", enum=DeliveryState.values), *_PAGING],
        responses=DeliveryPage,
    )
    def get(self, request: Request, webhook_id: str) -> Response:
        """Deliveries, newest first, with what their last attempts got."""
        found = Webhook.objects.by_id(webhook_id).deliveries.all()
        if state := request.query_params.get("state", ""):
            found = found.filter(state=_state(state))
        page = listing.deliveries(found, _limit(request), whole_number(request, "cursor", None, 0, INT64_MAX))
        told = [_delivery(item) for item in page.items]
        return Response({"deliveries": told, "next_cursor": page.next_cursor or None})


class Redelivery(APIView):
    """`webhooks/{webhook_id}/deliveries/{delivery_id}/redeliver/`."""

    @extend_schema(operation_id="webhooks_redeliver", request=None, responses={202: DeliveryAnswer})
    def post(self, request: Request, webhook_id: str, delivery_id: str) -> Response:
        """Deliver it again: the same id, and the same bytes."""
        delivery = WebhookDelivery.objects.by_id(webhook_id, delivery_id)
        queue.put_again(delivery)
        return Response(_delivery(delivery), status=HTTPStatus.ACCEPTED)


def _checked(serializer: Any) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _limit(request: Request) -> int:
    return whole_number(request, "limit", PAGE, 1, MAX_PAGE) or PAGE


def _state(text: str) -> str:
    if text not in DeliveryState.values:
        known = ", ".join(DeliveryState.values)
        raise InvalidValue(f"state={text[:40]!r} is no state. Use {known}.", field="state")
    return text


def _told(webhook: Webhook) -> dict[str, Any]:
    return dict(WebhookAnswer(webhook).data)


def _delivery(delivery: WebhookDelivery) -> dict[str, Any]:
    return dict(DeliveryAnswer(delivery).data)
