"""What `--backend-config` may say about a Ray cluster."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from tracker import settings
from tracker.errors import InvalidValue

#: How long a cluster may be out of reach before a run is given up.
LOST_SECONDS = 600.0


@dataclass(frozen=True)
class Options:
    """Where a job goes, and what it takes there.

    `address` is that of Ray's dashboard, None for what RAY_ADDRESS says or the cluster on this machine; `tracking_uri`
    the tracking server as the cluster's machines reach it. The numbers and `resources` are what one job reserves,
    `memory` in bytes. `runtime_env` is added to the one that is made of the project.
    """

    address: str | None = None
    tracking_uri: str | None = None
    num_cpus: float = 1
    num_gpus: float = 0
    memory: float = 0
    resources: Mapping[str, float] = field(default_factory=dict)
    runtime_env: Mapping[str, Any] = field(default_factory=dict)
    lost_seconds: float = LOST_SECONDS

    def needs(self) -> dict[str, float]:
        """What a node must have for one job, by Ray's names of resources."""
        asked = {"CPU": self.num_cpus, "GPU": self.num_gpus, "memory": self.memory, **self.resources}
        return {name: amount for name, amount in asked.items() if amount}


NAMES = tuple(each.name for each in fields(Options))
_NUMBERS = ("num_cpus", "num_gpus", "memory", "lost_seconds")


def read(said: Mapping[str, Any]) -> Options:
    """The options of a backend's configuration.

    Errors: InvalidValue for a key that is not known, or a value that can't be.
    """
    for name in said:
        if name not in NAMES:
            raise InvalidValue(f"backend_config has {name!r}, which Ray does not take. It takes {', '.join(NAMES)}.")
    for name in _NUMBERS:
        _check_number(name, said.get(name, 0))
    for name in ("address", "tracking_uri"):
        if said.get(name) is not None and not isinstance(said[name], str):
            raise InvalidValue(f"backend_config: {name}={said[name]!r} is no address such as http://head:8265.")
    for name in ("resources", "runtime_env"):
        if not isinstance(said.get(name, {}), Mapping):
            raise InvalidValue(f"backend_config: {name}={said[name]!r} is no object of names and values.")
    for name, amount in said.get("resources", {}).items():
        _check_number(f"resources.{name}", amount)
    if said.get("tracking_uri") is not None:
        settings.checked_uri(said["tracking_uri"])
    return Options(**said)


def _check_number(name: str, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < float("inf"):
        raise InvalidValue(f"backend_config: {name}={value!r} is no number from 0.")
