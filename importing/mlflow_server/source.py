"""Finds experiments, runs and models on a running MLflow server."""

import hashlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import IO, Any

from importing.found import (
    ExperimentFound,
    FileFound,
    ModelFound,
    ModelPoint,
    Points,
    RunFound,
    Seen,
    Unreadable,
)
from importing.infinity import restored
from importing.mlflow_server.registry import ServerRegistered
from importing.mlflow_server.rest import HISTORY_PAGE, PAGE, NotThere, Rest
from importing.reporting import Report
from registry.models import ModelStatus
from runs.batches import DatasetInput, Series
from runs.models import RunStatus

Told = dict[str, Any]
MAX_DEPTH = 50


def looks_like_server(where: str) -> bool:
    """Whether this is an address, not a path."""
    return where.startswith(("http://", "https://"))


class ServerSource:
    """A running MLflow server."""

    def __init__(self, address: str, report: Report) -> None:
        self._rest, self._report = Rest(address), report
        self.origin = self._rest.uri
        self._experiments = list(self._found())

    def _found(self) -> Iterator[Told]:
        try:
            yield from self._rest.searched("experiments/search", "experiments", view_type="ALL", max_results=PAGE)
        except NotThere:
            # Before 1.28 there was no search.
            yield from self._rest.get("experiments/list", view_type="ALL").get("experiments", [])

    def experiments(self) -> Iterator["ServerExperiment"]:
        """Its experiments."""
        for told in self._experiments:
            yield ServerExperiment(told, self._rest, self._report)

    def count_runs(self) -> int:
        """How many there are is not known before they are asked for."""
        return 0

    def registered_models(self) -> Iterator[ServerRegistered]:
        """Its registered models."""
        try:
            for page in self._rest.paged("registered-models/search", "registered_models", max_results=100):
                yield from (ServerRegistered(told, self._rest) for told in page)
        except NotThere:
            self._report.note("registered-models", "It has no registry that can be read.")


class ServerExperiment:
    """An experiment."""

    def __init__(self, told: Told, rest: Rest, report: Report) -> None:
        self._told, self._rest, self._report = told, rest, report
        self._id = str(told["experiment_id"])
        self.place = f"experiments/{self._id}"

    def read(self) -> ExperimentFound:
        """What it says of itself."""
        told = self._told
        return ExperimentFound(
            external_id=self._id,
            name=str(told["name"]),
            place=self.place,
            tags=_pairs(told.get("tags")),
            is_trashed=told.get("lifecycle_stage") == "deleted",
            creation_time=_whole(told.get("creation_time")),
            last_update_time=_whole(told.get("last_update_time")),
            artifact_location=str(told.get("artifact_location") or ""),
            meta={key: value for key, value in told.items() if key != "tags"},
        )

    def runs(self) -> Iterator["ServerRun"]:
        """Its runs."""
        for told in self._rest.searched(
            "runs/search", "runs", experiment_ids=[self._id], run_view_type="ALL", max_results=PAGE
        ):
            yield ServerRun(told, self._rest, self._report)

    def models(self) -> Iterator["ServerModel"]:
        """Its logged models."""
        try:
            yield from (
                ServerModel(told, self._rest, self._report)
                for told in self._rest.searched("logged-models/search", "models", experiment_ids=[self._id])
            )
        except NotThere:
            # Before 3.0 there were none.
            return


class ServerRun:
    """A run."""

    def __init__(self, told: Told, rest: Rest, report: Report) -> None:
        self._told, self._rest, self._report = told, rest, report
        info = told["info"]
        self.run_id = str(info.get("run_id") or info.get("run_uuid") or "")
        self.place = f"runs/{self.run_id}"

    def read(self, seen: Seen) -> RunFound:
        """What is new of it since `seen`."""
        # A search leaves out which models a run took.
        told = self._rest.get("runs/get", run_id=self.run_id)["run"]
        info, data = told["info"], told.get("data", {})
        inputs, outputs = told.get("inputs") or {}, told.get("outputs") or {}
        return RunFound(
            run_id=self.run_id,
            place=self.place,
            fields={
                "status": info.get("status") if info.get("status") in RunStatus.values else "RUNNING",
                "start_time": _whole(info.get("start_time")),
                "end_time": _whole(info.get("end_time")),
                "name": str(info.get("run_name") or ""),
                "user": str(info.get("user_id") or ""),
            },
            is_trashed=info.get("lifecycle_stage") == "deleted",
            params=_news(seen, "params", _pairs(data.get("params"))),
            tags=_news(seen, "tags", _pairs(data.get("tags"))),
            inputs=[found for use in inputs.get("dataset_inputs", []) if (found := _dataset(use)) is not None],
            input_models=[str(item["model_id"]) for item in inputs.get("model_inputs", [])],
            output_models={str(item["model_id"]): _whole(item.get("step")) or 0
                           for item in outputs.get("model_outputs", [])},
            points=self._points(info, data.get("metrics", []), seen),
            files=_files(seen, self.place, self._list, self._open, self._report),
            meta=info,
        )  # fmt: skip

    def _points(self, info: Told, metrics: list[Told], seen: Seen) -> Iterator[Points]:
        """Histories whose last point has changed; all of a run that has not ended, which may get earlier ones still."""
        for last in metrics:
            key = str(last["key"])
            stamp = [info.get("status"), last.get("step"), last.get("timestamp"), str(last.get("value"))]
            if not (seen.is_new(f"metrics/{key}", stamp) or info.get("status") == "RUNNING"):
                continue
            for page in self._history(key):
                place = f"{self.place}/metrics/{key}"
                yield Points(key, place, _series(page, place, self._report))
            seen.note(f"metrics/{key}", stamp)

    def _history(self, key: str) -> Iterator[list[Told]]:
        asked = {"run_id": self.run_id, "run_uuid": self.run_id, "metric_key": key}
        return self._rest.paged("metrics/get-history", "metrics", **asked, max_results=HISTORY_PAGE)

    def _list(self, folder: str) -> list[Told]:
        return self._rest.get("artifacts/list", run_id=self.run_id, **({"path": folder} if folder else {})).get(
            "files", []
        )

    def _open(self, path: str) -> IO[bytes]:
        return self._rest.open("/get-artifact", path=path, run_uuid=self.run_id)


