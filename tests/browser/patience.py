"""What a click or a key changes on a page comes in its own time, and on a busy machine late."""

import time
from collections.abc import Callable
from typing import TypeVar

from playwright.sync_api import Page

PATIENCE_SECONDS = 30

T = TypeVar("T")


def until(page: Page, read: Callable[[], T], is_right: Callable[[T], bool] = bool) -> T:
    """Read again until it is right, for what `expect` has no word for. Returns what was read last."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_right(found := read()):
        assert time.monotonic() < deadline, f"Still so after {PATIENCE_SECONDS} s: {str(found)[:2000]}"
        page.wait_for_timeout(50)
    return found
