"""Tells strangers what happened, such as webhooks that pass it on. It is told inside the transaction that makes it
true, so that it is kept if and only if what it tells of is.
"""

from collections.abc import Callable
from typing import Any

from django.dispatch import Signal

#: Receivers get `event`, such as "model_version.created", and `data`, plain values that JSON knows, or a function that
#: gives them.
happened = Signal()
#: Sent every few seconds while a server runs: whoever knows of things that no request makes true, such as silence,
#: looks whether there is one to tell.
looking = Signal()


def tell(event: str, data: dict[str, Any] | Callable[[], dict[str, Any]]) -> None:
    """Say that something happened. A function as `data` is called only if somebody wants to know."""
    happened.send(sender=None, event=event, data=data)
