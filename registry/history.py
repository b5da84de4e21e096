"""Keeps the list of models that a run logged, as a tag of the run: how MLflow's older clients find them."""

import json
from typing import Any

from runs import ingest
from runs.batches import Batch
from runs.models import Run
from trackerweb.errors import InvalidValue
from trackerweb.transactions import write_transaction

HISTORY_TAG = "mlflow.log-model.history"
_REQUIRED = ("artifact_path", "flavors", "utc_time_created", "run_id")


def note_logged(run_id: str, description: Any) -> None:
    """Add a model, described as its MLmodel file does, to the list of a run.

    Errors: InvalidValue for a description that lacks something; NotFound; Conflict for a run in the trash.
    """
    told = _told(description)
    with write_transaction():
        run = Run.objects.by_id(run_id)
        before = run.tags.filter(key=HISTORY_TAG).values_list("value", flat=True).first()
        ingest.store(run_id, Batch(tags={HISTORY_TAG: json.dumps([*_listed(before), told])}))


def _listed(text: str | None) -> list[Any]:
    """What the tag lists by now; nothing when somebody has written something else into it."""
    try:
        found = json.loads(text or "[]")
    except ValueError:
        return []
    return found if isinstance(found, list) else []


def _told(description: Any) -> dict[str, Any]:
    if not isinstance(description, dict) or not isinstance(description.get("flavors"), dict):
        raise InvalidValue("model_json: this is no object with flavors, such as an MLmodel file.", field="model_json")
    missing = [name for name in _REQUIRED if name not in description]
    if missing:
        raise InvalidValue(f"model_json: {', '.join(missing)} is missing.", field="model_json")
    return {
        "run_id": description["run_id"],
        "artifact_path": description["artifact_path"],
        "utc_time_created": description["utc_time_created"],
        "model_uuid": description.get("model_uuid"),
        "flavors": {name: _without_config(flavor) for name, flavor in description["flavors"].items()},
    }


def _without_config(flavor: Any) -> Any:
    return {key: value for key, value in flavor.items() if key != "config"} if isinstance(flavor, dict) else flavor
