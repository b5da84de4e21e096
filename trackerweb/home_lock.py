"""Who may be at work on a folder: any number of servers, or one that needs it for itself."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import IO

from django.conf import settings

from trackerweb.errors import TrackerError

try:
    import fcntl
except ImportError:  # Windows: nobody is told apart there
    fcntl = None  # type: ignore[assignment]

_SERVING = "serving.lock"
#: Open as long as this process lives: closing a file gives its lock back.
_kept: list[IO[bytes]] = []


class InUse(TrackerError):
    """Another process is at work there."""

    error_code, status = "IN_USE", HTTPStatus.CONFLICT


def serve() -> None:
    """Mark TRACKER_HOME as served by this process until it ends.

    Errors: InUse while a backup is being restored there.
    """
    lock = (settings.TRACKER_HOME / _SERVING).open("ab")
    if fcntl is not None:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            raise InUse("A backup is being restored here. Start the server once that has ended.") from None
    _kept.append(lock)


def without_server(home: Path) -> AbstractContextManager[None]:
    """While inside, no server runs on a folder, and none starts.

    Errors: InUse when one does.
    """
    return held_alone(home / _SERVING, f"A server runs on {home}. Stop it first.")


@contextmanager
def held_alone(place: Path, refusal: str) -> Iterator[None]:
    """Hold a lock file, which nobody else may hold.

    Errors: InUse says `refusal`.
    """
    with place.open("ab") as lock:
        if fcntl is not None:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise InUse(refusal) from None
        yield
