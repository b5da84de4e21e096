"""What was asked for: which project, what of it, where it is to run, and what its run is to be."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tracker import starting
from tracker.errors import InvalidValue

MANAGERS = ("local", "virtualenv", "uv", "conda")


@dataclass(frozen=True)
class Asked:
    """One project to run. `fields` are those of `PUT runs/{run_id}/` that the run is made with; `named` is the address
    that the run tells, where `uri` is but a copy of what lies there.
    """

    uri: str
    entry_point: str = "main"
    version: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    backend: str = "local"
    options: Mapping[str, Any] = field(default_factory=dict)
    manager: str | None = None
    storage: Path | None = None
    docker_args: Mapping[str, Any] = field(default_factory=dict)
    build_image: bool = False
    run_id: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    named: str = ""

    def __post_init__(self) -> None:
        """Refuse what can't be meant, before anything is fetched.

        Errors: InvalidValue.
        """
        if self.manager is not None and self.manager not in MANAGERS:
            raise InvalidValue(f"env_manager={self.manager!r} is not one of {', '.join(MANAGERS)}.")
        if self.run_id:
            starting.check_id(self.run_id)


def options(config: "Mapping[str, Any] | str | Path | None") -> dict[str, Any]:
    """What a backend is told: a mapping, the name of a JSON file, or JSON itself.

    Errors: InvalidValue.
    """
    if config is None or isinstance(config, Mapping):
        return dict(config or {})
    try:
        text = Path(config).read_text(encoding="utf-8") if str(config).endswith(".json") else str(config)
        told = json.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        raise InvalidValue(f"backend_config={str(config)[:200]!r} is neither JSON nor a file of it: {error}.") from None
    if not isinstance(told, dict):
        raise InvalidValue(f'backend_config={str(config)[:200]!r} is no JSON object, such as {{"address": "…"}}.')
    return told
