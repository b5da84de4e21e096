"""Copies models to where others take them from: a folder, or a store of the S3 type. All of a model, or nothing."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tracker.errors import InvalidModel, InvalidValue, TrackerError
from tracker.models import mlmodel
from tracker.models.mlmodel import FILE_NAME
from tracker.models.s3 import Bucket, digest_of


@dataclass(frozen=True)
class Pushed:
    """What was copied, and where it is now."""

    uri: str
    files: int
    size_bytes: int


def push(folder: Path, target: str, *, overwrite: bool = False) -> Pushed:
    """Copy a model's folder to a folder (a path, file:///…), or below s3://bucket/prefix, and verify what came there.

    `overwrite` lets it take the place of a model that is there, and of nothing else.

    Errors: InvalidValue for a place that is taken; InvalidModel; Unavailable, Refused. Then the place is as it was, but
    a store's that was to be overwritten: that holds no model then.
    """
    mlmodel.read(folder)
    files = files_of(folder)
    scheme = urlsplit(target).scheme
    if scheme == "s3":
        _to_bucket(files, Bucket.at(target), overwrite=overwrite)
        return _pushed(target, files)
    try:
        _to_folder(folder, files, _local(target, scheme), overwrite=overwrite)
    except OSError as error:
        raise TrackerError(f"{target} can't be written: {error}") from error
    return _pushed(target, files)


def _pushed(target: str, files: dict[str, Path]) -> Pushed:
    return Pushed(target, len(files), sum(file.stat().st_size for file in files.values()))


def files_of(folder: Path) -> dict[str, Path]:
    """The files of a model by their places in it.

    Errors: InvalidModel for links that lead out of it.
    """
    root, found = folder.resolve(), {}
    for file in sorted(folder.rglob("*")):
        if file.is_symlink() and not file.resolve().is_relative_to(root):
            raise InvalidModel(f"{file} is a link that leads out of the model. Put the file itself there.")
        if file.is_file():
            found[file.relative_to(folder).as_posix()] = file
    return found


def _local(target: str, scheme: str) -> Path:
    if scheme == "file" and urlsplit(target).netloc in {"", "localhost"}:
        return Path(unquote(urlsplit(target).path))
    # A scheme of one letter is a drive of Windows.
    if "://" in target and len(scheme) != 1:
        raise InvalidValue(f"{target!r} is no place to push to. Give a folder, file:///folder or s3://bucket/prefix.")
    return Path(target)


def _to_folder(source: Path, files: dict[str, Path], target: Path, *, overwrite: bool) -> None:
    target = target.absolute()
    if source.resolve().is_relative_to(target.resolve()) or target.resolve().is_relative_to(source.resolve()):
        raise InvalidValue(f"{target} is where the model is. Push to another folder.")
    is_taken = target.exists() and not (target.is_dir() and not any(target.iterdir()))
    if is_taken:
        _check_overwrite(str(target), (target / FILE_NAME).is_file(), overwrite)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as name:
        beside = Path(name)
        for place, file in files.items():
            _copy(file, beside / "new" / place)
        _take_place(beside / "new", target, beside / "old")


def _take_place(new: Path, target: Path, old: Path) -> None:
    """Two renames: in between there is no model, but never half of one."""
    if target.exists():
        os.replace(target, old)
    try:
        os.replace(new, target)
    except BaseException:
        if old.exists():
            os.replace(old, target)
        raise


def _copy(file: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, target)
    if digest_of(target) != digest_of(file):
        raise TrackerError(f"{target} was written with other content than {file} has. Is the disk all right?")


def _check_overwrite(target: str, is_model: bool, overwrite: bool) -> None:
    if not overwrite:
        raise InvalidValue(f"{target} is there already. Push to another place, or say --overwrite.")
    if not is_model:
        raise InvalidValue(f"{target} holds no model (no file MLmodel), so it is not overwritten. Remove it yourself.")


def _to_bucket(files: dict[str, Path], bucket: Bucket, *, overwrite: bool) -> None:
    before = bucket.keys()
    if before:
        _check_overwrite(bucket.uri, FILE_NAME in before, overwrite)
        # Whoever loads it meanwhile finds no model, rather than half of each.
        bucket.remove([FILE_NAME])
    sent: list[str] = []
    try:
        # The file MLmodel comes last: with it, it is a model.
        for place in sorted(files, key=lambda place: (place == FILE_NAME, place)):
            sent.append(place)
            bucket.put(files[place], place)
    except BaseException:
        bucket.remove(sent[::-1])
        raise
    bucket.remove(sorted(before.keys() - files.keys()))
