"""When to try again."""

import random
import time

FIRST_SECONDS = 0.5
LONGEST_SECONDS = 30.0


class Backoff:
    """Waits that double with each failure, each of a random length, so that many clients don't come back at once."""

    def __init__(self) -> None:
        self._failures = 0
        self._due = 0.0

    @property
    def seconds_left(self) -> float:
        """How long to wait from now on; 0 when it is time."""
        return max(0.0, self._due - time.monotonic())

    def failed(self, retry_after_seconds: float | None = None) -> None:
        """It did not work; the server may have said when it will."""
        longest = min(LONGEST_SECONDS, FIRST_SECONDS * 2 ** min(self._failures, 10))
        self._failures += 1
        # Full jitter; what the server asks for is kept, and not all at the same moment.
        wait = random.uniform(longest / 10, longest)  # noqa: S311 - no secret
        if retry_after_seconds is not None:
            wait = min(retry_after_seconds, 3600.0) + random.uniform(0, longest / 4)  # noqa: S311
        self._due = time.monotonic() + wait

    def worked(self) -> None:
        """It did; the next failure is a first one again."""
        self._failures, self._due = 0, 0.0
