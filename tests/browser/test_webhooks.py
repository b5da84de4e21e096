"""The pages of webhooks in a real browser: one is added, tested, and its deliveries are read."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import assert_accessible
from tests.browser.looks import everywhere
from tests.server import RealServer
from tests.webhooks.receiver import Answer, Receiver, receiving


@pytest.fixture(scope="module")
def hooks_server(tmp_path_factory) -> Iterator[RealServer]:
    """A server that may post to this machine."""
    server = RealServer(tmp_path_factory.mktemp("hooks"), TRACKER_WEBHOOK_PRIVATE="1").start()
    yield server
    server.stop()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@everywhere
def test_pages_are_accessible_and_fit(open_page, hooks_server, receiver, width, scheme):
    receiver.answers = [Answer(404, b"no such channel"), Answer()]
    told = {"name": "a-rather-long-name-of-a-webhook", "url": f"{receiver.url}/{'long' * 30}", "secret": "s"}
    client = hooks_server.client()
    made = client.post("/api/v1/webhooks/", told | {"events": ["run.failed", "model_version_alias.created"]}).body
    for _ in range(2):
        client.post(f"/api/v1/webhooks/{made['webhook_id']}/test/", {})
    address = f"/webhooks/{made['webhook_id']}/"
    for path in ("/webhooks/", "/webhooks/new/", address, f"{address}edit/", f"{address}delete/"):
        page = open_page(hooks_server.url + path, width=width, scheme=scheme)
        for summary in page.locator(".delivery summary").all():
            summary.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert_accessible(page)


@pytest.mark.slow
def test_a_webhook_is_added_tested_and_sent_again(open_page, hooks_server, receiver):
    page = open_page(f"{hooks_server.url}/webhooks/new/")
    page.get_by_label("Name").fill("lab-chat")
    page.get_by_label("A run finished").check()
    page.get_by_label("Secret").fill("s")
    page.get_by_label("Address that gets a POST").fill(receiver.url)
    page.get_by_role("button", name="Add").click()
    page.get_by_role("button", name="Send a test").click()
    expect(page.get_by_role("status")).to_contain_text("The test arrived: 200 OK")
    page.get_by_text("What was sent, and the answer").click()
    expect(page.get_by_label("What was sent")).to_contain_text("example-run")
    page.get_by_role("button", name="again").click()
    assert len(receiver.wait_for(2)) == 2
    assert receiver.got[0].body == receiver.got[1].body
    page.get_by_role("button", name="Disable").click()
    expect(page.get_by_role("button", name="Enable")).to_be_visible()
