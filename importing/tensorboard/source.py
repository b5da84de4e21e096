"""Finds runs below a folder of TensorBoard: each folder with event files is one."""

import hashlib
import io
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from importing.found import ExperimentFound, FileFound, Points, RegisteredSource, RunFound, Seen
from importing.mlruns.folder import Folder, PlainFile
from importing.reporting import Report
from importing.tensorboard import events
from importing.tensorboard.events import HPARAMS, IMAGES, SCALARS, TEXT, Value
from runs.batches import Series

_MARK = "tfevents"
#: A file that was not written to for so long belongs to a run that has ended.
ENDED_SECONDS = 300
#: Hyperparameters are told at the start of a run.
LOOK_AHEAD = 1_000
PIECE_POINTS = 20_000


def looks_like_tensorboard(path: Path) -> bool:
    """Whether there are event files below a folder."""
    return next(path.rglob(f"*{_MARK}*"), None) is not None


class TensorboardSource:
    """A folder of TensorBoard: an experiment by the name of the folder."""

    def __init__(self, path: Path, report: Report, origin: str = "") -> None:
        events.require_package()
        self.origin = origin or str(path.resolve())
        self._folder, self._report = Folder(path.resolve(), "", report), report

    def experiments(self) -> Iterator["LogFolder"]:
        """The folder itself."""
        yield LogFolder(self._folder, self._report)

    def count_runs(self) -> int:
        """How many folders have event files."""
        return sum(1 for _ in LogFolder(self._folder, Report(lambda finding: None)).runs())

    def registered_models(self) -> Iterator[RegisteredSource]:
        """There are none."""
        return iter(())


class LogFolder:
    """The folder as an experiment."""

    def __init__(self, folder: Folder, report: Report) -> None:
        self.place = folder.name
        self._folder, self._report = folder, report

    def read(self) -> ExperimentFound:
        """It is known by its name alone."""
        return ExperimentFound(self._folder.name, self._folder.name, self.place)

    def runs(self) -> Iterator["EventRun"]:
        """Folders with event files."""
        found: dict[str, list[PlainFile]] = {}
        for file in self._folder.files():
            folder, _, name = file.name.rpartition("/")
            if _MARK in name:
                found.setdefault(folder, []).append(file)
        for folder, files in sorted(found.items()):
            yield EventRun(folder or self._folder.name, files, self._report)

    def models(self) -> Iterator[Any]:
        """There are none."""
        return iter(())


class EventRun:
    """The event files of one folder."""

    def __init__(self, name: str, files: list[PlainFile], report: Report) -> None:
        self._name, self._files, self._report = name, sorted(files, key=lambda file: file.name), report
        self.place = name
        # The name of an event file holds when, where and by which process it was begun.
        first = self._files[0].name.rpartition("/")[2]
        self.run_id = hashlib.sha256(f"{name} {first}".encode()).hexdigest()[:32]

    def read(self, seen: Seen) -> RunFound:
        """What is new of it since `seen`: of a file that has grown, all."""
        new = [file for file in self._files if seen.is_new(file.name, file.stamp)]
        ahead = self._ahead()
        written = max(file.mtime_ns for file in self._files) // 1_000_000
        has_ended = time.time() * 1000 - written > ENDED_SECONDS * 1000
        params = {key: text for value in ahead for key, text in events.hparams_of(value).items()}
        files: list[FileFound] = []
        return RunFound(
            run_id=self.run_id,
            place=self.place,
            fields={
                "name": self._name,
                "status": "FINISHED" if has_ended else "RUNNING",
                "start_time": min((value.time for value in ahead), default=written),
                "end_time": written if has_ended else None,
                "source_type": "TENSORBOARD",
            },
            params=params,
            points=self._points(new, seen, files),
            files=files,
        )

    def _ahead(self) -> list[Value]:
        """What it begins with."""
        found = []
        for value in events.values(self._files[0].path):
            found.append(value)
            if len(found) == LOOK_AHEAD:
                break
        return found

    def _points(self, new: list[PlainFile], seen: Seen, files: list[FileFound]) -> Iterator[Points]:
        """Scalars in pieces; what is no scalar goes to `files`, which are asked for after the points."""
        for file in new:
            waiting: dict[str, Series] = {}
            count = 0
            for value in events.values(file.path):
                if value.kind != SCALARS:
                    self._keep(value, files)
                    continue
                series = waiting.setdefault(value.tag, Series(values=[], steps=[], timestamps=[]))
                series.values.append(value.number)
                series.steps.append(value.step)
                series.timestamps.append(value.time)
                count += 1
                if count >= PIECE_POINTS:
                    yield from self._pieces(waiting)
                    waiting, count = {}, 0
            yield from self._pieces(waiting)
            seen.note(file.name, file.stamp)

    def _pieces(self, waiting: dict[str, Series]) -> Iterator[Points]:
        for key, series in waiting.items():
            yield Points(key, f"{self.place}/{key}", series)

    def _keep(self, value: Value, files: list[FileFound]) -> None:
        safe = value.tag.replace("/", "~")
        if value.kind == TEXT:
            content = b"\n".join(value.pieces)
            self._add(files, f"texts/{safe}+step+{value.step}.md", content)
        elif value.kind == IMAGES:
            # A tensor of images holds their width, their height, and then a PNG each.
            for number, content in enumerate(value.pieces[2:]):
                name = f"images/{safe}+step+{value.step}+timestamp+{value.time}+{number}.png"
                self._add(files, name, content)
        elif value.kind != HPARAMS:
            self._report.note(self.place, f"{value.kind or 'Something'} ({value.tag}) is not taken over.")

    def _add(self, files: list[FileFound], path: str, content: bytes) -> None:
        files.append(FileFound(path, f"{self.place}/{path}", partial(io.BytesIO, content)))
