"""What the pages of webhooks show."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from django.http import QueryDict

from trackerweb.forms import plain_text
from webhooks.events import EVENTS, Event
from webhooks.models import DeliveryState, Webhook, WebhookDelivery

#: What a state is called, and the mark that it has.
STATES = {
    DeliveryState.WAITING: ("Waiting", "scheduled"),
    DeliveryState.SENDING: ("Being sent", "running"),
    DeliveryState.DELIVERED: ("Delivered", "finished"),
    DeliveryState.FAILED: ("Failed", "failed"),
}


class DeliveryRow:
    """A delivery as a page shows it."""

    def __init__(self, delivery: WebhookDelivery) -> None:
        self.delivery = delivery
        self.state, self.mark = STATES[DeliveryState(delivery.state)]

    @property
    def event(self) -> Event:
        """What it tells of."""
        return EVENTS[self.delivery.event]

    @property
    def answer(self) -> str:
        """What the last attempt got, in a word or two; "" before the first."""
        status = self.delivery.answer_status
        if status is None:
            return "no answer" if self.delivery.error else ""
        return f"{status} {_phrase(status)}".strip()

    @property
    def is_to_be_tried_again(self) -> bool:
        """Whether another attempt follows one that came to nothing."""
        return self.delivery.state == DeliveryState.WAITING and self.delivery.attempts > 0


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


class WebhookRow:
    """A webhook as the list shows it, with its last delivery."""

    def __init__(self, webhook: Webhook, last: WebhookDelivery | None) -> None:
        self.webhook = webhook
        self.events = [EVENTS[name] for name in webhook.events]
        self.last = None if last is None else DeliveryRow(last)


def rows() -> list[WebhookRow]:
    """All webhooks, newest first. Three queries."""
    webhooks: list[Any] = list(Webhook.objects.with_last_answers().newest_first())
    last = WebhookDelivery.objects.in_bulk([webhook.last_delivery for webhook in webhooks if webhook.last_delivery])
    return [WebhookRow(webhook, last.get(webhook.last_delivery)) for webhook in webhooks]


@dataclass
class WebhookForm:
    """What a form holds, and what is wrong with it."""

    name: str = ""
    url: str = ""
    description: str = ""
    events: list[str] = field(default_factory=list)
    is_signed: bool = False
    mistake: str = ""

    @classmethod
    def of(cls, webhook: Webhook) -> "WebhookForm":
        """A webhook, to be edited."""
        return cls(webhook.name, webhook.url, webhook.description, webhook.events, webhook.is_signed)

    @classmethod
    def sent(cls, form: QueryDict) -> "WebhookForm":
        """What a browser sent."""
        return cls(
            form.get("name", "").strip(),
            form.get("url", "").strip(),
            plain_text(form.get("description", "")),
            form.getlist("event"),
        )

    @property
    def choices(self) -> list[tuple[str, list[tuple[Event, bool]]]]:
        """The events to choose from, in groups, and whether each is chosen."""
        events = [(event, event.name in self.events) for event in EVENTS.values()]
        of_runs = [item for item in events if item[0].entity == "run"]
        return [("Runs", of_runs), ("Models", [item for item in events if item not in of_runs])]

    def fields(self, form: Mapping[str, str]) -> dict[str, Any]:
        """What is to be stored. A secret only where one was typed, or is to go."""
        told: dict[str, Any] = {"name": self.name, "url": self.url, "description": self.description}
        if form.get("secret") or "no_secret" in form:
            told["secret"] = "" if "no_secret" in form else form["secret"]
        return told
