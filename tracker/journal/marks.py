"""How far delivery came, kept beside the journal: a hint that saves reading it anew. The server knows better."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from tracker.journal.reading import Place


@dataclass(frozen=True)
class Mark:
    """A place, and the last number that the server was told (one lane passes over what is not its own)."""

    number: int
    offset: int
    told: int

    @property
    def place(self) -> Place:
        """Where to read on."""
        return Place(self.number, self.offset)


def read(file: Path) -> Mark | None:
    """The mark that was written last; None where there is none that can be read."""
    try:
        fields = json.loads(file.read_text())
        return Mark(int(fields["number"]), int(fields["offset"]), int(fields["told"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write(file: Path, mark: Mark) -> None:
    """Keep a mark, whole or not at all. A folder that can't be written has none."""
    beside = file.with_suffix(".new")
    try:
        beside.write_text(json.dumps(asdict(mark)))
        os.replace(beside, file)
    except OSError:
        return
