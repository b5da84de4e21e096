"""The events that a webhook may ask for, with an example of what each tells. Those of models are MLflow's."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from trackerweb.errors import InvalidValue


@dataclass(frozen=True)
class Event:
    """Something that happens: `name` is its entity and its action, `words` say it on a page."""

    name: str
    words: str
    example: dict[str, Any]

    @property
    def entity(self) -> str:
        """What it happens to."""
        return self.name.partition(".")[0]

    @property
    def action(self) -> str:
        """What happens."""
        return self.name.partition(".")[2]


def _run(status: str, end_time: int | None, failure: str = "") -> dict[str, Any]:
    return {
        "run_id": "0123456789abcdef0123456789abcdef",
        "run_name": "example-run",
        "experiment_id": "0",
        "experiment_name": "Default",
        "status": status,
        "start_time": 1_795_521_600_000,
        "end_time": end_time,
        "failure": failure,
        "url_path": "/runs/0123456789abcdef0123456789abcdef/",
        "metrics": {"loss": 0.25},
    }


_ENDED = 1_795_521_660_000
_VERSION = {"name": "example-model", "version": "1"}

EVENTS: dict[str, Event] = {
    event.name: event
    for event in (
        Event("run.finished", "A run finished", _run("FINISHED", _ENDED)),
        Event("run.failed", "A run failed", _run("FAILED", _ENDED, "ValueError: loss is NaN")),
        Event("run.killed", "A run was killed", _run("KILLED", _ENDED)),
        Event("run.stale", "A run fell silent", _run("RUNNING", None)),
        Event(
            "registered_model.created",
            "A model was registered",
            {"name": "example-model", "tags": {"team": "vision"}, "description": "An example"},
        ),
        Event(
            "model_version.created",
            "A version of a model was made",
            _VERSION
            | {"source": "models:/m-0123", "run_id": "0123456789abcdef", "tags": {}, "description": "An example"},
        ),
        Event("model_version_tag.set", "A version got a tag", _VERSION | {"key": "checked", "value": "yes"}),
        Event("model_version_tag.deleted", "A version lost a tag", _VERSION | {"key": "checked"}),
        Event("model_version_alias.created", "An alias points to a version", _VERSION | {"alias": "champion"}),
        Event("model_version_alias.deleted", "An alias was removed", {"name": "example-model", "alias": "champion"}),
    )
}


def checked(names: Iterable[str]) -> list[str]:
    """Events by their names, each once.

    Errors: InvalidValue for none at all, and for one that is not known.
    """
    chosen = list(dict.fromkeys(names))
    for name in chosen:
        if name not in EVENTS:
            raise InvalidValue(f"There is no event {name[:80]!r}. Known: {', '.join(EVENTS)}.", field="events")
    if not chosen:
        raise InvalidValue("A webhook needs one event at least.", field="events")
    return chosen
