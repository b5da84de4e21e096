"""The file `MLmodel` of a model's folder: which flavors it has, what it takes, where it comes from. YAML.

Files of MLflow 0.4.1 to 3 are read. Keys that nobody here knows are kept as they are.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tracker import yaml_files
from tracker.errors import InvalidModel, InvalidValue
from tracker.models.signature.schema import ModelSignature

FILE_NAME = "MLmodel"
PYTHON_FUNCTION = "python_function"


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
        except (InvalidValue, TypeError, ValueError, AttributeError) as error:
            raise InvalidModel(f"The signature in the file MLmodel can't be read: {error}") from None

    @property
    def metadata(self) -> dict[str, Any]:
        """What its maker noted."""
        return self.fields.get("metadata") or {}

    @property
    def example_info(self) -> dict[str, Any] | None:
        """Where its input example lies, and of which kind it is.

        Errors: InvalidModel.
        """
        told = self.fields.get("saved_input_example_info")
        if told is not None and not isinstance(told, dict):
            raise InvalidModel(f"saved_input_example_info in the file MLmodel is a mapping, not {type(told).__name__}.")
        return told

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
        return yaml_files.dumped(self.fields)

    def write(self, folder: Path) -> None:
        """Put the file into a model's folder, all at once.

        Errors: InvalidValue for what would not be read again, such as metadata that is nested too deeply.
        """
        beside, text = folder / f".{FILE_NAME}.{os.getpid()}", self.text()
        yaml_files.loaded(text, f"{FILE_NAME} with this metadata")
        beside.write_text(text, encoding="utf-8")
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
    if place.stat().st_size > yaml_files.MOST_BYTES:
        raise InvalidModel(f"{place} is too large to be an MLmodel file.")
    return parse(place.read_bytes(), str(place))


def parse(content: bytes, place: str = FILE_NAME) -> MLModel:
    """The content of an MLmodel file. `place` names it in errors.

    Errors: InvalidModel.
    """
    try:
        fields = yaml_files.loaded(content, place)
    except InvalidValue as error:
        raise InvalidModel(str(error)) from None
    flavors = fields.get("flavors") if isinstance(fields, dict) else None
    if not isinstance(flavors, dict) or not all(_is_entry(*each) for each in flavors.items()):
        raise InvalidModel(f"{place} names no flavors, so nothing says how to load the model.")
    return MLModel(fields)


def _is_entry(name: Any, entry: Any) -> bool:
    return isinstance(name, str) and isinstance(entry, dict)
