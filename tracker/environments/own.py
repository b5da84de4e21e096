"""This package, to be installed into another environment: there is no index that has it."""

from __future__ import annotations

import base64
import hashlib
import importlib.metadata
import shutil
import zipfile
from pathlib import Path

import tracker
from tracker.errors import TrackerError

PACKAGE = Path(tracker.__file__).parent
#: What an installer notes about one installation, which is none of the package's.
_NOTES = {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"}


def digest() -> str:
    """A hash of the package as it is now: other code, other environment."""
    found = hashlib.sha256()
    for file in sorted(PACKAGE.rglob("*")):
        if file.is_file() and file.suffix != ".pyc":
            found.update(file.relative_to(PACKAGE).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    project = PACKAGE.parent / "pyproject.toml"
    if project.is_file():
        found.update(project.read_bytes())
    return found.hexdigest()


def put_into(folder: Path) -> Path:
    """Put into a folder what pip can install: a copy of the source tree, or a wheel of what is installed here.

    Errors: TrackerError where there is neither.
    """
    project = PACKAGE.parent / "pyproject.toml"
    if project.is_file():
        # A copy, since building leaves folders behind.
        place = folder / "source"
        shutil.copytree(PACKAGE, place / PACKAGE.name, ignore=shutil.ignore_patterns("__pycache__"))
        for file in (project, PACKAGE.parent / "README.md"):
            if file.is_file():
                shutil.copy(file, place)
        return place
    try:
        return _wheel(importlib.metadata.distribution("trackerweb"), folder)
    except importlib.metadata.PackageNotFoundError:
        raise TrackerError(
            f"{PACKAGE} is neither a source tree nor installed, so it can't be installed elsewhere. "
            "Install it: pip install . in its repository."
        ) from None


def _wheel(distribution: importlib.metadata.Distribution, folder: Path) -> Path:
    """The files of an installation, packed again as they came."""
    place = folder / f"trackerweb-{distribution.version}-py3-none-any.whl"
    notes = f"trackerweb-{distribution.version}.dist-info"
    record = []
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as wheel:
        for file in distribution.files or ():
            if ".." in file.parts or file.suffix == ".pyc" or file.name in _NOTES:
                continue
            content = Path(str(distribution.locate_file(file))).read_bytes()
            name = f"{notes}/{file.name}" if file.parts[0].endswith(".dist-info") else file.as_posix()
            wheel.writestr(name, content)
            hashed = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            record.append(f"{name},sha256={hashed},{len(content)}")
        wheel.writestr(f"{notes}/RECORD", "\n".join([*record, f"{notes}/RECORD,,", ""]))
    return place
