"""Makes and changes webhooks: the one place that says what may be one."""

import re
from collections.abc import Sequence
from typing import Any

from django.db import transaction

from trackerweb.clock import now_ms
from trackerweb.errors import InvalidValue
from trackerweb.transactions import write_transaction
from webhooks import addresses, events, queue
from webhooks.models import Webhook, WebhookStatus

MAX_DESCRIPTION, MAX_SECRET = 1_000, 1_000
_NAME = re.compile(r"[a-z0-9]([\w.-]{0,61}[a-z0-9])?", re.ASCII | re.IGNORECASE)


def create(name: str, url: str, wanted: Sequence[str], **fields: Any) -> Webhook:
    """Make a webhook that asks for the events `wanted`; `fields` are its description, secret and status.

    Errors: InvalidValue names the field.
    """
    chosen = events.checked(wanted)
    told = _checked({"name": name, "url": url, **fields})
    now = now_ms()
    with write_transaction():
        webhook = Webhook.objects.create(creation_time=now, last_updated_time=now, **told)
        webhook.subscribe(chosen)
    return webhook


def change(webhook: Webhook, wanted: Sequence[str] | None = None, **fields: Any) -> None:
    """Change what is given. An empty secret ends the signing.

    Errors: InvalidValue names the field; then nothing is changed.
    """
    chosen = None if wanted is None else events.checked(wanted)
    told = _checked(fields) | {"last_updated_time": now_ms()}
    with write_transaction():
        for name, value in told.items():
            setattr(webhook, name, value)
        webhook.save(update_fields=list(told))
        if chosen is not None:
            webhook.subscribe(chosen)
        # What waited for a webhook that is active again is due.
        transaction.on_commit(queue.bell.set)


def delete(webhook: Webhook) -> None:
    """Delete a webhook with its deliveries, those that wait too."""
    with write_transaction():
        webhook.delete()


def _checked(fields: dict[str, Any]) -> dict[str, Any]:
    if "name" in fields and not _NAME.fullmatch(fields["name"]):
        raise InvalidValue(
            f"{fields['name'][:80]!r} is no name of a webhook: up to 63 letters, digits, dots, - and _, the first and "
            "the last a letter or digit.",
            field="name",
        )
    if "url" in fields:
        addresses.checked(fields["url"])
    if fields.get("status", WebhookStatus.ACTIVE) not in WebhookStatus.values:
        raise InvalidValue(f"{fields['status']!r} is no status. Use ACTIVE or DISABLED.", field="status")
    for name, limit in (("description", MAX_DESCRIPTION), ("secret", MAX_SECRET)):
        if len(fields.get(name, "")) > limit:
            length = len(fields[name])
            raise InvalidValue(f"{name}: {length} characters are too many; {limit} are allowed.", field=name)
    return fields
