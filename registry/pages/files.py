"""The files of a model as a list, each with the address that downloads it."""

from dataclasses import dataclass
from urllib.parse import quote

from registry.models import LoggedModel
from registry.places import Place
from runs.artifacts import store
from runs.models import Run

MOST = 500


@dataclass(frozen=True)
class FileLine:
    """A file: its path within the model, its bytes, and where it is to be had."""

    path: str
    size: int
    address: str


def files_at(place: Place) -> list[FileLine]:
    """The files at or below a place, by path."""
    root = f"{place.path}/" if place.path else ""
    chosen = store.in_folder(place.owner.artifacts.all(), place.path).select_related("blob").order_by("path")[:MOST]
    base = _address(place)
    return [FileLine(file.path.removeprefix(root), file.blob.size, f"{base}{quote(file.path)}") for file in chosen]


def _address(place: Place) -> str:
    owner = place.owner
    if isinstance(owner, LoggedModel):
        return f"/api/v1/models/{owner.model_id}/artifacts/"
    assert isinstance(owner, Run)
    return f"/api/v1/runs/{owner.run_id}/artifacts/"
