"""Delivers one journal whole, and deletes it then."""

from pathlib import Path

from tracker.delivery.lanes import EntriesLane, FilesLane
from tracker.delivery.server import Server
from tracker.journal import releasing, shelf
from tracker.journal.reading import JournalReader
from tracker.journal.writing import JournalWriter


class Delivery:
    """A journal with its two lanes. `writer` is ours when this process writes it, None for one that is left over."""

    def __init__(self, folder: Path, servers: tuple[Server, Server], writer: JournalWriter | None = None) -> None:
        self.folder, self.writer = folder, writer
        self.journal = JournalReader(folder)
        is_live = writer is not None
        self.entries = EntriesLane(self.journal, servers[0], is_live)
        self.files = FilesLane(self.journal, servers[1], is_live)

    @property
    def run_id(self) -> str:
        """The run that it tells of."""
        return self.entries.run_id

    @property
    def is_delivered(self) -> bool:
        """Whether all that was said so far has arrived."""
        try:
            # Of the open file: somebody may have deleted the folder under a training that goes on.
            size = self.journal.size
        except ValueError:
            return True
        has_files = self.writer is None or self.writer.files_taken > 0
        return self.entries.arrived_bytes >= size and not (has_files and self.files.arrived_bytes < size)

    @property
    def is_over(self) -> bool:
        """Whether nothing more will be said."""
        return self.writer is None or self.writer.is_closed

    def release(self) -> None:
        """Give back the disk's room of what has arrived, while the rest is still on its way or not yet said."""
        has_files = self.writer is not None and self.writer.files_taken > 0
        marks = [self.entries.mark, self.files.mark] if has_files else [self.entries.mark]
        releasing.release(self.journal, min(mark.place for mark in marks))

    def finish(self) -> None:
        """Delete the journal, all of which has arrived; what was refused stays."""
        # The lock is given back last, so that nobody takes for left over what is being deleted.
        shelf.remove(self.folder)
        self.close()

    def close(self) -> None:
        """Give back what the system holds for it."""
        self.journal.close()
        if self.writer is not None:
            self.writer.release()
