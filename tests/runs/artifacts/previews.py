"""Makes previews of content, as the page does: from an open file."""

import tempfile
from pathlib import Path

from runs.artifacts.previews.kinds import preview_of
from runs.artifacts.previews.source import Preview, Source


def shown(path: str, content: bytes | str, page: int = 1) -> Preview:
    """What the page shows of a file with this path and content."""
    raw = content.encode() if isinstance(content, str) else content
    with tempfile.TemporaryFile() as file:
        file.write(raw)
        file.flush()
        return preview_of(Source("r1", path, len(raw), file, page))


class CountingFile:
    """A file that counts the bytes read from it."""

    def __init__(self, place: Path) -> None:
        self._file, self.bytes_read = place.open("rb"), 0

    def read(self, size: int = -1) -> bytes:
        piece = self._file.read(size)
        self.bytes_read += len(piece)
        return piece

    def seek(self, offset: int) -> int:
        return self._file.seek(offset)

    def fileno(self) -> int:
        return self._file.fileno()


def huge(folder: Path, start: bytes, size: int = 5_000_000_000) -> tuple[CountingFile, int]:
    """A file of 5 GB that begins like this, and takes no room on the disk."""
    place = folder / "huge"
    with place.open("wb") as file:
        file.write(start)
        file.truncate(size)
    return CountingFile(place), size
