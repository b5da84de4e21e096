"""Unpacks zips from strangers: into a folder and nowhere else, and no more than their size gives reason for."""

import os
import shutil
import stat
import time
import zipfile
from pathlib import Path

from importing.found import Unreadable
from importing.reporting import Report
from runs.artifacts.paths import check_folder
from trackerweb.errors import InvalidValue

PIECE_BYTES = 1 << 20
MAX_MEMBERS = 2_000_000
#: Text of metrics packs to a twentieth; what unpacks to far more than that was made to fill a disk.
MAX_RATIO = 100
ALWAYS_BYTES = 100 << 20
SPARE_BYTES = 1 << 30


def unpack(archive: Path, target: Path, report: Report) -> None:
    """Unpack a zip into an empty folder. Members that would lead elsewhere, and links, are reported and left out.

    Errors: Unreadable for what is no zip, is damaged, or would not fit.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            _refuse_bomb(opened, archive.stat().st_size, target)
            for member in opened.infolist():
                _unpack_one(opened, member, target, report)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise Unreadable(f"It is no zip that can be read: {error}.") from None


def _refuse_bomb(opened: zipfile.ZipFile, packed: int, target: Path) -> None:
    members = opened.infolist()
    if len(members) > MAX_MEMBERS:
        raise Unreadable(f"It has {len(members):,} members; {MAX_MEMBERS:,} are unpacked at most.")
    unpacked = sum(member.file_size for member in members)
    if unpacked > packed * MAX_RATIO + ALWAYS_BYTES:
        raise Unreadable(f"Its {packed:,} bytes would unpack to {unpacked:,}: nothing was unpacked.")
    free = shutil.disk_usage(target).free
    if unpacked + SPARE_BYTES > free:
        raise Unreadable(f"It would unpack to {unpacked:,} bytes, and {free:,} are free. Make room first.")


def _unpack_one(opened: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, report: Report) -> None:
    name = member.filename
    try:
        # Backslashes, drives, "..", absolute paths: whatever a name says, it stays below the target.
        path = check_folder(name)
    except InvalidValue as error:
        report.refuse(ascii(name[:200]), f"{error.message} It was left out.")
        return
    if stat.S_ISLNK(member.external_attr >> 16):
        report.refuse(name, "It is a link: left out.")
        return
    place = target / path
    try:
        if member.is_dir():
            place.mkdir(parents=True, exist_ok=True)
            return
        place.parent.mkdir(parents=True, exist_ok=True)
        _write(opened, member, place)
    except (FileExistsError, IsADirectoryError, NotADirectoryError):
        report.refuse(name, "It comes twice, or is both a file and a folder: the first was taken.")


def _write(opened: zipfile.ZipFile, member: zipfile.ZipInfo, place: Path) -> None:
    """Write a member, of the time that it says: by which a later import knows it again."""
    written = 0
    with opened.open(member) as content, place.open("xb") as file:
        while piece := content.read(PIECE_BYTES):
            written += len(piece)
            if written > member.file_size:
                raise Unreadable(f"{member.filename[:80]!r} is longer than it says. Nothing more was unpacked.")
            file.write(piece)
    moment = time.mktime((*member.date_time, 0, 0, -1))
    os.utime(place, (moment, moment))
