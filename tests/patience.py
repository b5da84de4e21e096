"""What another process or thread does is there in its own time, and on a busy machine late."""

import time
from collections.abc import Callable

PATIENCE_SECONDS = 30


def until(condition: Callable[[], object]) -> None:
    """Ask again until it is so."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"Not so within {PATIENCE_SECONDS} s"
        time.sleep(0.01)
