"""A project: a folder, and what its MLproject file says about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tracker import yaml_files
from tracker.errors import InvalidProject, InvalidValue
from tracker.projects.definition import entry_points, environments, fields, scripts
from tracker.projects.definition.entry_points import EntryPoint
from tracker.projects.definition.environments import Environment

FILE_NAME = "MLproject"


@dataclass(frozen=True)
class Project:
    """A folder of code, its name ("" for none), what it runs in, and what of it can be run."""

    folder: Path
    name: str
    environment: Environment
    entry_points: Mapping[str, EntryPoint]

    def entry_point(self, name: str) -> EntryPoint:
        """The entry point of this name: one that is listed, or a script of the folder (x.py, x.sh, x.R).

        Errors: InvalidProject, which names those that are listed.
        """
        listed = self.entry_points.get(name)
        if listed is None and scripts.is_script(name):
            return scripts.entry_point(name, self.folder)
        if listed is None:
            known = ", ".join(map(repr, self.entry_points)) or f"none: a file {FILE_NAME} in it does"
            raise InvalidProject(
                f"The project in {self.folder} has no entry point {name!r}. It lists {known}; a script of its folder "
                f"can be named too ({', '.join(scripts.ENDINGS)})."
            )
        return listed


def load(folder: Path) -> Project:
    """The project in a folder, with an MLproject file (whatever the case of its name) or without.

    Errors: InvalidProject.
    """
    folder = folder.absolute()
    told = _told(folder)
    if told.get("databricks_spark_job") is not None:
        raise InvalidProject(
            "MLproject has databricks_spark_job, which runs on Databricks alone. Run it there by mlflow, or give the "
            "project entry_points instead."
        )
    listed = fields.mapping(told.get("entry_points", {}), "entry_points")
    return Project(
        folder,
        _name(told.get("name")),
        environments.of_project(told, folder),
        {name: entry_points.read(name, entry) for name, entry in listed.items()},
    )


def _told(folder: Path) -> dict[str, Any]:
    """What the file says; nothing where there is none."""
    file = _file(folder)
    if file is None:
        return {}
    try:
        told = yaml_files.loaded(file.read_bytes(), str(file))
    except (InvalidValue, OSError) as error:
        raise InvalidProject(str(error)) from None
    return fields.mapping(told, str(file))


def _file(folder: Path) -> Path | None:
    try:
        names = sorted(entry.name for entry in folder.iterdir() if entry.name.lower() == FILE_NAME.lower())
    except OSError as error:
        raise InvalidProject(f"{folder} is no folder that can be read: {error.strerror}.") from None
    # Where several differ in case alone, the name that is documented counts.
    return fields.file_in(folder, min(names, key=lambda name: name != FILE_NAME), FILE_NAME) if names else None


def _name(value: Any) -> str:
    if isinstance(value, dict | list):
        raise InvalidProject(f"name is {fields.told(value)}; it has to be a text.")
    return "" if value is None else str(value)
