"""What docs/webhooks.md says is so."""

import re

import pytest

from tests.server import ROOT
from webhooks import queue, sending
from webhooks.events import EVENTS

PAGE = (ROOT / "docs" / "webhooks.md").read_text()


@pytest.mark.django_db
def test_the_example_knows_genuine_deliveries(make_webhook, receiver):
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    made = {}
    exec(example, made)
    is_genuine = made["is_genuine"]
    queue.send_test(make_webhook(secret="sécret"))
    (got,) = receiver.got
    assert is_genuine("sécret", got.headers, got.body)
    assert not is_genuine("other", got.headers, got.body)
    assert not is_genuine("sécret", got.headers, got.body + b" ")
    assert not is_genuine("sécret", {**got.headers, "X-MLflow-Timestamp": "1795521600"}, got.body)


@pytest.mark.parametrize("event", EVENTS)
def test_every_event_is_told(event):
    assert f"`{event}`" in PAGE


def test_every_field_of_an_example_is_told():
    for event in EVENTS.values():
        for field in event.example:
            assert f"`{field}`" in PAGE, field


def test_the_waits_are_told():
    assert queue.RETRY_SECONDS == (10, 60, 300, 30 * 60, 2 * 3600, 6 * 3600, 16 * 3600)
    assert "after 10 s, 1 min, 5 min, 30 min, 2 h, 6 h and 16 h" in PAGE
    assert (sending.KEPT_BYTES, queue.KEPT, sending.PATIENCE_SECONDS) == (2_000, 1_000, 10)
