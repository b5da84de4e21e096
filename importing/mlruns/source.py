"""Finds experiments, runs and models below a folder, wherever in a store of MLflow it is."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from importing.found import ExperimentFound, Seen, Unreadable
from importing.mlruns import texts
from importing.mlruns.folder import Folder
from importing.mlruns.meta import META, mapping, parse, text, whole
from importing.mlruns.models import ModelFolder
from importing.mlruns.registry import RegisteredFolder
from importing.mlruns.runs import RunFolder, is_run
from importing.reporting import Report

TRASH, REGISTRY = ".trash", "models"
_ABOVE = (f"{TRASH}/", f"{REGISTRY}/")
#: Folders of an experiment that are never runs.
RESERVED = {"tags", "datasets", "models", "traces"}


def looks_like_mlruns(path: Path) -> bool:
    """Whether a folder is a store of MLflow, an experiment's folder, or holds a store as `mlruns`."""
    return _root_of(path) is not None


def _root_of(path: Path) -> Path | None:
    for root in (path, path / "mlruns"):
        if (root / META).is_file() or any(any(root.glob(f"{above}*/{META}")) for above in ("", *_ABOVE)):
            return root
    return None


class MlrunsSource:
    """A store of MLflow; or one experiment of it, when the folder is that of an experiment."""

    def __init__(self, path: Path, report: Report, origin: str = "") -> None:
        root = _root_of(path)
        if root is None:
            raise Unreadable(f"{path} holds no experiments of MLflow: no folder in it has a meta.yaml.")
        self.origin = origin or str(root.resolve())
        self._root, self._report = Folder(root, "", report), report

    def experiments(self) -> Iterator["ExperimentFolder"]:
        """Its experiments, those of .trash last."""
        if self._root.file(META) is not None:
            yield ExperimentFolder(self._root, self._report, in_trash=self._root.path.parent.name == TRASH)
            return
        for folder in self._root.folders():
            if folder.name not in (TRASH, REGISTRY):
                yield from self._experiment(folder, in_trash=False)
        trash = self._root.folder(TRASH)
        for folder in trash.folders() if trash else ():
            yield from self._experiment(folder, in_trash=True)

    def _experiment(self, folder: Folder, *, in_trash: bool) -> Iterator["ExperimentFolder"]:
        if folder.file(META) is not None:
            yield ExperimentFolder(folder, self._report, in_trash=in_trash)
        elif any(is_run(below) for below in folder.folders()):
            self._report.repair(folder.place, "It has no meta.yaml: taken for an experiment of its folder's name.")
            yield ExperimentFolder(folder, self._report, in_trash=in_trash)
        elif folder.folders():
            self._report.note(folder.place, "It has no meta.yaml, and no runs: left out.")

    def count_runs(self) -> int:
        """How many runs there are."""
        return sum(1 for experiment in self._quietly().experiments() for _ in experiment.runs())

    def _quietly(self) -> "MlrunsSource":
        """The same, telling nobody what it finds."""
        return MlrunsSource(self._root.path, Report(lambda finding: None), self.origin)

    def registered_models(self) -> Iterator[RegisteredFolder]:
        """Its registered models."""
        folder = self._root.folder(REGISTRY)
        if folder is not None and self._root.file(META) is None:
            yield from (RegisteredFolder(registered, self._report) for registered in folder.folders())


class ExperimentFolder:
    """An experiment's folder."""

    def __init__(self, folder: Folder, report: Report, *, in_trash: bool) -> None:
        self.place = folder.place or folder.name
        self._folder, self._report, self._in_trash = folder, report, in_trash

    def read(self) -> ExperimentFound:
        """What it says of itself.

        Errors: Unreadable.
        """
        file = self._folder.file(META)
        meta = parse(file) if file is not None else {}
        if "run_uuid" in meta or "run_id" in meta:
            raise Unreadable("It is a run. Import the folder of its experiment, or the store around that.")
        said = text(meta, "experiment_id")
        if meta and said != self._folder.name:
            self._report.repair(self.place, f"Its meta.yaml is of experiment {said!r}; its folder's name was taken.")
        tags = texts.read(self._folder, "tags", Seen(), self._report)
        return ExperimentFound(
            external_id=self._folder.name,
            name=text(meta, "name") or self._folder.name,
            place=self.place,
            tags=mapping(meta, "tags") | tags,
            is_trashed=self._in_trash or text(meta, "lifecycle_stage") == "deleted",
            creation_time=self._time(meta, "creation_time"),
            last_update_time=self._time(meta, "last_update_time"),
            artifact_location=text(meta, "artifact_location"),
            meta=meta,
        )

    def _time(self, meta: dict[str, Any], name: str) -> int | None:
        try:
            return whole(meta, name)
        except Unreadable as error:
            self._report.repair(self.place, f"{error} It was left out.")
            return None

    def runs(self) -> Iterator[RunFolder]:
        """Its runs."""
        for folder in self._folder.folders():
            if folder.name in RESERVED:
                continue
            if is_run(folder):
                yield RunFolder(folder, self._folder, self._report, in_trash=self._in_trash)
            else:
                self._report.note(folder.place, "It has no meta.yaml: no run, left out.")
        self._tell_of_traces()

    def _tell_of_traces(self) -> None:
        traces = self._folder.folder("traces")
        if traces is not None and traces.folders():
            self._report.note(traces.place, f"{len(traces.folders()):,} traces: traces are not taken over.")

    def models(self) -> Iterator[ModelFolder]:
        """Its logged models."""
        models = self._folder.folder("models")
        for folder in models.folders() if models else ():
            yield ModelFolder(folder, self._report)
