"""Cuts a journal's entries into the batches of `POST /api/v1/runs/{run_id}/log/` (docs/api.md)."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tracker.journal.entries import Entry
from tracker.journal.reading import Place, Read

#: The server takes 100,000 points and 16 MiB; smaller batches are stored in some 50 ms, so that others get their turn.
MAX_POINTS = 20_000
MAX_BYTES = 4 * 1024**2
MAX_KEYS = 5000

_Columns = tuple[list[int], list[int], list[float]]


@dataclass
class Batch:
    """The entries between two places, as one: later ones win over earlier ones, points and output add up."""

    start: Place
    end: Place
    points: int = 0
    keys: int = 0
    damaged: int = 0
    parts: dict[str, Any] = field(default_factory=dict)
    columns: dict[str, _Columns] = field(default_factory=dict)

    def add(self, read: Read) -> None:
        """Take in the next entry."""
        self.end = read.end
        if read.entry is None:
            self.damaged += 1
            return
        try:
            for name, value in read.entry.items():
                _ADDERS.get(name, _passed_over)(self, read.entry, value)
        except (AttributeError, KeyError, TypeError, ValueError):
            # A checksum that is right says nothing of the shape of what somebody else wrote.
            self.damaged += 1

    def contradicts(self, read: Read) -> bool:
        """Whether an entry gives a param of this batch another value: the server is to refuse the second one."""
        known = self.parts.get("params", {})
        said = (read.entry or {}).get("params")
        return isinstance(said, dict) and any(known.get(key, text) != text for key, text in said.items())

    @property
    def is_full(self) -> bool:
        """Whether it should be sent before more is taken in."""
        size = self.end.offset - self.start.offset
        return self.points >= MAX_POINTS or size >= MAX_BYTES or self.keys >= MAX_KEYS

    @property
    def entries(self) -> int:
        """How many it holds."""
        return self.end.number - self.start.number

    def body(self, writer: str, after: int, heartbeat: bool) -> bytes:
        """What is sent, as JSON: to be stored where the writer stands at `after`."""
        content = {"writer": writer, "after": after, "seq": self.end.number} | self.parts
        if heartbeat:
            content["heartbeat"] = True
        if self.columns:
            content["metrics"] = {
                key: {"steps": steps, "timestamps": timestamps, "values": _spelled(values)}
                for key, (steps, timestamps, values) in self.columns.items()
            }
        return json.dumps(content, separators=(",", ":")).encode()

    def add_points(self, entry: Entry, values: dict[str, float]) -> None:
        """Values of several metrics at one step."""
        for key, value in values.items():
            columns = self.columns.get(key)
            if columns is None:
                columns = self.columns[key] = ([], [], [])
                self.keys += 1
            columns[0].append(entry["s"])
            columns[1].append(entry["t"])
            columns[2].append(value)
        self.points += len(values)

    def add_texts(self, name: str, texts: dict[str, str]) -> None:
        """Params or tags; the last value of a key wins."""
        self.parts.setdefault(name, {}).update(texts)
        self.keys += len(texts)

    def add_items(self, name: str, items: list[Any]) -> None:
        """Output or datasets, one after another."""
        self.parts.setdefault(name, []).extend(items)

    def remove_tags(self, keys: list[str]) -> None:
        """Tags that are gone, unless they come again."""
        self.add_items("removed_tags", keys)
        tags = self.parts.get("tags", {})
        for key in keys:
            tags.pop(key, None)

    def change_status(self, entry: Entry, status: str) -> None:
        """What the run says of itself last; nothing is left of what it said before."""
        for name in ("end_time", "failure"):
            self.parts.pop(name, None)
        self.parts["status"] = status
        self.parts |= {name: entry[name] for name in ("end_time", "failure") if name in entry}


def _passed_over(batch: Batch, entry: Entry, value: Any) -> None:
    """Fields of others: the step and time of points, the file of an upload, the end of a status."""


_ADDERS: dict[str, Any] = {
    "m": Batch.add_points,
    "params": lambda batch, entry, value: batch.add_texts("params", value),
    "tags": lambda batch, entry, value: batch.add_texts("tags", value),
    "removed_tags": lambda batch, entry, value: batch.remove_tags(value),
    "console": lambda batch, entry, value: batch.add_items("console", value),
    "inputs": lambda batch, entry, value: batch.add_items("inputs", value),
    "environment": lambda batch, entry, value: batch.parts.update(environment=value),
    "status": Batch.change_status,
}


def next_batch(start: Place, reads: Iterator[Read], most_entries: int) -> Batch:
    """A batch of what lies behind a place: as much as one should hold, `most_entries` at most."""
    batch = Batch(start, start)
    for read in reads:
        if batch.contradicts(read):
            break
        batch.add(read)
        if batch.is_full or batch.entries >= most_entries:
            break
    return batch


def _spelled(values: list[float]) -> list[Any]:
    """NaN and infinities as texts, which JSON has no numbers for."""
    # A sum that overflows costs a look at each value, and nothing else.
    if math.isfinite(sum(values)):
        return values
    return [value if math.isfinite(value) else _WORDS[repr(value)] for value in values]


_WORDS = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
