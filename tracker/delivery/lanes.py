"""Delivers one journal: what it holds, where the server stands, what it refused.

Entries and files go in two lanes, so that a large file holds up no metric. Each lane reads the journal from its own
place and has a writer of its own on the server, which says where the lane stands (`after` and `seq` in docs/api.md).
"""

import hashlib
import json
from pathlib import Path
from typing import Any

from tracker.delivery import batches
from tracker.delivery.batches import Batch
from tracker.delivery.model_steps import ModelSteps, model_id_of
from tracker.delivery.server import Server
from tracker.errors import Refused, Unavailable
from tracker.journal import marks
from tracker.journal.entries import Entry
from tracker.journal.marks import Mark
from tracker.journal.reading import JournalReader, Place, Read
from tracker.notices import warn

MOST_ENTRIES = 1_000_000
FILES_A_STEP = 16
#: What a refusal says about the run or about us, rather than about what was sent.
_STOPS = {401, 403, 404}
_RUN_IN_TRASH = "RESOURCE_CONFLICT"


class Lane:
    """One way through a journal. `step` brings it further; `is_done` says that nothing is left for now."""

    name, suffix = "", ""

    def __init__(self, journal: JournalReader, server: Server, is_live: bool) -> None:
        self.journal, self.server, self.is_live = journal, server, is_live
        self.run_id: str = journal.header["run_id"]
        self.writer: str = journal.header["writer"] + self.suffix
        self._mark_file = journal.folder / f"sent.{self.name}"
        self.mark = marks.read(self._mark_file) or Mark(*journal.first, 0)
        self._most_entries = MOST_ENTRIES
        self._is_known = False
        self._aside: set[int] = set()
        #: The journal's bytes of which nothing is left to deliver, torn ends included.
        self.arrived_bytes = 0

    def step(self) -> bool:
        """Deliver some of what is left; False when nothing was.

        Errors: Unavailable, to try again later; Refused when the run takes nothing.
        """
        if not self._is_known:
            self._introduce()
        size = self.journal.size
        moved = self._step()
        if not moved:
            self.arrived_bytes = size
        return moved

    @property
    def entries_left(self) -> int:
        """How many entries wait."""
        return self.journal.count(self.mark.place)

    def _step(self) -> bool:
        raise NotImplementedError

    def _introduce(self) -> None:
        """See that the run is there, and ask where this lane stands: entry 1 of every journal says nothing."""
        header = self.journal.header
        fields: dict[str, Any] = header["run"]
        try:
            self.server.put_run(self.run_id, fields)
        except Refused as error:
            if error.status != 409 or "experiment" not in fields:
                raise
            warn(f"{error} What is logged goes to the run where it is.")
            self.server.put_run(self.run_id, {})
        hello = json.dumps({"writer": self.writer, "after": 0, "seq": 1}).encode()
        self._stand_at(self._send(hello)["seq"])
        self._is_known = True

    def _send(self, body: bytes) -> Any:
        try:
            return self.server.log(self.run_id, body)
        except Refused as error:
            if error.status == 404 and self._is_known:
                # It was there: the server was put back to an older state, or the run was deleted for good.
                self._is_known = False
                raise Unavailable(str(error)) from None
            raise

    def _stand_at(self, number: int) -> None:
        """Go on behind the entry that the server has last, wherever that is."""
        if number != self.mark.told:
            place = self.journal.place_of(number)
            if place.number > number:
                lost = f"entries {number + 1} to {place.number} of run {self.run_id}"
                warn(f"the server has lost {lost}, which it had confirmed; they are not in the journal any more.")
            self._keep(Mark(place.number, place.offset, number))

    def _keep(self, mark: Mark) -> None:
        self.mark = mark
        marks.write(self._mark_file, mark)

    def _set_aside(self, read: Read, error: Refused) -> None:
        """Keep what the server would not take beside the journal, and say so: once, also where it is sent again."""
        if read.end.number in self._aside:
            return
        self._aside.add(read.end.number)
        refused = {"number": read.end.number, "message": str(error), "field": error.field, "entry": read.entry}
        with (self.journal.folder / "refused").open("a") as file:
            file.write(json.dumps(refused) + "\n")
        warn(f"refused, and kept in {self.journal.folder / 'refused'}: {error}")


class EntriesLane(Lane):
    """Params, metrics, tags, output and status, in batches."""

    name, suffix = "entries", ""

    def _step(self) -> bool:
        reads = self.journal.entries(self.mark.place)
        batch = batches.next_batch(self.mark.place, reads, self._most_entries)
        if not batch.entries:
            return False
        if batch.damaged:
            warn(f"{self.journal.folder}: lines before entry {batch.end.number} are damaged and left out.")
        try:
            self._tell(batch)
        except Refused as error:
            self._divide(batch, error)
        return True

    def _tell(self, batch: Batch) -> None:
        answer = self._send(batch.body(self.writer, self.mark.told, self.is_live))
        if answer["seq"] == batch.end.number:
            self._keep(Mark(batch.end.number, batch.end.offset, batch.end.number))
            self._most_entries = min(MOST_ENTRIES, self._most_entries * 2)
        else:
            self._stand_at(answer["seq"])

    def _divide(self, batch: Batch, error: Refused) -> None:
        """Find the entry that is refused, by halves, and set aside what of it is."""
        if error.status in _STOPS or error.error_code == _RUN_IN_TRASH:
            raise error
        if batch.entries > 1:
            self._most_entries = batch.entries // 2
            return
        read = next(self.journal.entries(batch.start))
        rest = without(read.entry or {}, error.field)
        self._set_aside(read, error)
        self._tell_rest(batch.start, Read(rest, read.end))

    def _tell_rest(self, start: Place, read: Read) -> None:
        batch = Batch(start, start)
        batch.add(read)
        try:
            self._tell(batch)
        except Refused as error:
            if error.status in _STOPS or not read.entry:
                raise
            self._set_aside(read, error)
            self._tell_rest(start, Read(without(read.entry, error.field), read.end))


