"""Webhooks: `webhooks`, `webhooks/<id>`, `webhooks/<id>/test`."""

from typing import Any, ClassVar

import msgspec

from mlflow_api.endpoint import endpoint
from mlflow_api.messages import Int64, Message, MissingValue, enum_of
from trackerweb.errors import InvalidValue
from webhooks import editing, listing, queue
from webhooks.events import EVENTS, Event
from webhooks.models import Webhook, WebhookStatus
from webhooks.sending import Reply

#: In the order of their numbers. What we know of no event for is refused by name (webhooks/events.py).
ENTITIES = (
    "REGISTERED_MODEL", "MODEL_VERSION", "MODEL_VERSION_TAG", "MODEL_VERSION_ALIAS", "PROMPT", "PROMPT_VERSION",
    "PROMPT_TAG", "PROMPT_VERSION_TAG", "PROMPT_ALIAS", "BUDGET_POLICY",
)  # fmt: skip
ACTIONS = ("CREATED", "UPDATED", "DELETED", "SET", "EXCEEDED")
STATUSES = tuple(WebhookStatus.values)
PAGE, MAX_PAGE = 100, 1000


class EventName(msgspec.Struct):
    """An event, by names or by numbers."""

    entity: str | int | None = None
    action: str | int | None = None


class WebhookFields(Message):
    """What a webhook is."""

    name: str | None = None
    url: str | None = None
    description: str | None = None
    events: list[EventName] | None = None
    secret: str | None = None
    status: str | int | None = None


class CreateWebhook(WebhookFields):
    """`POST webhooks`."""

    required: ClassVar[tuple[str, ...]] = ("name", "url")


class ListWebhooks(Message):
    """`GET webhooks`."""

    max_results: Int64 | None = None
    page_token: str | None = None


class TestWebhook(Message):
    """`POST webhooks/<id>/test`."""

    event: EventName | None = None


@endpoint(CreateWebhook)
def create(message: CreateWebhook) -> dict[str, Any]:
    """Make a webhook."""
    if message.events is None:
        raise MissingValue("events")
    webhook = editing.create(
        message.name or "",
        message.url or "",
        _names(message.events),
        description=message.description or "",
        secret=message.secret or "",
        status=enum_of(message.status, STATUSES, "status") or WebhookStatus.ACTIVE,
    )
    return _told(webhook)


@endpoint(ListWebhooks)
def list_all(message: ListWebhooks) -> dict[str, Any]:
    """A page of webhooks, newest first: those that MLflow's client can read, which fails over events that it does not
    know.
    """
    limit = message.max_results or PAGE
    if not 0 < limit <= MAX_PAGE:
        raise InvalidValue(f"max_results is {limit}; it has to be between 1 and {MAX_PAGE}.", field="max_results")
    known = [name for name in EVENTS if _is_known(name)]
    page = listing.page(Webhook.objects.asking_for(known), limit, message.page_token or "")
    body: dict[str, Any] = {"webhooks": [as_json(webhook) for webhook in page.items]} if page.items else {}
    return body | ({"next_page_token": page.next_cursor} if page.next_cursor else {})


@endpoint(Message)
def get(message: Message, webhook_id: str) -> dict[str, Any]:
    """A webhook."""
    return _told(Webhook.objects.by_id(webhook_id))


@endpoint(WebhookFields)
def update(message: WebhookFields, webhook_id: str) -> dict[str, Any]:
    """Change what is said; an empty name, address or list says nothing."""
    webhook = Webhook.objects.by_id(webhook_id)
    status = enum_of(message.status, STATUSES, "status")
    said = {"name": message.name or None, "url": message.url or None, "status": status}
    said |= {"description": message.description, "secret": message.secret}
    wanted = _names(message.events) if message.events else None
    editing.change(webhook, wanted, **{name: value for name, value in said.items() if value is not None})
    return _told(Webhook.objects.by_id(webhook_id))


@endpoint(Message)
def delete(message: Message, webhook_id: str) -> dict[str, Any]:
    """Delete a webhook."""
    editing.delete(Webhook.objects.by_id(webhook_id))
    return {}


@endpoint(TestWebhook)
def test(message: TestWebhook, webhook_id: str) -> dict[str, Any]:
    """Send an example, and tell what came of it."""
    webhook = Webhook.objects.by_id(webhook_id)
    event = None if message.event is None else _name(message.event)
    return {"result": _result(queue.send_test(webhook, event)[1])}


def _result(reply: Reply) -> dict[str, Any]:
    if reply.status is None:
        return {"success": False, "error_message": reply.error}
    return {"success": reply.is_success, "response_status": reply.status, "response_body": reply.body}


def _names(events: list[EventName]) -> list[str]:
    return [_name(event) for event in events]


def _name(event: EventName) -> str:
    """The event by our name.

    Errors: InvalidValue for a pair that is none.
    """
    entity, action = _word(event.entity, ENTITIES, "entity"), _word(event.action, ACTIONS, "action")
    name = f"{entity}.{action}".lower()
    if name not in EVENTS:
        known = ", ".join(f"{one.entity.upper()} {one.action.upper()}" for one in EVENTS.values())
        raise InvalidValue(f"There is no event {entity[:40]} {action[:40]} here. Known: {known}.", field="events")
    return name


def _word(value: str | int | None, names: tuple[str, ...], place: str) -> str:
    """A name, by itself or by its number."""
    text = str(value or "")
    is_number = text.isascii() and text.isdigit()
    return (enum_of(text, names, f"events.{place}") or "") if is_number else text


def _told(webhook: Webhook) -> dict[str, Any]:
    return {"webhook": as_json(webhook)}


def as_json(webhook: Webhook) -> dict[str, Any]:
    """A webhook as MLflow writes it, without its secret. One that asks for events of models, too, tells those alone."""
    known = [name for name in webhook.events if _is_known(name)]
    told = {
        "webhook_id": webhook.webhook_id,
        "name": webhook.name,
        "description": webhook.description,
        "url": webhook.url,
        "events": [_event_as_json(EVENTS[name]) for name in known or webhook.events],
        "status": webhook.status,
        "creation_timestamp": webhook.creation_time,
        "last_updated_timestamp": webhook.last_updated_time,
    }
    return {name: value for name, value in told.items() if value != ""}


def _is_known(event: str) -> bool:
    return EVENTS[event].entity.upper() in ENTITIES


def _event_as_json(event: Event) -> dict[str, str]:
    return {"entity": event.entity.upper(), "action": event.action.upper()}
