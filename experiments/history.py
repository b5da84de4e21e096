"""The audit trail as pages tell it: what was done, and what was there before."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from experiments.models import AuditEntry
from trackerweb import formatting

PAGE_SIZE = 50
#: What an action is called; the second word says that the keys of `before` belong to it.
WORDS = {
    "change": ("Changed", True),
    "trash": ("Moved to the trash", False),
    "restore": ("Restored", False),
    "purge": ("Deleted for good", False),
    "set tag": ("Set the tag", True),
    "delete tag": ("Removed the tag", True),
    "correct param": ("Corrected the param", True),
    "delete param": ("Deleted the param", True),
    "cut metric": ("Cut the metric", True),
    "delete metric": ("Deleted the metric", True),
    "delete artifact": ("Deleted", True),
    "move": ("Moved here", False),
    "copy": ("Made as a copy", False),
    "move alias": ("Moved the alias", True),
    "remove alias": ("Removed the alias", True),
}
#: Keys that are named; the others are counted.
NAMED_KEYS = 3
LINKS = {
    "run": "/runs/{}/",
    "experiment": "/experiments/{}/",
    "registeredmodel": "/models/{}/",
    "loggedmodel": "/logged-models/{}/",
}


@dataclass(frozen=True)
class Old:
    """A value that was replaced. `time` is set for a moment, in ms."""

    label: str
    text: str
    time: int | None = None


@dataclass(frozen=True)
class Line:
    """One entry."""

    entry: AuditEntry

    @property
    def what(self) -> str:
        """What was done: `Corrected the param lr`."""
        action, keys = self.entry.action, list(self.entry.before)
        words, names_keys = WORDS.get(action, (action.capitalize(), False))
        if not (names_keys and keys):
            return words
        if action == "change":
            keys = [key.replace("_", " ") for key in keys]
        return f"{words}{'s' if len(keys) > 1 and words.endswith('tag') else ''} {_listed(keys)}"

    @property
    def old(self) -> list[Old]:
        """What was there before."""
        if self.entry.action == "move":
            return [Old("from", str(self.entry.before.get("experiment", "")))]
        if len(self.entry.before) == 1 and WORDS.get(self.entry.action, ("", False))[1]:
            return [_old(label, value, "was") for label, value in self.entry.before.items()]
        return [_old(label, value, label.replace("_", " ")) for label, value in self.entry.before.items()]

    @property
    def address(self) -> str:
        """The page of what it is about; "" for what has none."""
        return LINKS.get(self.entry.kind, "").format(quote(self.entry.object_id, safe=""))


class History:
    """A page of the audit trail, newest first: of one thing, of a kind, or of everything. One query."""

    def __init__(self, kind: str = "", object_id: str = "", cursor: int | None = None, size: int = PAGE_SIZE) -> None:
        self.kind, self.object_id = kind, object_id
        page = AuditEntry.objects.page(kind, object_id, cursor, size)
        self.lines = [Line(entry) for entry in page.entries]
        self.next_cursor = page.next_cursor

    @property
    def thing(self) -> Line | None:
        """The newest entry of the one thing that this is about, which names it."""
        return self.lines[0] if self.object_id and self.lines else None


def _old(key: str, value: Any, label: str) -> Old:
    if value is None:
        return Old(label, "not there")
    if key.endswith("_time") and isinstance(value, int):
        return Old(label, str(value), time=value)
    if isinstance(value, Mapping) and "points" in value:
        return Old(label, _points(value))
    return Old(label, str(value) or "empty")


def _points(told: Mapping[str, Any]) -> str:
    """What the audit trail keeps of deleted points (runs/correcting.py)."""
    extent = formatting.points(told["points"], told.get("first_step"), told.get("last_step"))
    values = [(name, told[name]) for name in ("last", "min", "max") if told.get(name) is not None]
    return ", ".join([extent, *(f"{name} {formatting.significant(float(value))}" for name, value in values)])


def _listed(keys: list[str]) -> str:
    more = len(keys) - NAMED_KEYS
    named = ", ".join(keys[:NAMED_KEYS])
    return f"{named} and {more} more" if more > 0 else named
