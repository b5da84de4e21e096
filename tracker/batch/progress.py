"""How far scoring is: a bar in a terminal, a line every few seconds elsewhere, on standard error."""

from __future__ import annotations

import sys
import time
from typing import Any

from tracker.notices import say

_EVERY_SECONDS = 10.0
_STEPS = 1000


class Progress:
    """Tells of rows as they are done; to be used in a `with`."""

    def __init__(self) -> None:
        self._began = self._told = time.monotonic()
        self._rows, self._bar = 0, _bar() if sys.stderr.isatty() else None

    def __enter__(self) -> Progress:
        if self._bar is not None:
            self._bar.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar is not None:
            self._bar.__exit__(*error)

    def note(self, rows: int, share: float) -> None:
        """So many rows are done, and this share of the file was read, from 0 to 1."""
        self._rows = rows
        if self._bar is not None:
            self._bar.update(int(share * _STEPS) - self._bar.pos, f"{rows:,} rows")
        elif time.monotonic() - self._told > _EVERY_SECONDS:
            self._told = time.monotonic()
            say(f"{rows:,} rows, {share:.0%} of the file, {self._speed()}")

    def done(self, target: str) -> None:
        """All is written."""
        say(f"{self._rows:,} rows scored to {target}, {self._speed()}")

    def _speed(self) -> str:
        return f"{self._rows / max(1e-9, time.monotonic() - self._began):,.0f} rows/s"


def _bar() -> Any:
    import click

    return click.progressbar(length=_STEPS, file=sys.stderr, item_show_func=lambda told: told)
