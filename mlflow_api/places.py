"""Whose files lie below an address of the artifact proxy: `<experiment>/<run>/artifacts/…`, or, of a model,
`<experiment>/models/<model>/artifacts/…`. What comes before the id is the experiment's location, and says nothing more.
"""

from dataclasses import dataclass
from typing import Any, cast

from registry.models import LoggedModel
from runs.artifacts.paths import check_folder
from runs.models import FileOwner, Run
from trackerweb.errors import InvalidValue, NotFound

ROOT, MODELS = "artifacts", "models"


@dataclass(frozen=True)
class Place:
    """A file or folder of an owner; "" is the root of its files."""

    owner: FileOwner
    path: str

    def require_file(self) -> str:
        """The path, which has to name a file.

        Errors: InvalidValue.
        """
        if not self.path:
            raise InvalidValue(f"path: {self.owner} is a folder. Add the name of a file to it.", field="path")
        return self.path


def place_of(address: str) -> Place:
    """Where an address leads.

    Errors: InvalidValue for one that could lead elsewhere; NotFound when it is no run's and no model's.
    """
    parts = check_folder(address).split("/")
    for at, part in enumerate(parts):
        owner = _owner(parts[:at]) if part == ROOT and at else None
        if owner is not None:
            return Place(owner, "/".join(parts[at + 1 :]))
    raise NotFound(
        f"path: {address[:80]!r} is not below a run or a model. Files lie at <experiment>/<run>/{ROOT}/<path>.",
        field="path",
    )


def _owner(above: list[str]) -> FileOwner | None:
    """The run or model that the names above its files lead to."""
    things: Any = LoggedModel.objects if above[-2:-1] == [MODELS] else Run.objects
    try:
        return cast("FileOwner", things.by_id(above[-1]))
    except NotFound:
        return None
