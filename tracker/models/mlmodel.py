"""The file `MLmodel` of a model's folder: which flavors it has, what it takes, where it comes from. YAML.

Files of MLflow 0.4.1 to 3 are read. Keys that nobody here knows are kept as they are.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tracker.errors import InvalidModel, InvalidValue
from tracker.models.signature.schema import ModelSignature

FILE_NAME = "MLmodel"
PYTHON_FUNCTION = "python_function"
MOST_BYTES = 64 * 1024**2


class MLModel:
    """What an MLmodel file says. `fields` are its keys, as they were read."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self.fields = dict(fields)

    @property
    def flavors(self) -> dict[str, dict[str, Any]]:
        """Each way to load it, by name."""
        return self.fields["flavors"]

    @property
    def python_function(self) -> dict[str, Any] | None:
        """How it is loaded to predict, whatever made it; None for one that can't."""
        return self.flavors.get(PYTHON_FUNCTION)

    @property
    def signature(self) -> ModelSignature | None:
        """What it takes and gives.

        Errors: InvalidModel.
        """
        told = self.fields.get("signature")
        if not told:
            return None
        try:
            return ModelSignature.from_dict(told)
        except (InvalidValue, TypeError, AttributeError) as error:
            raise InvalidModel(f"The signature in the file MLmodel can't be read: {error}") from None

    @property
    def metadata(self) -> dict[str, Any]:
        """What its maker noted."""
        return self.fields.get("metadata") or {}

    @property
    def example_info(self) -> dict[str, Any] | None:
        """Where its input example lies, and of which kind it is."""
        return self.fields.get("saved_input_example_info")

    @property
    def model_id(self) -> str | None:
        """Its id on the server, if it was logged: `m-…`."""
        return self.fields.get("model_id")

    @property
    def run_id(self) -> str | None:
        """The run that made it, if any."""
        return self.fields.get("run_id")

    @property
    def utc_time_created(self) -> str | None:
        """When it was saved, as text."""
        told = self.fields.get("utc_time_created")
        return None if told is None else str(told)

    def text(self) -> str:
        """The file's content."""
        import yaml

        return str(yaml.safe_dump(self.fields, sort_keys=True, default_flow_style=False))

    def write(self, folder: Path) -> None:
        """Put the file into a model's folder, all at once."""
        beside = folder / f".{FILE_NAME}.{os.getpid()}"
        beside.write_text(self.text(), encoding="utf-8")
        os.replace(beside, folder / FILE_NAME)


def read(folder: Path) -> MLModel:
    """The MLmodel file of a folder.

    Errors: InvalidModel.
    """
    place = folder / FILE_NAME
    if not place.is_file():
        raise InvalidModel(
            f"{folder} holds no file MLmodel, so it is no model. Give the folder that a model was saved to."
        )
    if place.stat().st_size > MOST_BYTES:
        raise InvalidModel(f"{place} is too large to be an MLmodel file.")
    return parse(place.read_bytes(), str(place))


def parse(content: bytes, place: str = FILE_NAME) -> MLModel:
    """The content of an MLmodel file. `place` names it in errors.

    Errors: InvalidModel.
    """
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        fields = yaml.load(content, Loader=loader)  # noqa: S506 - a safe loader, in C where it is there
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidModel(f"{place} is no YAML: {str(error)[:300]}") from None
    flavors = fields.get("flavors") if isinstance(fields, dict) else None
    if not isinstance(flavors, dict) or not all(isinstance(entry, dict) for entry in flavors.values()):
        raise InvalidModel(f"{place} names no flavors, so nothing says how to load the model.")
    return MLModel(fields)
