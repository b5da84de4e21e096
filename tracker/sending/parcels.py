"""Cuts a folder into parcels: zips of some runs each, with what the server needs to know whose they are."""

import os
import stat
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from tracker.sending.sent import Sent, Stamp

#: A parcel is closed once it holds so much; a single run may be larger.
PARCEL_BYTES = 64 << 20
META = "meta.yaml"
#: What every parcel of an experiment begins with, new or not.
_SHARED = ("tags", "datasets")
_EARLIEST = (1980, 1, 1, 0, 0, 0)


@dataclass
class Parcel:
    """Files of a folder, by their paths in it. `news` are those that the server does not have yet; `root` is the folder
    of the zip that they go to."""

    files: dict[str, Path] = field(default_factory=dict)
    news: dict[str, Stamp] = field(default_factory=dict)
    size: int = 0
    runs: int = 0
    root: str = "mlruns/"

    def add(self, path: str, file: Path, told: os.stat_result, sent: Sent) -> None:
        """Add a file."""
        stamp = [told.st_size, told.st_mtime_ns]
        self.files[path] = file
        self.size += told.st_size
        if sent.is_new(path, stamp):
            self.news[path] = stamp

    def write(self, target: IO[bytes]) -> None:
        """Write it as a zip, each file with its time."""
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for path, file in self.files.items():
                _write(archive, f"{self.root}{path}", file)


def _write(archive: zipfile.ZipFile, name: str, file: Path) -> None:
    moment = max(_EARLIEST, time.localtime(file.stat().st_mtime)[:6])
    member = zipfile.ZipInfo(name, moment)
    member.compress_type = zipfile.ZIP_DEFLATED
    with file.open("rb") as content, archive.open(member, "w", force_zip64=True) as packed:
        while piece := content.read(1 << 20):
            packed.write(piece)


def parcels(root: Path, sent: Sent) -> Iterator[Parcel]:
    """What is new of a folder of MLflow, in parcels."""
    for experiment in _experiments(root):
        yield from _of_experiment(root, experiment, sent)
    for model in _folders(root / "models"):
        # A registered model is small, and is read as a whole.
        if _new_files(root, model, sent):
            yield _parcel([(_path(root, file), file) for file in _files(model)], sent)


def _experiments(root: Path) -> list[Path]:
    if (root / META).is_file():
        return [root]
    folders = [*_folders(root), *_folders(root / ".trash")]
    return [folder for folder in folders if folder.name not in (".trash", "models")]


def _folders(parent: Path) -> list[Path]:
    """The folders in one; links are not followed."""
    if not parent.is_dir():
        return []
    return sorted(Path(entry.path) for entry in os.scandir(parent) if entry.is_dir(follow_symlinks=False))


def _of_experiment(root: Path, experiment: Path, sent: Sent) -> Iterator[Parcel]:
    """Parcels of an experiment: runs with news, each parcel with the experiment itself; its models come last."""
    shared = [file for name in (META, *_SHARED) for file in _files(experiment / name)]
    parcel = _parcel([(_path(root, file), file) for file in shared], sent)
    for run in _folders(experiment):
        if run.name in ("models", "traces", *_SHARED):
            continue
        news = _new_files(root, run, sent)
        if not news:
            continue
        if parcel.runs and parcel.size + sum(file.stat().st_size for _, file in news) > PARCEL_BYTES:
            yield parcel
            parcel = _parcel([(_path(root, file), file) for file in shared], sent)
        _extend(parcel, [*news, *_meta_of(root, run)], sent)
        parcel.runs += 1
    for model in _folders(experiment / "models"):
        news = _new_files(root, model, sent)
        _extend(parcel, [*news, *(_meta_of(root, model) if news else [])], sent)
    if parcel.news:
        yield parcel


def _meta_of(root: Path, folder: Path) -> list[tuple[str, Path]]:
    return [(_path(root, file), file) for name in (META, "trackerweb.json") for file in _files(folder / name)]


def _new_files(root: Path, folder: Path, sent: Sent) -> list[tuple[str, Path]]:
    found = []
    for file in _files(folder):
        told, path = file.lstat(), _path(root, file)
        if sent.is_new(path, [told.st_size, told.st_mtime_ns]):
            found.append((path, file))
    return found


def _files(place: Path) -> Iterator[Path]:
    """The files at or below a place. Links, pipes and the like are passed over."""
    if place.is_symlink():
        return
    if place.is_file():
        yield place
    elif place.is_dir():
        for entry in sorted(place.iterdir()):
            yield from _files(entry)


def _path(root: Path, file: Path) -> str:
    # An experiment's folder that is sent by itself keeps its own name.
    base = root.parent if (root / META).is_file() else root
    return file.relative_to(base).as_posix()


def _parcel(files: list[tuple[str, Path]], sent: Sent) -> Parcel:
    parcel = Parcel()
    _extend(parcel, files, sent)
    return parcel


def _extend(parcel: Parcel, files: list[tuple[str, Path]], sent: Sent) -> None:
    for path, file in files:
        told = file.lstat()
        if path not in parcel.files and stat.S_ISREG(told.st_mode):
            parcel.add(path, file, told, sent)
