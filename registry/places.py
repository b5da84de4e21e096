"""Whose files lie below an address of MLflow's artifact proxy: `<experiment>/<run>/artifacts/…`, or, of a model,
`<experiment>/models/<model>/artifacts/…`. What comes before the id is the experiment's location, and says nothing more.
"""

from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import unquote, urlsplit

from experiments.models import Experiment
from registry.models import LoggedModel
from runs.artifacts import listing
from runs.artifacts.paths import check_folder
from runs.models import FileOwner, Run
from trackerweb.errors import InvalidValue, NotFound

ROOT, MODELS = "artifacts", "models"


@dataclass(frozen=True)
class Place:
    """A file or folder of an owner; "" is the root of its files."""

    owner: FileOwner
    path: str

    @property
    def is_there(self) -> bool:
        """Whether any file lies there."""
        return listing.exists(self.owner, self.path)

    def within(self, path: str) -> str:
        """The path, in its owner, of what lies at a path below this place."""
        return "/".join(filter(None, (self.path, path)))

    def require_file(self) -> str:
        """The path, which has to name a file.

        Errors: InvalidValue.
        """
        if not self.path:
            raise InvalidValue(f"path: {self.owner} is a folder. Add the name of a file to it.", field="path")
        return self.path


def experiment_location(experiment: Experiment) -> str:
    """Where its runs keep their files: with us unless another place was given."""
    return experiment.artifact_location or f"mlflow-artifacts:/{experiment.pk}"


def location_of(owner: Run | LoggedModel) -> str:
    """The address of a run's or a model's files."""
    path = f"{owner.run_id}" if isinstance(owner, Run) else f"{MODELS}/{owner.model_id}"
    location, mark, query = experiment_location(owner.experiment).partition("?")
    # A query on the experiment's location stays behind the path.
    return f"{location.rstrip('/')}/{path}/{ROOT}{mark}{query}"


def below(root: str, address: str) -> bool:
    """Whether an address lies at or below another, with all that is encoded in either taken for what it means."""
    root_place, root_parts = _parts(root)
    place, parts = _parts(address)
    return bool(root_parts) and place == root_place and parts[: len(root_parts)] == root_parts


def _parts(address: str) -> tuple[tuple[str, str], list[str]]:
    split = urlsplit(address)
    return (split.scheme.lower(), split.netloc.lower()), [_plain(part) for part in split.path.split("/") if part]


def _plain(text: str) -> str:
    while (decoded := unquote(text)) != text:
        text = decoded
    return text


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