def without(entry: Entry, field: str) -> Entry:
    """What is left of an entry when the server will not take `field` of it; nothing, where it names no part."""
    part, _, key = field.partition(".")
    key = key.removesuffix(".values").removesuffix(".steps").removesuffix(".timestamps")
    name = "m" if part == "metrics" else part
    items = entry.get(name)
    if not isinstance(items, dict) or key not in items:
        return {}
    left = {other: value for other, value in items.items() if other != key}
    return entry | {name: left}


class FilesLane(Lane):
    """Files and models, one after another; the server is told of several at once."""

    name, suffix = "files", "f1"

    def __init__(self, journal: JournalReader, server: Server, is_live: bool) -> None:
        super().__init__(journal, server, is_live)
        self._models = ModelSteps(server, self.run_id)

    def _step(self) -> bool:
        """Upload the next files, up to some that were found, and remember how far that went."""
        found: list[Path | None] = []
        place = self.mark.place
        for read in self.journal.entries(place, holding=(b'"file"', b'"model')):
            place = read.end
            if _is_about(read.entry or {}):
                found.append(self._deliver(read))
            if len(found) == FILES_A_STEP or read.end.offset - self.mark.offset > batches.MAX_BYTES:
                break
        if place == self.mark.place:
            return False
        if not found:
            self._keep(Mark(place.number, place.offset, self.mark.told))
            return True
        body = json.dumps({"writer": self.writer, "after": self.mark.told, "seq": place.number}).encode()
        answer = self._send(body)
        if answer["seq"] != place.number:
            self._stand_at(answer["seq"])
            return True
        self._keep(Mark(place.number, place.offset, place.number))
        for content in filter(None, found):
            content.unlink(missing_ok=True)
        return True

    def _deliver(self, read: Read) -> Path | None:
        """Do what an entry asks for. Returns the copy of a file, which is not needed once the server knows."""
        entry = read.entry or {}
        file = entry.get("file")
        if isinstance(file, dict):
            self._upload(file)
            return self._content_of(file)
        try:
            self._models.tell(entry)
        except Refused as error:
            if self._looks_again(str(model_id_of(entry)), error):
                raise Unavailable(str(error)) from None
            self._set_aside(read, error)
        return None

    def _looks_again(self, model_id: str, error: Refused) -> bool:
        """Whether a refusal of something of a model may be about its run, or about a server that was put back to an
        older state: then one sees to the run first.

        Errors: Refused for what the token may not.
        """
        if error.status in {401, 403}:
            raise error
        if error.status != 404 and error.error_code != _RUN_IN_TRASH:
            return False
        if not self._models.doubt(model_id):
            return False
        self._is_known = False
        return True

    def _content_of(self, file: dict[str, Any]) -> Path | None:
        """Where the content of a file lies; None for what leads elsewhere: a journal may come from anyone."""
        place = self.journal.folder / "files" / str(file.get("content"))
        return place if str(file.get("content")).isalnum() and not place.is_symlink() else None

    def _upload(self, file: dict[str, Any]) -> None:
        source = self._content_of(file)
        if source is None or not source.is_file():
            warn(f"{file.get('content')!r}, logged as {file['path']!r}, is not in {self.journal.folder}.")
            return
        model_id = model_id_of(file)
        try:
            self.server.put_file(self.run_id, file["path"], source, hash_of(source), model_id or "")
        except Refused as error:
            if model_id and self._looks_again(model_id, error):
                raise Unavailable(str(error)) from None
            if not model_id and (error.status in _STOPS or error.error_code == _RUN_IN_TRASH):
                raise
            self._set_file_aside(source, file["path"], error)

    def _set_file_aside(self, source: Path, path: str, error: Refused) -> None:
        kept = self.journal.folder / "refused-files" / source.name
        kept.parent.mkdir(exist_ok=True)
        source.rename(kept)
        warn(f"the file {path!r} was refused, and is kept as {kept}: {error}")


def _is_about(entry: Entry) -> bool:
    """Whether an entry is for this lane, and of a shape that can be delivered: anyone may have written it."""
    file = entry.get("file")
    if isinstance(file, dict):
        return isinstance(file.get("path"), str) and ("model" not in file or model_id_of(file) is not None)
    return ("model" in entry or "model_ready" in entry) and model_id_of(entry) is not None


def hash_of(file: Path) -> str:
    """The SHA-256 of a file's content, in hex."""
    digest = hashlib.sha256()
    with file.open("rb") as content:
        while piece := content.read(1024**2):
            digest.update(piece)
    return digest.hexdigest()
