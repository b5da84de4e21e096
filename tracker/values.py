"""What may be logged under which name: the server's rules (docs/api.md), applied before anything is written down."""

import operator
from typing import Any

from tracker.errors import InvalidValue

MAX_KEY_LENGTH = 250
MAX_TEXT_LENGTH = 2_000_000
INT64 = range(-(2**63), 2**63)
MAX_PATH_LENGTH = 2000


def check_key(key: Any, kind: str) -> str:
    """A name that pages and filters can show.

    Errors: InvalidValue says which and why not.
    """
    if not isinstance(key, str):
        raise InvalidValue(f"{kind}: the key {key!r} is no text. Use a name such as 'loss'.")
    if not key.strip():
        raise InvalidValue(f"{kind}: a key is empty. Give it a name.")
    if len(key) > MAX_KEY_LENGTH:
        raise InvalidValue(f"{kind}: the key {key[:40]!r}… has {len(key)} characters; {MAX_KEY_LENGTH} are allowed.")
    if not key.isprintable():
        raise InvalidValue(f"{kind}: the key {key!r} holds a character that can't be shown. Remove it.")
    return key


def number_of(value: Any, key: str) -> float:
    """A metric's value: a number, or what holds one, such as an array or tensor with one item.

    Errors: InvalidValue.
    """
    try:
        return float(value.item() if hasattr(value, "item") else value)
    except OverflowError:
        raise InvalidValue(f"metric {key!r}: a whole number of this size is no float. Log its logarithm.") from None
    except (TypeError, ValueError):
        shown = repr(value)[:60]
        raise InvalidValue(f"metric {key!r}: {shown} is no number. Log texts as params or tags.") from None


def step_of(step: Any) -> int:
    """A step as a whole number of 64 bits.

    Errors: InvalidValue.
    """
    whole = _whole(step)
    if whole is None or whole not in INT64:
        raise InvalidValue(f"step={step!r} is no whole number of 64 bits. Count steps 0, 1, 2 …")
    return whole


def time_of(timestamp: Any) -> int:
    """A time in milliseconds since 1970, UTC.

    Errors: InvalidValue.
    """
    whole = _whole(timestamp)
    if whole is None or not 0 <= whole < 2**63:
        raise InvalidValue(f"timestamp={timestamp!r} is no time in milliseconds since 1970.")
    return whole


def _whole(value: Any) -> int | None:
    try:
        return operator.index(value)
    except TypeError:
        pass
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return int(number) if number.is_integer() else None


def text_of(value: Any, kind: str, key: str) -> str:
    """A param's or tag's value as text.

    Errors: InvalidValue for one too long to be sent.
    """
    text = sendable(str(value))
    if len(text) > MAX_TEXT_LENGTH:
        raise InvalidValue(
            f"{kind} {key!r}: {len(text):,} characters are too many; {MAX_TEXT_LENGTH:,} are allowed. "
            "Log it as a file: log_text(…)."
        )
    return text


def sendable(text: str) -> str:
    """The text without halves of surrogate pairs, which no encoding can carry; a mark stands in their place."""
    if text.isascii():
        return text
    return text.encode("utf-8", "replace").decode("utf-8")


def check_path(path: str) -> str:
    """An artifact's path within its run: names joined by slashes.

    Errors: InvalidValue for one that could lead elsewhere.
    """
    names = path.split("/")
    odd = any(name in {"", ".", ".."} for name in names) or "\\" in path or ":" in names[0] or not path.isprintable()
    if odd or len(path) > MAX_PATH_LENGTH:
        raise InvalidValue(
            f"{path[:80]!r} is no path of an artifact. Write names joined by /, such as 'plots/roc.png', "
            f"up to {MAX_PATH_LENGTH} characters."
        )
    return path
