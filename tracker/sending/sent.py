"""What of a folder was sent to which server, so that the next time only what is new is sent."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from tracker import settings

Stamp = list[int]


class Sent:
    """The files that a server has, by path, each as it stood then. Kept in the user's state folder."""

    def __init__(self, folder: Path, uri: str) -> None:
        name = hashlib.sha256(f"{uri} {folder.resolve()}".encode()).hexdigest()[:32]
        self._file = settings.journal_folder().parent / "sent" / f"{name}.json"
        self._stamps: dict[str, Stamp] = self._read()

    def is_new(self, path: str, stamp: Stamp) -> bool:
        """Whether a file has changed since it was sent, or never was."""
        return self._stamps.get(path) != stamp

    def note(self, stamps: dict[str, Stamp]) -> None:
        """Remember files that have arrived."""
        self._stamps |= stamps
        self._file.parent.mkdir(parents=True, exist_ok=True)
        half = self._file.with_suffix(f".{os.getpid()}")
        half.write_text(json.dumps(self._stamps))
        half.replace(self._file)

    def _read(self) -> dict[str, Any]:
        try:
            found = json.loads(self._file.read_text())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}
