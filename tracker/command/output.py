"""How the command prints: tables for people, JSON for programs."""

import contextlib
import json
import math
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import click

from tracker.notices import visible

as_json = click.option("--json", "is_json", is_flag=True, help="Print JSON, for programs.")


def server_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--uri`."""
    return click.option("--uri", help="The server, in place of TRACKER_URI.")(command)


def print_json(value: Any) -> None:
    """One JSON document; NaN and infinities are texts, as on the API."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def print_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Columns as wide as what is in them, numbers and texts alike; two spaces between."""
    lines = [list(head), *([visible(cell) for cell in row] for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(head))]
    for number, line in enumerate(lines):
        text = "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        click.secho(text, bold=number == 0 and sys.stdout.isatty())


def fail(message: str, status: int = 1) -> int:
    """Say what went wrong, on standard error. Returns the exit status."""
    # A terminal that is gone changes nothing about how it went.
    with contextlib.suppress(OSError):
        click.echo(f"tracker: {visible(message)}", err=True)
    return status


def number(value: Any) -> str:
    """A metric's value in four digits; – for none."""
    if value is None:
        return "–"
    found = float(value)
    return f"{found:.4g}" if math.isfinite(found) else str(value)


def ago(time_ms: int) -> str:
    """How long ago a moment was: `4 min`, `3 h`, `12 d`."""
    seconds = max(0.0, time.time() - time_ms / 1000)
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length:.0f} {unit}"
    return f"{seconds:.0f} s"


def cut(text: str, width: int) -> str:
    """A text on one line, of some characters at most."""
    line = visible(" ".join(text.split()))
    return line if len(line) <= width else line[: width - 1] + "…"
