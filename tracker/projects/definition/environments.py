"""Which environment a project asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tracker.errors import InvalidProject
from tracker.projects.definition import fields

#: Fields, by the kind of environment they ask for.
_FIELDS = {"python_env": "python", "conda_env": "conda", "docker_env": "docker"}
#: What counts when the file names none, the first one that is there.
_DEFAULTS = {"python_env.yaml": "python", "conda.yaml": "conda"}


@dataclass(frozen=True)
class Docker:
    """A container to run in.

    `volumes` are as docker takes them (/host:/container). `environment` holds (name, value) for a new variable, a name
    for one of this machine.
    """

    image: str
    volumes: tuple[str, ...] = ()
    environment: tuple[str | tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Environment:
    """What a project runs in: `kind` is "none", "python" or "conda" (made from `file`), or "docker"."""

    kind: str
    file: Path | None = None
    docker: Docker | None = None


def of_project(told: Mapping[str, Any], folder: Path) -> Environment:
    """The environment that an MLproject file names, else the one whose file lies in the folder.

    Errors: InvalidProject.
    """
    named = [field for field in _FIELDS if field in told]
    if len(named) > 1:
        raise InvalidProject(f"MLproject has {' and '.join(named)}: a project has one environment. Keep one of them.")
    for field in named:
        if told[field]:
            return _named(field, told[field], folder)
    for name, kind in _DEFAULTS.items():
        if (folder / name).exists():
            return Environment(kind, fields.file_in(folder, name, name))
    return Environment("none")


def _named(field: str, value: Any, folder: Path) -> Environment:
    kind = _FIELDS[field]
    if kind == "docker":
        return Environment(kind, docker=_docker(fields.mapping(value, field)))
    return Environment(kind, fields.file_in(folder, fields.text(value, field), field))


def _docker(told: dict[str, Any]) -> Docker:
    image = fields.text(told.get("image") or "", "docker_env: image")
    if not image.strip():
        raise InvalidProject("docker_env has no image. Name one: image: python:3.12-slim.")
    volumes = fields.items(told.get("volumes"), "docker_env: volumes", '["/host:/container"]')
    variables = fields.items(told.get("environment"), "docker_env: environment", '[["NEW", "value"], "COPIED"]')
    return Docker(
        image,
        tuple(fields.text(volume, "docker_env: a line of volumes") for volume in volumes),
        tuple(_variable(variable) for variable in variables),
    )


def _variable(value: Any) -> str | tuple[str, str]:
    if isinstance(value, str):
        return _name(value)
    if isinstance(value, list) and len(value) == 2 and isinstance(value[0], str):
        return _name(value[0]), str(value[1])
    raise InvalidProject(
        f"docker_env: {fields.told(value)} in environment is neither the name of a variable of this machine nor "
        '["NEW", "value"].'
    )


def _name(text: str) -> str:
    if not text or "=" in text or "\0" in text:
        raise InvalidProject(f'docker_env: {text!r} in environment is no name of a variable. Write ["NEW", "value"].')
    return text
