"""Reads a run's folder, whichever MLflow wrote it."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from importing.found import Points, RunFound, Seen, Unreadable
from importing.mlruns import datasets, extras, metrics, texts
from importing.mlruns.files import new_files
from importing.mlruns.folder import Folder, PlainFile
from importing.mlruns.meta import MAX_META_BYTES, META, parse, text, whole
from importing.reporting import Report
from runs.creating import RUN_ID

STATUSES = ("RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED")
#: Before 1.0, where a run came from was in its meta.yaml.
SOURCE_TYPES = {1: "NOTEBOOK", 2: "JOB", 3: "PROJECT", 4: "LOCAL", 5: "UNKNOWN", 1000: "UNKNOWN"}
_OLD_TAGS = {
    "source_name": "mlflow.source.name",
    "source_version": "mlflow.source.git.commit",
    "entry_point_name": "mlflow.project.entryPoint",
}
_NAME, _SOURCE_TYPE = "mlflow.runName", "mlflow.source.type"
_OURS = {"meta.yaml", extras.FILE}
_OUR_FOLDERS = {"metrics", "params", "tags", "inputs", "outputs", "artifacts"}


def is_run(folder: Folder) -> bool:
    """Whether a folder looks like a run: it has a meta.yaml."""
    return folder.file(META) is not None


class RunFolder:
    """A run's folder in that of its experiment."""

    def __init__(self, folder: Folder, experiment: Folder, report: Report, *, in_trash: bool) -> None:
        self.run_id, self.place = folder.name, folder.place
        self._folder, self._experiment, self._report = folder, experiment, report
        self._in_trash = in_trash

    def read(self, seen: Seen) -> RunFound:
        """What is new of it since `seen`.

        Errors: Unreadable for a meta.yaml that can't be, or that is of another run.
        """
        file = self._folder.file(META)
        if file is None:
            raise Unreadable("It has no meta.yaml: it is no run, or its program is making it.")
        meta = parse(file, MAX_META_BYTES)
        self._check_id(meta)
        # 0.x named a run by run_uuid alone.
        is_old = "run_id" not in meta
        ours = extras.read(self._folder, self._report)
        tags = texts.read(self._folder, "tags", seen, self._report)
        if seen.is_new(META, file.stamp):
            tags = self._tags_of(meta, is_old) | tags
            seen.note(META, file.stamp)
        self._tell_of_others()
        uses = datasets.read(self._folder, self._experiment, seen, self._report)
        is_trashed = text(meta, "lifecycle_stage") == "deleted" or self._in_trash
        return RunFound(
            run_id=self.run_id,
            place=self.place,
            fields=self._fields(meta),
            is_trashed=is_trashed,
            deleted_time=self._number(meta, "deleted_time"),
            params=ours.original("params", texts.read(
                self._folder, "params", seen, self._report, strip_newline=is_old)),
            tags=ours.original("tags", tags),
            inputs=uses.datasets,
            input_models=uses.input_models,
            output_models=uses.output_models,
            points=self._points(seen, ours),
            files=new_files(self._folder.folder("artifacts"), seen, partial(ours.original_key, "artifacts")),
            extras=ours.content,
            meta=meta,
        )  # fmt: skip

    def _check_id(self, meta: dict[str, Any]) -> None:
        said = text(meta, "run_id") or text(meta, "run_uuid")
        if said != self.run_id:
            raise Unreadable(f"Its meta.yaml is of the run {said[:80]!r}. Rename the folder, if it is that run.")
        if not RUN_ID.fullmatch(self.run_id):
            raise Unreadable("Its name is no run id: letters, digits, - and _, the first a letter or digit.")
        experiment = text(meta, "experiment_id")
        if experiment != self._experiment.name:
            self._report.repair(
                self.place, f"Its meta.yaml is of experiment {experiment!r}; it was taken for what it lies in."
            )

    def _fields(self, meta: dict[str, Any]) -> dict[str, Any]:
        status = self._status(meta)
        start, end = self._number(meta, "start_time"), self._number(meta, "end_time")
        # 0.4.1 wrote 0 for a run without an end.
        fields = {"status": status, "start_time": start, "end_time": end or None, "user": text(meta, "user_id")}
        return fields | {"name": text(meta, "run_name") or text(meta, "name")}

    def _status(self, meta: dict[str, Any]) -> str:
        said = meta.get("status", 1)
        if str(said) in STATUSES:
            return str(said)
        if isinstance(said, int) and 1 <= said <= len(STATUSES):
            return STATUSES[said - 1]
        status = "FINISHED" if meta.get("end_time") else "RUNNING"
        self._report.repair(self.place, f"Its status is {str(said)[:40]!r}, which is none: taken for {status}.")
        return status

    def _number(self, meta: dict[str, Any], name: str) -> int | None:
        try:
            number = whole(meta, name)
        except Unreadable as error:
            self._report.repair(self.place, f"{error} It was left out.")
            return None
        if number is not None and number < 0:
            self._report.repair(self.place, f"{name} is before 1970: it was left out.")
            return None
        return number

    def _tags_of(self, meta: dict[str, Any], is_old: bool) -> dict[str, str]:
        """What old releases said in meta.yaml, as tags."""
        if not is_old:
            return {}
        tags = {tag: text(meta, name) for name, tag in _OLD_TAGS.items() if text(meta, name)}
        kind = SOURCE_TYPES.get(meta.get("source_type", 0))
        return tags | ({_SOURCE_TYPE: kind} if kind else {})

    def _points(self, seen: Seen, ours: extras.Extras) -> Iterator[Points]:
        for file in texts.new_files(self._folder, "metrics", seen, self._report):
            part = f"metrics/{file.name}"
            try:
                yield from self._series(file, part, seen, ours.original_key("metrics", file.name))
            except (Unreadable, OSError) as error:
                self._report.refuse(file.place, f"{error} The rest of it was left out.")

    def _series(self, file: PlainFile, part: str, seen: Seen, key: str) -> Iterator[Points]:
        offset = _offset(seen, part, file)
        is_empty = not offset
        for series, end in metrics.read(file, offset, self._report):
            is_empty = False
            yield Points(key, file.place, series, partial(seen.note, part, [file.size, file.mtime_ns, end]))
        if is_empty:
            self._report.note(file.place, "It holds no points.")

    def _tell_of_others(self) -> None:
        """What a run's folder holds that no MLflow put there."""
        for folder in self._folder.folders():
            if folder.name not in _OUR_FOLDERS:
                self._report.note(folder.place, "No part of a run: left out.")


def _offset(seen: Seen, part: str, file: PlainFile) -> int:
    """Where to go on: where the last import ended, unless the file is shorter by now and so is another one."""
    stamp = seen.stamp(part)
    return stamp[2] if stamp and stamp[2] <= file.size else 0
