"""A model's folder that is about to be loaded: its files, and whether its maker is trusted."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tracker.errors import InvalidModel, UnsafeModel
from tracker.models import mlmodel
from tracker.models.mlmodel import MLModel

#: Of a name in an error.
_MOST_SHOWN = 200


@dataclass(frozen=True)
class SavedModel:
    """A folder with its MLmodel file. `allow_pickle` says that code which came with it may run."""

    folder: Path
    mlmodel: MLModel
    allow_pickle: bool

    @classmethod
    def at(cls, folder: Path, *, allow_pickle: bool) -> SavedModel:
        """The model in a folder.

        Errors: InvalidModel.
        """
        return cls(folder, mlmodel.read(folder), allow_pickle)

    def entry(self, flavor: str) -> dict[str, Any]:
        """What the MLmodel file says of a flavor.

        Errors: InvalidModel.
        """
        if flavor not in self.mlmodel.flavors:
            has = ", ".join(self.mlmodel.flavors)
            raise InvalidModel(f"The model in {self.folder} has no flavor {flavor!r}. It has {has}.")
        return self.mlmodel.flavors[flavor]

    def path(self, relative: Any) -> Path:
        """A file or folder of the model.

        Errors: InvalidModel for one that is not there, or leads out of the model's folder.
        """
        root, name = self.folder.resolve(), str(relative)[:_MOST_SHOWN]
        try:
            place = (root / str(relative)).resolve()
            is_there = place.exists()
        except (OSError, ValueError, RuntimeError):
            # Too long a name, a NUL in it, links in a circle.
            raise InvalidModel(f"{name!r} in {self.folder / 'MLmodel'} is no name of a file.") from None
        if place == root or not place.is_relative_to(root):
            raise InvalidModel(f"{name!r} in {self.folder / 'MLmodel'} leads out of the model's folder.")
        if not is_there:
            raise InvalidModel(f"The model in {self.folder} lacks {name!r}, which its file MLmodel names.")
        return place

    def require_trust(self, what: str) -> None:
        """Go on only if code that came with the model may run.

        Errors: UnsafeModel.
        """
        if not self.allow_pickle:
            raise UnsafeModel(
                f"{what} in {self.folder}: loading it runs code that whoever made the model wrote, with all that you "
                "may do on this machine. If you trust them, say allow_pickle=True (on the command line --allow-pickle)."
            )

    def add_code(self, entry: dict[str, Any]) -> None:
        """Make importable the code that was saved with the model, if there is some.

        Errors: UnsafeModel, InvalidModel.
        """
        if not entry.get("code"):
            return
        folder = self.path(entry["code"])
        if not folder.is_dir():
            raise InvalidModel(
                f"code: {entry['code']!r} of the model in {self.folder} is a file; it has to be a folder."
            )
        if not any(folder.iterdir()):
            return
        self.require_trust(f"The model brings code of its own ({entry['code']}/)")
        if str(folder) not in sys.path:
            sys.path.insert(0, str(folder))
