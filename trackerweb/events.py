"""Tells strangers what happened, such as webhooks that pass it on. It is told inside the transaction that makes it
true, so that it is kept if and only if what it tells of is.
"""

from typing import Any

from django.dispatch import Signal

#: Receivers get `event`, such as "model_version.created", and `data`, plain values that JSON knows.
happened = Signal()


def tell(event: str, data: dict[str, Any]) -> None:
    """Say that something happened."""
    happened.send(sender=None, event=event, data=data)
