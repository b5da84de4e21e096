"""What a run tells of itself without being asked: source, environment, output, load. Each can be switched off."""

import importlib.util
from collections.abc import Iterable

from tracker import settings
from tracker.errors import InvalidValue

KINDS = ("command", "git", "source", "packages", "hardware", "console", "system")


def chosen(kinds: Iterable[str] | None) -> frozenset[str]:
    """What to capture: `kinds`, else TRACKER_CAPTURE (names with commas between, `all` or `none`), else all.

    Errors: InvalidValue.
    """
    if kinds is None:
        said = settings.text("TRACKER_CAPTURE", "all")
        kinds = KINDS if said == "all" else () if said == "none" else [name.strip() for name in said.split(",")]
    names = frozenset(kinds)
    unknown = sorted(names - set(KINDS))
    if unknown:
        raise InvalidValue(f"There is nothing called {unknown[0]!r} to capture; there are {', '.join(KINDS)}.")
    return names


def prepare(kinds: frozenset[str]) -> None:
    """Import what threads will use: a child that is forked while a thread imports has half of a module for ever."""
    if kinds & {"hardware", "system"}:
        importlib.import_module("psutil")
        if importlib.util.find_spec("pynvml"):
            importlib.import_module("pynvml")
