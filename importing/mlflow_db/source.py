"""Finds experiments, runs and models in a database of MLflow."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from importing.found import (
    ExperimentFound,
    FileFound,
    ModelFound,
    ModelPoint,
    Points,
    RunFound,
    Seen,
)
from importing.infinity import restored
from importing.mlflow_db.database import Database, Row
from importing.mlflow_db.registry import RegisteredRow
from importing.mlruns.files import new_files
from importing.mlruns.folder import Folder
from importing.reporting import Report
from registry.models import ModelStatus
from runs import batches, inputs
from runs.batches import DatasetInput, Series
from trackerweb.errors import InvalidValue

SQLITE_MAGIC = b"SQLite format 3\0"
PIECE_POINTS = 20_000
#: Where files of such a server lie, from its database on.
_ROOTS = ("mlruns", "mlartifacts", "artifacts")
_POINTS = """
    SELECT rowid AS place, key, value, timestamp, step, is_nan FROM metrics WHERE run_uuid = ? AND rowid > ?
    ORDER BY rowid
"""


def looks_like_database(path: Path) -> bool:
    """Whether a file is a SQLite database."""
    with path.open("rb") as file:
        return file.read(len(SQLITE_MAGIC)) == SQLITE_MAGIC


class DatabaseSource:
    """A database of MLflow."""

    def __init__(self, path: Path, report: Report, origin: str = "") -> None:
        self.origin = origin or str(path.resolve())
        self._database, self._report = Database(path), report
        self._files = _Files(path.resolve().parent, report)

    def experiments(self) -> Iterator["ExperimentRow"]:
        """Its experiments."""
        if not self._files.are_here:
            self._report.note("files", f"No {', '.join(_ROOTS)} lies beside it: runs come without their files.")
        for row in self._database.rows("experiments", order="experiment_id"):
            yield ExperimentRow(row, self._database, self._files, self._report)

    def count_runs(self) -> int:
        """How many runs there are."""
        return int(self._database.one("SELECT COUNT(*) AS runs FROM runs")["runs"])

    def registered_models(self) -> Iterator[RegisteredRow]:
        """Its registered models."""
        for row in self._database.rows("registered_models", order="name"):
            yield RegisteredRow(row, self._database)


class _Files:
    """The folders beside a database in which its files may lie: no other is looked into, whatever an address says."""

    def __init__(self, home: Path, report: Report) -> None:
        self._roots = [Folder(home / name, name, report) for name in _ROOTS if (home / name).is_dir()]

    @property
    def are_here(self) -> bool:
        """Whether there is any such folder."""
        return bool(self._roots)

    def of(self, address: str, seen: Seen) -> Iterator[FileFound]:
        """The files of a run or model that are new, by the last parts of its address; none when it has none here."""
        parts = [part for part in address.replace("\\", "/").split("/") if part]
        # …/<experiment>/<run>/artifacts, or …/<experiment>/models/<model>/artifacts
        for length in (4, 3):
            for root in self._roots:
                folder = _below(root, parts[-length:]) if len(parts) >= length else None
                if folder is not None:
                    return new_files(folder, seen)
        return iter(())


def _below(root: Folder, parts: list[str]) -> Folder | None:
    folder: Folder | None = root
    for part in parts:
        # Looked for among the folders there are, so that no name leads elsewhere.
        folder = folder.folder(part) if folder is not None else None
    return folder


class ExperimentRow:
    """An experiment."""

    def __init__(self, row: Row, database: Database, files: _Files, report: Report) -> None:
        self._row, self._database, self._files, self._report = row, database, files, report
        self._id = row["experiment_id"]
        self.place = f"experiments/{self._id}"

    def read(self) -> ExperimentFound:
        """What it says of itself."""
        row = self._row
        tags = {tag["key"]: tag["value"] or "" for tag in self._rows("experiment_tags")}
        return ExperimentFound(
            external_id=str(self._id),
            name=row["name"],
            place=self.place,
            tags=tags,
            is_trashed=row.get("lifecycle_stage") == "deleted",
            creation_time=row.get("creation_time"),
            last_update_time=row.get("last_update_time"),
            artifact_location=row.get("artifact_location") or "",
            meta=row,
        )

    def _rows(self, table: str, order: str = "rowid") -> list[Row]:
        return self._database.rows(table, "experiment_id = ?", [self._id], order)

    def runs(self) -> Iterator["RunRow"]:
        """Its runs."""
        for row in self._rows("runs", "start_time"):
            yield RunRow(row, self._database, self._files, self._report)

    def models(self) -> Iterator["ModelRow"]:
        """Its logged models."""
        for row in self._rows("logged_models", "creation_timestamp_ms"):
            yield ModelRow(row, self._database, self._files, self._report)


class RunRow:
    """A run."""

    def __init__(self, row: Row, database: Database, files: _Files, report: Report) -> None:
        self._row, self._database, self._files, self._report = row, database, files, report
        self.run_id = row["run_uuid"]
        self.place = f"runs/{self.run_id}"

    def read(self, seen: Seen) -> RunFound:
        """What is new of it since `seen`."""
        row = self._row
        uses = self._database.rows("inputs", "destination_id = ? OR source_id = ?", [self.run_id, self.run_id])
        uses = [use for use in uses if self._is_new(seen, f"inputs/{use['input_uuid']}", use)]
        return RunFound(
            run_id=self.run_id,
            place=self.place,
            fields=self._fields(),
            is_trashed=row.get("lifecycle_stage") == "deleted",
            deleted_time=row.get("deleted_time"),
            params=self._texts("params", seen),
            tags=self._texts("tags", seen),
            inputs=[found for use in uses if use["source_type"] == "DATASET" for found in self._datasets(use)],
            input_models=[use["destination_id"] for use in uses if use["destination_type"] == "MODEL_INPUT"],
            output_models={
                use["destination_id"]: use.get("step") or 0 for use in uses if use["destination_type"] == "MODEL_OUTPUT"
            },
            points=self._points(seen),
            files=self._files.of(row.get("artifact_uri") or "", seen),
            meta=row,
        )

    def _fields(self) -> dict[str, Any]:
        row = self._row
        told = {"status": row["status"] or "RUNNING", "start_time": row["start_time"], "end_time": row["end_time"]}
        return told | {"name": row.get("name") or "", "user": row.get("user_id") or ""}

    def _is_new(self, seen: Seen, part: str, content: object) -> bool:
        """Whether a part has changed, which is noted."""
        stamp = [hashlib.sha256(repr(content).encode()).hexdigest()[:16]]
        is_new = seen.is_new(part, stamp)
        seen.note(part, stamp)
        return is_new

    def _texts(self, table: str, seen: Seen) -> dict[str, str]:
        texts = {}
        for row in self._database.rows(table, "run_uuid = ?", [self.run_id]):
            key, value = row["key"], row["value"] or ""
            try:
                batches.check_key(key, table)
            except InvalidValue as error:
                self._report.refuse(f"{self.place}/{table}", f"{error.message} It was left out.")
                continue
            if self._is_new(seen, f"{table}/{key}", value):
                texts[key] = value
        return texts

    def _datasets(self, use: Row) -> Iterator[DatasetInput]:
        tags = self._database.rows("input_tags", "input_uuid = ?", [use["input_uuid"]])
        for row in self._database.rows("datasets", "dataset_uuid = ?", [use["source_id"]]):
            dataset = DatasetInput(
                name=row["name"],
                digest=row["digest"],
                source_type=row["dataset_source_type"],
                source=row["dataset_source"],
                schema=row["dataset_schema"],
                profile=row["dataset_profile"],
                tags={tag["name"]: tag["value"] for tag in tags},
            )
            try:
                inputs.check([dataset])
            except InvalidValue as error:
                self._report.refuse(self.place, error.message)
                continue
            yield dataset

    def _points(self, seen: Seen) -> Iterator[Points]:
        last = self._last_seen(seen)
        for piece in self._database.pieces(_POINTS, [self.run_id, last], PIECE_POINTS):
            found: dict[str, Series] = {}
            for row in piece:
                series = found.setdefault(row["key"], Series(values=[], steps=[], timestamps=[]))
                series.values.append(self._value(row))
                series.steps.append(row["step"])
                series.timestamps.append(row["timestamp"])
            for key, series in found.items():
                yield Points(key, f"{self.place}/metrics/{key}", series)
        seen.note("metrics", self._stamp(2**62))

    def _last_seen(self, seen: Seen) -> int:
        """The row up to which points were brought; 0 when rows before it have changed, as VACUUM may number them."""
        stamp = seen.stamp("metrics")
        return stamp[0] if stamp is not None and self._stamp(stamp[0]) == stamp else 0

    def _stamp(self, last: int) -> list[int]:
        counted = self._database.one(
            "SELECT MAX(rowid) AS last, COUNT(*) AS count FROM metrics WHERE run_uuid = ? AND rowid <= ?",
            [self.run_id, last],
        )
        return [counted["last"] or 0, counted["count"]]

    def _value(self, row: Row) -> float:
        if row["is_nan"]:
            return float("nan")
        return restored(float(row["value"]), f"{self.place}/metrics/{row['key']}", self._report)


class ModelRow:
    """A logged model."""

    def __init__(self, row: Row, database: Database, files: _Files, report: Report) -> None:
        self._row, self._database, self._files, self._report = row, database, files, report
        self.model_id = row["model_id"]
        self.place = f"logged_models/{self.model_id}"

    def read(self, seen: Seen) -> ModelFound:
        """What is new of it since `seen`."""
        row, number = self._row, self._row["status"]
        return ModelFound(
            model_id=self.model_id,
            place=self.place,
            fields={
                "name": row["name"],
                "model_type": row["model_type"] or "",
                "source_run_id": row["source_run_id"] or "",
                "status": ModelStatus.values[number] if number in range(4) else ModelStatus.UNSPECIFIED,
                "creation_time": row["creation_timestamp_ms"],
                "last_update_time": row["last_updated_timestamp_ms"],
            },
            is_trashed=row["lifecycle_stage"] == "deleted",
            params={item["param_key"]: item["param_value"] for item in self._rows("logged_model_params")},
            tags={item["tag_key"]: item["tag_value"] for item in self._rows("logged_model_tags")},
            points=[_model_point(item) for item in self._rows("logged_model_metrics")],
            files=self._files.of(row["artifact_location"] or "", seen),
            meta=row,
        )

    def _rows(self, table: str) -> list[Row]:
        return self._database.rows(table, "model_id = ?", [self.model_id])


def _model_point(row: Row) -> ModelPoint:
    value = row["metric_value"]
    return ModelPoint(
        key=row["metric_name"],
        value=float("nan") if value is None else value,
        step=row["metric_step"],
        timestamp=row["metric_timestamp_ms"],
        run_id=row["run_id"],
        dataset_name=row["dataset_name"] or "",
        dataset_digest=row["dataset_digest"] or "",
    )
