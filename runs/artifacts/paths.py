"""What may be the path of an artifact. Archives and exports use it as a name, so it must not lead out of a folder."""

import re
import unicodedata
from pathlib import PurePosixPath
from urllib.parse import unquote

from trackerweb.errors import InvalidValue

MAX_PATH_LENGTH = 2000
#: What file systems take, in bytes.
MAX_NAME_BYTES = 255
_DRIVE = re.compile(r"[A-Za-z]:")
#: They reorder what is around them, so that `gpj.exe` reads as `exe.jpg`.
_BIDI_CONTROLS = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def check_path(path: str) -> str:
    """The path of a file or folder within a run: parts joined by `/`, such as `plots/roc.png`.

    Errors: InvalidValue for what could lead elsewhere (`..`, absolute, backslash, drive, encoded or not) or can't be
    shown or stored.
    """
    if not path:
        raise InvalidValue("An artifact needs a path, like plots/roc.png.", field="path")
    if len(path) > MAX_PATH_LENGTH:
        raise InvalidValue(f"path: {len(path)} characters are too many. {MAX_PATH_LENGTH} are allowed.", field="path")
    reason = _refusal(path) or _refusal(_decoded(path))
    if reason:
        raise InvalidValue(f"path: {path[:80]!r} {reason} Use relative names joined by /, like a/b.png.", field="path")
    return path


def check_folder(path: str) -> str:
    """A folder of a run; "" is its root, and a slash at the end is fine.

    Errors: InvalidValue as of `check_path`.
    """
    path = path.removesuffix("/")
    return check_path(path) if path else ""


def ancestors(path: str) -> list[str]:
    """The folders above: `a/b/c` is in `a` and `a/b`."""
    return [str(parent) for parent in PurePosixPath(path).parents if str(parent) != "."]


def _decoded(path: str) -> str:
    """The path without any percent-encoding, however often it was encoded: others may decode once more than we do."""
    while (plain := unquote(path)) != path:
        path = plain
    return path


def _refusal(path: str) -> str | None:
    if path.startswith("/"):
        return "is absolute."
    if "\\" in path:
        return "holds a backslash."
    if _DRIVE.match(path):
        return "names a drive."
    if any(unicodedata.category(character) in ("Cc", "Cs") or character in _BIDI_CONTROLS for character in path):
        return "holds a control character."
    for part in path.split("/"):
        if part in ("", ".", ".."):
            return f"has {part!r} as a part."
        if len(part.encode(errors="replace")) > MAX_NAME_BYTES:
            return f"has a name longer than {MAX_NAME_BYTES} bytes."
    return None