class ServerModel:
    """A logged model."""

    def __init__(self, told: Told, rest: Rest, report: Report) -> None:
        self._told, self._rest, self._report = told, rest, report
        self.model_id = str(told["info"]["model_id"])
        self.place = f"logged-models/{self.model_id}"

    def read(self, seen: Seen) -> ModelFound:
        """What is new of it since `seen`."""
        info, data = self._told["info"], self._told.get("data", {})
        status = info.get("status")
        return ModelFound(
            model_id=self.model_id,
            place=self.place,
            fields={
                "name": str(info.get("name") or ""),
                "model_type": str(info.get("model_type") or ""),
                "source_run_id": str(info.get("source_run_id") or ""),
                "status": status if status in ModelStatus.values else ModelStatus.UNSPECIFIED,
                "creation_time": _whole(info.get("creation_timestamp_ms")),
                "last_update_time": _whole(info.get("last_updated_timestamp_ms")),
            },
            params=_pairs(data.get("params")),
            tags=_pairs(info.get("tags")),
            points=[_model_point(item) for item in data.get("metrics", [])],
            files=_files(seen, self.place, self._list, self._open, self._report),
            meta={key: value for key, value in info.items() if key != "tags"},
        )

    def _list(self, folder: str) -> list[Told]:
        query = {"artifact_directory_path": folder} if folder else {}
        address = f"logged-models/{self.model_id}/artifacts/directories"
        found: list[Told] = self._rest.get(address, **query).get("files", [])
        return found

    def _open(self, path: str) -> IO[bytes]:
        address = f"/ajax-api/2.0/mlflow/logged-models/{self.model_id}/artifacts/files"
        return self._rest.open(address, artifact_file_path=path)


def _files(
    seen: Seen, place: str, listed: Callable[[str], list[Told]], opened: Callable[[str], IO[bytes]], report: Report
) -> Iterator[FileFound]:
    """Files whose size is new, folder by folder."""
    waiting = [("", 0)]
    while waiting:
        folder, depth = waiting.pop()
        try:
            entries = listed(folder) if depth <= MAX_DEPTH else []
        except Unreadable as error:
            report.refuse(f"{place}/artifacts/{folder}", f"Its files can't be listed: {error}")
            continue
        for entry in entries:
            path = str(entry.get("path", ""))
            if entry.get("is_dir"):
                waiting.append((path, depth + 1))
                continue
            part, stamp = f"artifacts/{path}", [_whole(entry.get("file_size"))]
            if seen.is_new(part, stamp):
                yield FileFound(path, f"{place}/{part}", partial(opened, path), partial(seen.note, part, stamp))


def _pairs(told: Any) -> dict[str, str]:
    return {str(item["key"]): str(item.get("value", "")) for item in told or []}


def _news(seen: Seen, part: str, texts: dict[str, str]) -> dict[str, str]:
    """Those that changed, which is noted."""
    news = {}
    for key, value in texts.items():
        stamp = [hashlib.sha256(value.encode()).hexdigest()[:16]]
        if seen.is_new(f"{part}/{key}", stamp):
            news[key] = value
            seen.note(f"{part}/{key}", stamp)
    return news


def _whole(value: Any) -> int | None:
    """int64 travels as a number or as text."""
    return None if value in (None, "") else int(value)


def _series(points: list[Told], place: str, report: Report) -> Series:
    # NaN and infinities are words that float() reads.
    return Series(
        values=[restored(float(point["value"]), place, report) for point in points],
        steps=[_whole(point.get("step")) or 0 for point in points],
        timestamps=[_whole(point.get("timestamp")) or 0 for point in points],
    )


def _dataset(use: Told) -> DatasetInput | None:
    told = use.get("dataset")
    if not told:
        return None
    return DatasetInput(
        name=str(told["name"]),
        digest=str(told["digest"]),
        source_type=str(told.get("source_type") or ""),
        source=str(told.get("source") or ""),
        schema=told.get("schema"),
        profile=told.get("profile"),
        tags=_pairs(use.get("tags")),
    )


def _model_point(told: Told) -> ModelPoint:
    return ModelPoint(
        key=str(told["key"]),
        value=float(told["value"]),
        step=_whole(told.get("step")) or 0,
        timestamp=_whole(told.get("timestamp")) or 0,
        run_id=str(told.get("run_id") or ""),
        dataset_name=str(told.get("dataset_name") or ""),
        dataset_digest=str(told.get("dataset_digest") or ""),
    )
