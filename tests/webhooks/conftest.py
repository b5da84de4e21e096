"""Receivers, and a server of ours that may post to this machine."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.webhooks.receiver import Receiver, receiving
from webhooks import editing
from webhooks.models import Webhook


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """One that takes everything unless told otherwise."""
    with receiving() as running:
        yield running


@pytest.fixture
def private(settings: Any) -> None:
    """The owner allows private places."""
    settings.TRACKER_WEBHOOK_PRIVATE = True


@pytest.fixture
def make_webhook(receiver: Receiver, private: None) -> Callable[..., Webhook]:
    """Makes a webhook that posts to the receiver."""

    def make(*events: str, **fields: Any) -> Webhook:
        values = {"name": "hook", "url": receiver.url} | fields
        return editing.create(wanted=events or ["run.finished"], **values)

    return make
