"""Data of this machine in the folder of a rerun: what git does not know comes by a link."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from tracker.errors import InvalidValue


def link(said: Iterable[str], old: str, folder: Path) -> list[str]:
    """Make links below `folder`: `data` leads to what the old source folder has by that name, `data=PATH` to PATH.

    Returns what was done, a sentence each. Errors: InvalidValue where there is nothing, or something is there already.
    """
    notes = []
    for word in said:
        name, _, path = word.partition("=")
        target = Path(path or Path(old, name)).expanduser().absolute()
        place = folder / name
        parts = PurePosixPath(name).parts
        if not parts or parts[0] == "/" or ".." in parts or not (path or old):
            raise InvalidValue(f"--link {word!r} is no path below the code. Write it data, or data=PATH.")
        if not target.exists():
            raise InvalidValue(f"--link {word!r}: there is no {target} on this machine. Say where: {name}=PATH.")
        if place.exists() or not place.parent.resolve().is_relative_to(folder.resolve()):
            raise InvalidValue(f"--link {word!r}: the code has {name} already.")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(target)
        notes.append(f"{name} is {target}, as it is now.")
    return notes
