"""What another process or thread does is there in its own time, and on a busy machine late."""

import time
from collections.abc import Callable
from typing import TypeVar

#: No promise of the product: when it is reached, what is waited for does not come.
PATIENCE_SECONDS = 120

T = TypeVar("T")


def until(condition: Callable[[], T], what: str = "It") -> T:
    """Ask again until it is so. Returns what was answered last."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := condition()):
        assert time.monotonic() < deadline, f"{what}: not so within {PATIENCE_SECONDS} s"
        time.sleep(0.01)
    return found
