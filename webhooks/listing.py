"""Pages of lists, cut by the last row's values."""

import base64
import re
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from trackerweb.errors import InvalidValue
from webhooks.models import Webhook
from webhooks.querysets import DeliveryQuerySet, WebhookQuerySet

_PLACE = re.compile(r"([0-9]{1,18}) ([0-9a-f-]{36})")


@dataclass(frozen=True)
class Page:
    """Some rows, and where the next ones begin; "" when there are none."""

    items: list[Any]
    next_cursor: str


def page(webhooks: WebhookQuerySet, limit: int, cursor: str = "") -> Page:
    """Webhooks, newest first.

    Errors: InvalidValue for a cursor that is none of ours.
    """
    rows = webhooks.newest_first()
    if cursor:
        time, webhook_id = _read(cursor)
        rows = rows.filter(Q(creation_time__lt=time) | Q(creation_time=time, webhook_id__lt=webhook_id))
    found = list(rows[: limit + 1])
    last: Webhook | None = found[limit - 1] if len(found) > limit else None
    return Page(found[:limit], _written(last.creation_time, last.webhook_id) if last else "")


def _written(time: int, webhook_id: str) -> str:
    return base64.urlsafe_b64encode(f"{time} {webhook_id}".encode()).decode()


def _read(cursor: str) -> tuple[int, str]:
    try:
        told = _PLACE.fullmatch(base64.urlsafe_b64decode(cursor[:200].encode("ascii")).decode())
    except ValueError:
        told = None
    if told is None:
        raise InvalidValue("cursor: this is no cursor of ours. Begin again without one.", field="cursor")
    return int(told[1]), told[2]


def deliveries(found: "DeliveryQuerySet | QuerySet[Any]", limit: int, before: int | None = None) -> Page:
    """Deliveries, newest first; `before` is where an earlier page ended."""
    rows = found.order_by("-pk") if before is None else found.filter(pk__lt=before).order_by("-pk")
    kept = list(rows[: limit + 1])
    return Page(kept[:limit], str(kept[limit - 1].pk) if len(kept) > limit else "")
