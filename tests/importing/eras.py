"""Writes folders as each MLflow wrote them: what its file store did, field by field and byte by byte."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.factories import NOON

#: 0.x named a run by run_uuid alone; its metrics have seconds, and no step.
ERAS = ("0.4.1", "0.8.2", "1.0", "1.30", "3.17")


@dataclass
class MlrunsFolder:
    """A store of an era at `root`."""

    root: Path
    era: str = "3.17"

    @property
    def is_0x(self) -> bool:
        """Before 1.0."""
        return self.era.startswith("0.")

    def experiment(self, experiment_id: str = "1", name: str = "digits", *, trashed: bool = False, **meta: Any) -> Path:
        """Write an experiment. Returns its folder."""
        folder = (self.root / ".trash" if trashed else self.root) / experiment_id
        told: dict[str, Any] = {
            "experiment_id": int(experiment_id) if self.is_0x else experiment_id,
            "name": name,
            "artifact_location": str(folder) if self.is_0x else folder.as_uri(),
        }
        if self.era != "0.4.1":
            told["lifecycle_stage"] = "deleted" if trashed else "active"
        if self.era in ("1.30", "3.17"):
            told |= {"creation_time": NOON, "last_update_time": NOON + 1}
        write_meta(folder, told | meta)
        return folder

    def run(self, experiment: Path, run_id: str, **meta: Any) -> Path:
        """Write a run without values. Returns its folder."""
        folder = experiment / run_id
        told: dict[str, Any] = {
            "experiment_id": int(experiment.name) if self.is_0x else experiment.name,
            "status": 3, "start_time": NOON, "end_time": NOON + 60_000, "user_id": "ada", "source_type": 4,
            "source_name": "", "source_version": "", "entry_point_name": "", "tags": [],
            "artifact_uri": str(folder / "artifacts") if self.is_0x else (folder / "artifacts").as_uri(),
        }  # fmt: skip
        if self.era != "3.17":
            told["run_uuid"] = run_id
        if not self.is_0x:
            told["run_id"] = run_id
        if self.era != "0.4.1":
            told["lifecycle_stage"] = "active"
        told["run_name" if self.era in ("1.30", "3.17") else "name"] = {"0.4.1": "Run 1"}.get(self.era, "first")
        write_meta(folder, told | meta)
        for part in ("metrics", "params", "artifacts", *(() if self.era == "0.4.1" else ("tags",))):
            (folder / part).mkdir()
        return folder

    def param(self, run: Path, key: str, value: str) -> None:
        """Write a param."""
        write(run / "params" / key, value + ("\n" if self.era == "0.4.1" else ""))

    def tag(self, owner: Path, key: str, value: str) -> None:
        """Write a tag."""
        write(owner / "tags" / key, value)

    def point(self, run: Path, key: str, value: float, step: int = 0, timestamp: int = NOON) -> None:
        """Append a point of a metric."""
        line = f"{timestamp // 1000} {value}\n" if self.is_0x else f"{timestamp} {value} {step}\n"
        append(run / "metrics" / key, line)

    def model(self, experiment: Path, model_id: str, run_id: str, **meta: Any) -> Path:
        """Write a logged model of a run. Returns its folder."""
        folder = experiment / "models" / model_id
        told = {
            "artifact_location": (folder / "artifacts").as_uri(), "creation_timestamp": NOON,
            "last_updated_timestamp": NOON + 5, "experiment_id": experiment.name, "model_id": model_id,
            "model_type": "", "name": "net", "source_run_id": run_id, "status": 2, "status_message": None,
        }  # fmt: skip
        write_meta(folder, told | meta)
        return folder

    def dataset(self, experiment: Path, run: Path, name: str = "train", context: str = "training") -> None:
        """Write a dataset and its use by a run."""
        described = {
            "name": name, "digest": "d1", "source_type": "local", "source": '{"uri": "a.csv"}', "schema": None,
            "profile": '{"rows": 2}',
        }  # fmt: skip
        write_meta(experiment / "datasets" / "id1", described)
        use = {
            "source_type": "DATASET", "source_id": "id1", "destination_type": "RUN", "destination_id": "id1",
            "tags": {"mlflow.data.context": context},
        }  # fmt: skip
        write_meta(run / "inputs" / "in1", use)


def write_meta(folder: Path, meta: dict[str, Any]) -> None:
    """Write a meta.yaml as MLflow does."""
    write(folder / "meta.yaml", yaml.safe_dump(meta, default_flow_style=False, allow_unicode=True))


def write(file: Path, content: str | bytes) -> None:
    """Write a file, and the folders above it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)


def append(file: Path, content: str) -> None:
    """Append to a file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a") as target:
        target.write(content)
