"""Where models lie: the addresses that name them, and the folders that these stand for."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tracker.errors import InvalidValue


def folder_of(uri: str | os.PathLike[str]) -> Path:
    """The folder of a model.

    Errors: InvalidValue for an address that names none.
    """
    text = os.fspath(uri)
    parts = urlsplit(text)
    if parts.scheme == "file":
        if parts.netloc not in {"", "localhost"}:
            raise InvalidValue(f"{text!r} is on another machine. Write file:///folder for one on this.")
        return Path(unquote(parts.path))
    return Path(text)
