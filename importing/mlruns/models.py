"""Reads a logged model's folder, as MLflow has written them since 3.0."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from importing.found import ModelFound, ModelPoint, Seen, Unreadable
from importing.mlruns import extras, metrics, texts
from importing.mlruns.files import new_files
from importing.mlruns.folder import Folder, PlainFile
from importing.mlruns.meta import META, parse, text, whole
from importing.mlruns.metrics import BadLine
from importing.reporting import Report
from registry.models import ModelStatus


class ModelFolder:
    """A model's folder in that of its experiment."""

    def __init__(self, folder: Folder, report: Report) -> None:
        self.model_id, self.place = folder.name, folder.place
        self._folder, self._report = folder, report

    def read(self, seen: Seen) -> ModelFound:
        """What is new of it since `seen`.

        Errors: Unreadable.
        """
        file = self._folder.file(META)
        if file is None:
            raise Unreadable("It has no meta.yaml: it is no model, or its program is making it.")
        meta = parse(file)
        if text(meta, "model_id") != self.model_id:
            raise Unreadable(f"Its meta.yaml is of the model {text(meta, 'model_id')[:80]!r}.")
        seen.note(META, file.stamp)
        ours = extras.read(self._folder, self._report)
        return ModelFound(
            model_id=self.model_id,
            place=self.place,
            fields=_fields(meta),
            is_trashed=text(meta, "lifecycle_stage") == "deleted",
            params=ours.original("params", texts.read(self._folder, "params", seen, self._report)),
            tags=ours.original("tags", texts.read(self._folder, "tags", seen, self._report)),
            points=self._points(seen, ours),
            files=new_files(self._folder.folder("artifacts"), seen, partial(ours.original_key, "artifacts")),
            meta=meta,
        )

    def _points(self, seen: Seen, ours: extras.Extras) -> Iterator[ModelPoint]:
        for file in texts.new_files(self._folder, "metrics", seen, self._report):
            try:
                yield from self._points_in(file, ours)
            except (Unreadable, OSError) as error:
                self._report.refuse(file.place, f"{error} The rest of it was left out.")
                continue
            seen.note(f"metrics/{file.name}", file.stamp)

    def _points_in(self, file: PlainFile, ours: extras.Extras) -> Iterator[ModelPoint]:
        for lines, _ in metrics.blocks(file, 0, self._report):
            for line in lines:
                try:
                    yield _point(ours.original_key("metrics", file.name), line.decode(), ours)
                except (BadLine, UnicodeDecodeError) as error:
                    shown = line[:80].decode(errors="replace")
                    self._report.refuse(file.place, f"The line {shown!r} was left out: {error}.")


def _fields(meta: dict[str, Any]) -> dict[str, Any]:
    number = whole(meta, "status") or 0
    return {
        "name": text(meta, "name"),
        "model_type": text(meta, "model_type"),
        "source_run_id": text(meta, "source_run_id"),
        "status": ModelStatus.values[number] if 0 <= number < len(ModelStatus.values) else ModelStatus.UNSPECIFIED,
        "creation_time": whole(meta, "creation_timestamp"),
        "last_update_time": whole(meta, "last_updated_timestamp"),
    }


def _point(key: str, line: str, ours: extras.Extras) -> ModelPoint:
    """A line `timestamp value step run_id`, with the name and digest of a dataset from 3.0 on.

    Errors: BadLine.
    """
    timestamp, value, step, *rest = line.strip().split(" ") if line.count(" ") >= 3 else ["", "", ""]
    if not rest:
        raise BadLine("4 or 6 fields are a point of a model")
    found = metrics.line_of(f"{timestamp} {value} {step}")
    name, digest = (" ".join(rest[1:-1]), rest[-1]) if len(rest) > 2 else ("", "")
    name = ours.original_key("datasets", name)
    return ModelPoint(key, found.value, found.step, metrics.milliseconds(found.timestamp), rest[0], name, digest)
