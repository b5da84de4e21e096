"""What the environment says: where to log, who one is, and where the journal lies. docs/client.md lists it."""

import os
from pathlib import Path
from urllib.parse import urlsplit

from tracker.errors import InvalidValue

DEFAULT_URI = "http://127.0.0.1:8000"
DEFAULT_EXPERIMENT = "Default"
HEARTBEAT_SECONDS = 15.0
#: Files up to this size are copied into the journal; larger ones are uploaded before the call returns, if they can be.
COPY_LIMIT_BYTES = 256 * 1024**2
DEFAULT_JOURNAL_LIMIT = "10GB"

_UNITS = {"": 1, "B": 1, "KB": 1000, "MB": 1000**2, "GB": 1000**3, "TB": 1000**4}
_chosen: dict[str, str] = {}


def choose(name: str, value: str) -> None:
    """Give a setting a value for this process, whatever the environment says."""
    _chosen[name] = value


def text(name: str, default: str = "") -> str:
    """A setting; an empty variable counts as unset."""
    return _chosen.get(name) or os.environ.get(name) or default


def uri() -> str:
    """The server's address, without a slash at its end.

    Errors: InvalidValue.
    """
    return checked_uri(text("TRACKER_URI", DEFAULT_URI))


def checked_uri(address: str) -> str:
    """An address as it is used.

    Errors: InvalidValue for what is no http address.
    """
    try:
        parts = urlsplit(address)
        is_sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_sound = False
    if not is_sound:
        raise InvalidValue(f"TRACKER_URI={address!r} is no address of a server. Write it like {DEFAULT_URI}.")
    return address.rstrip("/")


def token() -> str:
    """What is sent as bearer token; empty for none."""
    return text("TRACKER_TOKEN")


def experiment() -> str:
    """The name of the experiment that new runs go to."""
    return text("TRACKER_EXPERIMENT", DEFAULT_EXPERIMENT)


def project_run() -> str:
    """The run of the project that this process is started by (TRACKER_PROJECT); empty outside of one."""
    return text("TRACKER_PROJECT")


def journal_folder() -> Path:
    """Where the journals lie: TRACKER_JOURNAL, or a folder for this user's programs to keep their state."""
    chosen = text("TRACKER_JOURNAL")
    if chosen:
        return Path(chosen).expanduser().absolute()
    from platformdirs import user_state_path

    return user_state_path("tracker", appauthor=False)


def journal_limit_bytes() -> int:
    """How much disk all journals of this folder may take together.

    Errors: InvalidValue.
    """
    return size_of(text("TRACKER_JOURNAL_LIMIT", DEFAULT_JOURNAL_LIMIT), "TRACKER_JOURNAL_LIMIT")


def exit_seconds() -> float:
    """How long a program may wait at its end for what is still to be delivered.

    Errors: InvalidValue.
    """
    return seconds("TRACKER_EXIT_SECONDS", 60.0)


def seconds(name: str, default: float) -> float:
    """A setting that is a time.

    Errors: InvalidValue.
    """
    said = text(name)
    if not said:
        return default
    try:
        value = float(said)
    except ValueError:
        value = -1.0
    if not 0 <= value < 1e9:
        raise InvalidValue(f"{name}={said!r} is no number of seconds. Write it like {default:g}.")
    return value


def size_of(said: str, name: str) -> int:
    """A size in bytes from a text such as `10GB` or `500 MB`.

    Errors: InvalidValue.
    """
    number = said.strip().upper().rstrip("KMGTB").strip()
    unit = said.strip().upper()[len(number) :].strip()
    try:
        return int(float(number) * _UNITS[unit])
    except (ValueError, KeyError, OverflowError):
        raise InvalidValue(f"{name}={said!r} is no size. Write it like 10GB or 500MB.") from None
