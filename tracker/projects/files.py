"""What the files of a project tell: whether they changed, and whether they need this package."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

#: In a notebook the line is text in quotes.
_IMPORT = re.compile(rb'^\s*"?(?:from\s+tracker\b|import\s+(?:[^#\n]*[,\s])?tracker\b)|-m\s+tracker\b', re.MULTILINE)
_CODE = {".py", ".sh", ".ipynb", ""}
#: What programs write, and what is no part of a package.
_OF_NOBODY = {".git", "__pycache__", ".venv", "mlruns", "node_modules", "build", "dist", ".pytest_cache", ".mypy_cache"}
_MOST_FILES, _MOST_BYTES = 20_000, 1024**2


def digest(folder: Path) -> str:
    """A hash of the files of a project: of their content, or of the size of those that are large."""
    found = hashlib.sha256()
    for file in _own(folder):
        size = file.stat().st_size
        content = file.read_bytes() if size <= _MOST_BYTES else str(size).encode()
        found.update(os.fsencode(file.relative_to(folder)) + b"\0" + hashlib.sha256(content).digest())
    return found.hexdigest()


def import_ours(folder: Path) -> bool:
    """Whether code of a project imports this package, or runs it; a `tracker` of its own is another."""
    if (folder / "tracker.py").exists() or (folder / "tracker").exists():
        return False
    code = (file for file in _own(folder) if file.suffix in _CODE and file.stat().st_size <= _MOST_BYTES)
    return any(_IMPORT.search(file.read_bytes()) for file in code)


def _own(folder: Path) -> Iterator[Path]:
    """The project's own files, in order, up to _MOST_FILES; what is linked is not its own."""
    left = _MOST_FILES
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _OF_NOBODY and not name.endswith(".egg-info"))
        for name in sorted(names)[:left]:
            file = Path(place, name)
            if file.is_file() and not file.is_symlink():
                left -= 1
                yield file
