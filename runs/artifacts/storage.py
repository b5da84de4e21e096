"""Where content lies: a Django storage of files named by their hash. An S3-type storage can take its place."""

import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, cast

from django.core.files import File
from django.core.files.storage import FileSystemStorage, storages

try:
    import fcntl
except ImportError:  # Windows: a backup and a purge at the same moment are not kept apart there
    fcntl = None  # type: ignore[assignment]

INCOMING, DAMAGED = "incoming", "damaged"
_dropping = threading.Lock()
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


class IncomingFile(File):
    """A file on its way in, beside the blobs so that it can be renamed to one. Gone when it is closed before that."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._handle, self.place = tempfile.mkstemp(dir=folder)
        super().__init__(cast("IO[bytes]", os.fdopen(self._handle, "w+b", buffering=0)))
        if fcntl is not None:
            # Held as long as its writer lives: what can be locked later was left by a server that died.
            fcntl.flock(self._handle, fcntl.LOCK_EX)

    def temporary_file_path(self) -> str:
        """Where it lies: Django's word for a file that may be moved."""
        return self.place

    def make_safe(self) -> None:
        """Bring it to the disk, whole."""
        os.fsync(self._handle)

    def close(self) -> None:
        """Close it, and drop it unless it became a blob."""
        super().close()
        with suppress(FileNotFoundError):
            os.unlink(self.place)


class BlobStorage(FileSystemStorage):
    """A folder of files named by their hash: `ab/abcdef…`. A name is written once, for it says what is inside."""

    def incoming(self) -> IncomingFile:
        """A new file to receive content in; make it safe, then save it under its hash."""
        return IncomingFile(self._incoming_folder)

    @property
    def _incoming_folder(self) -> Path:
        return Path(self.location) / INCOMING

    def exists(self, name: str) -> bool:
        """Whether a file of ours lies there: a link does not count, and a save takes its place."""
        place = Path(self.path(name))
        return place.is_file() and not place.is_symlink()

    def _open(self, name: str, mode: str = "rb") -> File:
        # A link among the blobs was put there by someone else, and may lead anywhere.
        handle = os.open(self.path(name), os.O_RDONLY | _NO_FOLLOW)
        return File(os.fdopen(handle, "rb"), name=name)

    def _save(self, name: str, content: Any) -> str:
        """Move a file that is safe to its name."""
        place = Path(self.path(name))
        place.parent.mkdir(parents=True, exist_ok=True)
        os.replace(content.temporary_file_path(), place)
        return name

    def make_name_safe(self, name: str) -> None:
        """Bring a name to the disk, after its content."""
        if os.name == "nt":
            return
        handle = os.open(Path(self.path(name)).parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """The name itself: the same hash is the same content."""
        return name

    def set_aside(self, name: str) -> str | None:
        """Take a blob from its place at once, however big; `discard` then frees its bytes. None if there is none."""
        self._incoming_folder.mkdir(parents=True, exist_ok=True)
        aside = f"{INCOMING}/gone-{name.rpartition('/')[2]}"
        try:
            os.replace(self.path(name), self.path(aside))
        except FileNotFoundError:
            return None
        return aside

    def keep_damaged(self, name: str) -> None:
        """Take a blob from its place that does not hold what its name says, and keep it for a person to look at."""
        (Path(self.location) / DAMAGED).mkdir(exist_ok=True)
        os.replace(self.path(name), self.path(f"{DAMAGED}/{name.rpartition('/')[2]}"))

    def discard(self, aside: str) -> None:
        """Free what was set aside."""
        self.delete(aside)

    def names(self) -> Iterator[str]:
        """Every blob that lies here, known to the database or not."""
        for folder in sorted(Path(self.location).glob("[0-9a-f][0-9a-f]")):
            for place in sorted(folder.iterdir()):
                yield f"{folder.name}/{place.name}"

    def abandoned(self, untouched_seconds: float) -> Iterator[Path]:
        """What servers left that died while they received it, and nobody touched for so long."""
        if fcntl is None or not self._incoming_folder.exists():
            return
        for place in sorted(self._incoming_folder.iterdir()):
            with suppress(FileNotFoundError):
                # ctime: setting a file aside renames it, and leaves the time of its content.
                if time.time() - place.stat().st_ctime >= untouched_seconds and not _is_held(place):
                    yield place

    def clear_incoming(self) -> int:
        """Drop what servers left that died while they received it. Returns how many files."""
        if fcntl is None or not self._incoming_folder.exists():
            return 0
        return sum(_drop_if_abandoned(place) for place in self._incoming_folder.iterdir())

    @contextmanager
    def held(self) -> Iterator[None]:
        """While inside, no blob goes: for a backup, which copies them one by one."""
        with self._lock_file() as lock:
            if fcntl is not None:
                fcntl.flock(lock, fcntl.LOCK_SH)
            yield

    @contextmanager
    def free_to_drop(self) -> Iterator[bool]:
        """Whether blobs may go now; while inside, nobody begins to hold them."""
        # Threads of this process wait for each other: the file's lock would tell one that the other is a backup.
        with _dropping, self._lock_file() as lock:
            yield fcntl is None or _lock_now(lock.fileno())

    def _lock_file(self) -> IO[bytes]:
        folder = Path(self.location)
        folder.mkdir(parents=True, exist_ok=True)
        return (folder / "blobs.lock").open("ab")


def _lock_now(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _is_held(place: Path) -> bool:
    with place.open("rb") as file:
        return not _lock_now(file.fileno())


def _drop_if_abandoned(place: Path) -> bool:
    try:
        with place.open("rb") as file:
            if not _lock_now(file.fileno()):
                return False
            place.unlink()
    except FileNotFoundError:
        return False
    return True


def blob_storage() -> BlobStorage:
    """The storage that the settings name."""
    return cast("BlobStorage", storages["artifacts"])
