"""A time within which something that is awaited has to end. asyncio.timeout is not there before Python 3.11."""

from __future__ import annotations

import asyncio
from types import TracebackType


class Deadline:
    """Ends what the current task waits for. Errors: TimeoutError, in place of the cancellation."""

    def __init__(self, loop: asyncio.AbstractEventLoop, seconds: float) -> None:
        self._loop, self._seconds, self._has_passed = loop, seconds, False

    def __enter__(self) -> None:
        self._task = asyncio.current_task(self._loop)
        self._handle = self._loop.call_later(self._seconds, self._pass)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._handle.cancel()
        if self._has_passed and kind is asyncio.CancelledError:
            raise TimeoutError from None

    def _pass(self) -> None:
        self._has_passed = True
        if self._task is not None:
            self._task.cancel()
