"""Logs models to runs, through the run's journal (docs/journal.md): a server that is down loses none."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tracker import values
from tracker.models import mlmodel, names, saving
from tracker.models.mlmodel import MLModel
from tracker.models.signature.schema import ModelSignature

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracker.run import Run


@dataclass(frozen=True)
class ModelInfo:
    """A model that was logged. `uri` loads it, once it has arrived at the server."""

    model_id: str
    name: str
    uri: str
    run_id: str
    signature: ModelSignature | None = None
    registered_model_name: str | None = None

    @property
    def model_uri(self) -> str:
        """The same as `uri`, as MLflow's scripts ask for it."""
        return self.uri


def log_model(model: Any, name: str, *, run_id: str | None = None, **options: Any) -> ModelInfo:
    """Save a model and log it to a run: the active one, unless `run_id` names another.

    `registered_model_name` makes a version of a registered model of it, and leads `aliases` to that. `params`, `tags`,
    `model_type` and `step` describe it. All other options are those of tracker.models.save_model. Once this returns the
    model is on the disk; it reaches the server in the background.

    Errors: InvalidValue, JournalFull, RunEnded; then nothing is logged.
    """
    with _run_for(run_id) as run:
        return log_model_to(run, model, name, **options)


def log_model_to(
    run: Run,
    model: Any,
    name: str,
    *,
    registered_model_name: str | None = None,
    aliases: Iterable[str] = (),
    params: Mapping[str, Any] | None = None,
    tags: Mapping[str, Any] | None = None,
    step: int = 0,
    model_type: str = "",
    **options: Any,
) -> ModelInfo:
    """Log a model to a run; see `log_model`."""
    model_id = f"m-{uuid.uuid4().hex}"
    told = {
        "model_id": model_id,
        "name": names.check_model(name),
        "model_type": model_type,
        "params": _texts(params, "param"),
        "tags": _texts(tags, "tag"),
        "step": values.step_of(step),
    }
    register = _registration(registered_model_name, aliases)
    uri = f"models:/{model_id}"
    if not run.logs:
        return ModelInfo(model_id, name, uri, run.run_id, None, registered_model_name)
    with _folder_in(run.journal_folder / "files") as folder:
        # The id, and where it is from, as MLflow notes them.
        fields = saving.write(model, folder, **options)
        fields |= {"model_id": model_id, "model_uuid": model_id, "run_id": run.run_id, "artifact_path": uri}
        MLModel(fields).write(folder)
        signature = mlmodel.read(folder).signature
        run.log_model_folder(told, folder, register)
    return ModelInfo(model_id, name, uri, run.run_id, signature, registered_model_name)


def _registration(name: str | None, aliases: Iterable[str]) -> dict[str, Any] | None:
    if name is None:
        return None
    return {"name": names.check_registered(name), "aliases": [names.check_alias(alias) for alias in aliases]}


def _texts(given: Mapping[str, Any] | None, kind: str) -> dict[str, str]:
    return {values.check_key(key, kind): values.text_of(value, kind, key) for key, value in (given or {}).items()}


@contextmanager
def _folder_in(parent: Path) -> Iterator[Path]:
    """A folder beside the journal's files, which vanishes again."""
    folder = Path(tempfile.mkdtemp(prefix="model-", dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _run_for(run_id: str | None) -> Iterator[Run]:
    from tracker import fluent, starting

    active = fluent.active_run()
    if active is not None and run_id in {None, active.run_id}:
        yield active
    elif run_id is None:
        yield fluent.start_run()
    else:
        # Only for this: whoever owns the run ends it.
        with starting.join(run_id) as run:
            yield run
