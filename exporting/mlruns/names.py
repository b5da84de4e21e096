"""Names of files for keys that a file system, or MLflow, can't hold as they are: reversible, and never two alike.

A key with slashes is a path. So `val` and `val/loss` can't both be files, nor can `Loss` and `loss` where case does not
count. Whoever reads the folder again finds which key a name stands for in trackerweb.json.
"""

import hashlib
import os
import posixpath
import re
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

#: What MLflow takes for a key (mlflow/utils/validation.py): on Windows without the colon.
_GRAMMAR = re.compile(r"[/\w.\- :]*")
_ODD = re.compile(r"[^\w.\- ]+")
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
MAX_PART_BYTES = 240


@dataclass(frozen=True)
class FileSystem:
    """What a file system can't hold. One that is portable holds what every other can."""

    ignores_case: bool = False
    is_windows: bool = False

    @classmethod
    def of(cls, folder: Path) -> "FileSystem":
        """That of a folder which is there."""
        with tempfile.NamedTemporaryFile(dir=folder, prefix="case-") as file:
            ignores_case = Path(file.name).with_name(Path(file.name).name.upper()).exists()
        return cls(ignores_case, os.name == "nt")


PORTABLE = FileSystem(ignores_case=True, is_windows=True)


def names_for(keys: Iterable[str], system: FileSystem, *, are_keys: bool = True) -> dict[str, str]:
    """A file name for each key. `are_keys`: whether MLflow's grammar of keys holds, which it does not for artifacts."""
    wanted = sorted(set(keys))
    folders = {_same(folder, system) for key in wanted for folder in _folders(key)}
    names: dict[str, str] = {}
    taken: set[str] = set()
    for key in wanted:
        same = _same(key, system)
        if same in folders or same in taken or not _fits(key, system, are_keys):
            names[key] = other_name(key)
        else:
            names[key] = key
        taken.add(_same(names[key], system))
    return names


def changed(names: dict[str, str]) -> dict[str, str]:
    """Which key a name stands for, where it is not the key itself."""
    return {name: key for key, name in names.items() if name != key}


def _folders(key: str) -> list[str]:
    parts = key.split("/")
    return ["/".join(parts[:end]) for end in range(1, len(parts))]


def _same(name: str, system: FileSystem) -> str:
    return name.casefold() if system.ignores_case else name


def _fits(key: str, system: FileSystem, are_keys: bool) -> bool:
    if are_keys and not _GRAMMAR.fullmatch(key):
        return False
    if posixpath.normpath(key) != key or key.startswith(("/", "..")) or key == ".":
        return False
    return all(_part_fits(part, system) for part in key.split("/"))


def _part_fits(part: str, system: FileSystem) -> bool:
    if len(part.encode()) > MAX_PART_BYTES:
        return False
    if not system.is_windows:
        return True
    return not (_RESERVED.fullmatch(part) or part.endswith((".", " ")) or set(part) & set('<>:"|?*\\'))


def other_name(key: str) -> str:
    """A name that every file system holds, and that no other key has."""
    digest = hashlib.sha256(key.encode()).hexdigest()[:16]
    return f"{_ODD.sub('_', key).strip('. ')[:60].encode()[:120].decode(errors='ignore')}.{digest}"
