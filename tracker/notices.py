"""What the client tells people: one line at a time, on standard error, never an exception of its own."""

import contextlib
import contextvars
import functools
import os
import re
import sys
from collections.abc import Iterator

#: What moves the cursor, turns text around, or can't be printed at all; lines and tabs may be.
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_hushed = contextvars.ContextVar("hushed", default=False)


def say(message: str) -> None:
    """Print a line, unless TRACKER_QUIET is set."""
    if not os.environ.get("TRACKER_QUIET") and not _hushed.get():
        warn(message)


@contextlib.contextmanager
def hushed() -> Iterator[None]:
    """While inside, this thread says nothing but what must not be missed."""
    token = _hushed.set(True)
    try:
        yield
    finally:
        _hushed.reset(token)


def warn(message: str) -> None:
    """Print a line that must not be missed: something is not as the user thinks."""
    # Captured output would go back into the journal, and a closed or full terminal must not end a training.
    with contextlib.suppress(Exception):
        stream = sys.__stderr__ or sys.stderr
        stream.write(f"tracker: {visible(message)}\n")
        stream.flush()


@functools.lru_cache(maxsize=1000)
def warn_once(message: str) -> None:
    """Print a line that must not be missed, and not again in this process."""
    warn(message)


def visible(text: str) -> str:
    """A text for a terminal: what would not be seen there, and may hide the rest, is spelled out (`\\x1b`)."""
    return _UNSEEN.sub(lambda sign: ascii(sign[0])[1:-1], text)


def counted(count: int, thing: str) -> str:
    """`1 entry`, `1,204 entries`."""
    plural = f"{thing[:-1]}ies" if thing.endswith("y") else f"{thing}s"
    return f"{count:,} {thing if count == 1 else plural}"
