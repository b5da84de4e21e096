"""Unpacks zips of strangers: what lies in one can't leave its folder, fill the disk, or be half there."""

from __future__ import annotations

import lzma
import os
import re
import shutil
import stat
import struct
import tempfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from tracker.errors import InvalidValue, TrackerError
from tracker.projects import downloading

MOST_FILES = 100_000
MOST_BYTES = 20 * 1024**3
MOST_PACKED_BYTES = 10 * 1024**3
#: Text packs to a tenth, and a table of equal rows to a hundredth.
MOST_RATIO, RATIO_FROM_BYTES = 200, 100 * 1024**2
_LONGEST_NAME, _MOST_LEVELS = 255, 50
_ENCRYPTED = 0x1
_DRIVE = re.compile(r"[A-Za-z]:")
_BAD = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    NotImplementedError,
    EOFError,
    ValueError,
    OSError,
)


def unpack(place: str, folder: Path) -> None:
    """Unpack a zip, from its path or its address, into a new folder; what git keeps of it (.git) is left out.

    Errors: InvalidValue for members that lead elsewhere or are no files, for passwords, for more than MOST_FILES files
    or MOST_BYTES bytes; TrackerError where it can't be read or does not come. Then there is no folder.
    """
    beside = Path(tempfile.mkdtemp(prefix=".coming-", dir=folder.parent))
    try:
        file = Path(place)
        if re.match(r"https?://", place, re.IGNORECASE):
            file = beside / "project.zip"
            downloading.download(place, file, MOST_PACKED_BYTES)
        _unpack(file, beside / "files")
        os.replace(beside / "files", folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _unpack(file: Path, folder: Path) -> None:
    folder.mkdir()
    try:
        with zipfile.ZipFile(file) as archive:
            members = [member for member in archive.infolist() if not _is_of_git(member)]
            _check(members, file, folder)
            for member in members:
                _write(archive, member, folder / member.orig_filename)
    except InvalidValue:
        raise
    except RuntimeError as error:
        raise InvalidValue(f"{file.name} can't be unpacked: {error}.") from None
    except _BAD as error:
        raise TrackerError(f"{file.name} can't be unpacked: {str(error) or type(error).__name__}.") from None


def _write(archive: zipfile.ZipFile, member: zipfile.ZipInfo, place: Path) -> None:
    if member.is_dir():
        place.mkdir(parents=True, exist_ok=True)
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    # "x": no two members are one file, whatever the file system takes for the same name.
    with archive.open(member) as packed, place.open("xb") as unpacked:
        shutil.copyfileobj(packed, unpacked, 1024**2)
    if (member.external_attr >> 16) & stat.S_IXUSR:
        place.chmod(0o755)


def _is_of_git(member: zipfile.ZipInfo) -> bool:
    """Whether a member is of a repository's own files, whose settings name programs that git would run."""
    return ".git" in member.orig_filename.lower().split("/")


def _check(members: list[zipfile.ZipInfo], file: Path, folder: Path) -> None:
    """All of them before the first is written."""
    if len(members) > MOST_FILES:
        raise InvalidValue(f"{file.name} holds {len(members):,} files; a project may have {MOST_FILES:,}.")
    size = sum(member.file_size for member in members)
    if size > min(MOST_BYTES, shutil.disk_usage(folder).free):
        raise InvalidValue(
            f"{file.name} would unpack to {size:,} bytes; a project may have {MOST_BYTES:,}, if they fit on the disk."
        )
    if size > RATIO_FROM_BYTES and size > MOST_RATIO * file.stat().st_size:
        raise InvalidValue(f"{file.name} would unpack to {MOST_RATIO} times its size, as bombs do. Unpack it yourself.")
    for member in members:
        _check_member(member, file)


def _check_member(member: zipfile.ZipInfo, file: Path) -> None:
    # zipfile changes the name: it cuts at NUL, and turns what separates names elsewhere.
    name = member.orig_filename
    shown = f"{file.name} holds {name[:200]!r}, which"
    parts = PurePosixPath(name).parts
    if (
        not parts
        or ".." in parts
        or name.startswith("/")
        or _DRIVE.match(name)
        or re.search(r"[\\\x00-\x1f\x7f]", name)
    ):
        raise InvalidValue(f"{shown} leads out of its folder or is no name. Pack the project again, by relative paths.")
    if len(parts) > _MOST_LEVELS or any(len(part.encode("utf-8", "replace")) > _LONGEST_NAME for part in parts):
        raise InvalidValue(
            f"{shown} is too long: names have {_LONGEST_NAME} bytes, and lie {_MOST_LEVELS} folders deep."
        )
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        raise InvalidValue(f"{shown} is a link or a device. A project in a zip has files and folders alone.")
    if member.flag_bits & _ENCRYPTED:
        raise InvalidValue(f"{shown} is locked by a password. Pack the project without one.")
