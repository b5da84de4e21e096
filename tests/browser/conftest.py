"""A real Chromium that fails the test when its console complains."""

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from tests.browser.accessibility import CHECK_BEGINS
from tests.browser.patience import PATIENCE_SECONDS

# What is expected of a page is asked again until it is so; the usual 5 s are too short for a busy machine.
expect.set_options(timeout=1000 * PATIENCE_SECONDS)

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.nodeid:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium. Without one these tests are skipped, in CI they fail."""
    path = shutil.which("chromium")
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("CI has no chromium. .ci/run installs it.")
        pytest.skip("No chromium here. `apt install chromium` brings it.")
    # Playwright's loop counts as running in this thread from here on, where tests of the database follow.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS, timeout=120_000)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Opens an address: `open_page(url, width=390, scheme="dark", javascript=False)`.

    When the test ends, no page may have written an error to its console: broken policy, failed script, missing file.
    """
    complaints: list[str] = []
    contexts = []
    checked: set[Page | None] = set()

    def note(message: ConsoleMessage) -> None:
        if message.text == CHECK_BEGINS:
            checked.add(message.page)
        elif message.type in ("error", "warning") and message.page not in checked:
            complaints.append(message.text)

    def open_(url: str, width: int = 1440, height: int = 900, scheme: str = "light", javascript: bool = True) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            java_script_enabled=javascript,
            # What fades in has half of its contrast for a moment, in which it may be looked at.
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        # Its scripts have run by then. A quiet network alone may come before, where they take long.
        page.goto(url)
        page.wait_for_load_state("networkidle")
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not complaints, complaints
