"""Reads what an export of ours adds to a run's folder: what MLflow's format can't hold (exporting/mlruns/extras.py)."""

from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec

from importing.found import Unreadable
from importing.mlruns.folder import Folder
from importing.reporting import Report

FILE = "trackerweb.json"
MAX_BYTES = 256 << 20
Value = TypeVar("Value")


@dataclass(frozen=True)
class Extras:
    """`keys` gives, by part, the key that a file stands for where its name is another one."""

    keys: dict[str, dict[str, str]] = field(default_factory=dict)
    content: dict[str, Any] = field(default_factory=dict)

    def original(self, part: str, found: dict[str, Value]) -> dict[str, Value]:
        """The same by the keys that were meant."""
        return {self.original_key(part, name): value for name, value in found.items()}

    def original_key(self, part: str, name: str) -> str:
        """The key that a file of this name stands for."""
        return self.keys.get(part, {}).get(name, name)


class _Written(msgspec.Struct):
    keys: dict[str, dict[str, str]] = {}
    content: dict[str, Any] = {}


def read(run: Folder, report: Report) -> Extras:
    """What a run's folder holds of it; nothing when MLflow wrote the folder, or somebody broke the file."""
    file = run.file(FILE)
    if file is None:
        return Extras()
    try:
        found = msgspec.json.decode(file.read(MAX_BYTES), type=_Written)
    except (Unreadable, OSError, msgspec.DecodeError, RecursionError) as error:
        report.refuse(file.place, f"It was left out: {error}")
        return Extras()
    return Extras(found.keys, found.content)
