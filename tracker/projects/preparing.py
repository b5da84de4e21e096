"""Makes what a project runs in: nothing, an environment of its own, or a container."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tracker import environments
from tracker.environments import Recipe, conda, plain
from tracker.errors import InvalidValue
from tracker.notices import say, warn
from tracker.projects import containers, files, sources

if TYPE_CHECKING:
    from tracker.projects.definition import Project

MANAGERS = ("local", "virtualenv", "uv", "conda")
#: What MLflow takes unless it is said.
_DEFAULTS = {"python": "virtualenv", "conda": "conda"}
#: Addresses of servers, among lines of pip that are more than names of packages.
_ELSEWHERE = re.compile(r"(?:https?|ssh|git\+[a-z]+)://")
_EDITABLE = re.compile(r"(?:-e|--editable)[ =]\s*")
_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Prepared:
    """What a project runs in. `kind` is mlflow.project.env as MLflow writes it; for "local" MLflow writes none.

    `python` is the environment's interpreter, None in a container. `variables` are added to those of the process, and
    `prefix` are the words before `bash -c LINE`. `image` and `image_id` are a container's; `end` is the command that
    ends it, where ending the process that started it does not.
    """

    kind: str
    python: Path | None = None
    variables: dict[str, str] = field(default_factory=dict)
    prefix: tuple[str, ...] = ()
    image: str = ""
    image_id: str = ""
    end: tuple[str, ...] = ()


def prepared(
    project: Project,
    manager: str | None,
    variables: Mapping[str, str] = _NOTHING,
    *,
    docker_args: Mapping[str, str | bool] = _NOTHING,
    build_image: bool = False,
) -> Prepared:
    """Make what a project runs in, unless it is there already; what is installed or built is said first.

    `manager` is one of MANAGERS, None for what the project asks for; a container is one whatever it says. `variables`
    are the run's, which a container is told. `docker_args` are options of `docker run`: a name and a value, or True.

    Errors: InvalidValue; MissingLibrary for a program that is not here; TrackerError when something fails.
    """
    kind = project.environment.kind
    manager = manager or _DEFAULTS.get(kind, "local")
    if manager not in MANAGERS:
        raise InvalidValue(f"env_manager: {manager!r} is none of {', '.join(MANAGERS)}.")
    if kind == "docker":
        container = containers.made(project, variables, docker_args, build_image)
        return Prepared(
            "docker", None, container.secrets, container.words, container.image, container.id, container.end
        )
    if kind == "python" and manager == "conda":
        raise InvalidValue("env_manager: conda makes nothing of a python_env.yaml. Choose virtualenv, uv or local.")
    if manager == "local":
        python = shutil.which("python")
        return Prepared("local", Path(python) if python else None)
    if manager == "conda" and (conda.program() or kind != "conda" or _needs_conda(project.environment.file)):
        return _of_conda(project)
    return _of_pip(project, "virtualenv" if manager == "conda" else manager)


def _needs_conda(file: Path | None) -> bool:
    """Whether a conda.yaml asks for more than Python and what pip installs."""
    if file is None or environments.left_to_conda(file):
        return True
    warn(f"conda is not installed; {file} asks only for Python and what pip installs, so virtualenv makes it.")
    return False


def _of_conda(project: Project) -> Prepared:
    file = project.environment.file
    lines = environments.pip_of_conda(file) if file else []
    depends_on = _depends_on(project.folder, lines) if _leads_into(lines) else ""
    place = conda.made(file, has_ours=files.import_ours(project.folder), depends_on=depends_on)
    told = conda.variables(place, os.environ.get("PATH", os.defpath))
    return Prepared("conda", place / "bin/python", told)


def _of_pip(project: Project, manager: str) -> Prepared:
    python = environments.made(_recipe(project), manager)
    told = {
        "PATH": f"{python.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "VIRTUAL_ENV": str(python.parent.parent),
    }
    # It would lead the environment's Python to the library of another.
    return Prepared(manager, python, told | ({"PYTHONHOME": ""} if os.environ.get("PYTHONHOME") else {}))


def _recipe(project: Project) -> Recipe:
    file = project.environment.file
    is_conda = project.environment.kind == "conda"
    recipe = environments.of_file(file, project.folder, is_conda=is_conda) if file else Recipe(project.folder)
    # A project is code that its user chose to run, so what it asks for may be such too.
    recipe = replace(recipe, allows_code=True, has_ours=files.import_ours(project.folder))
    odd = plain.others((*recipe.build, *recipe.requirements, *recipe.constraints))
    for line in odd:
        say(f"{line[:200]!r} of the project leads beyond names of packages: installing it may run code from there.")
    return _with_folder(recipe) if _leads_into(odd) else recipe


def _with_folder(recipe: Recipe) -> Recipe:
    """A recipe whose lines name what lies in the project's folder: other files, other environment."""
    if sources.is_copy(recipe.folder):
        # Nobody edits a copy, and another one of the same commit can share the environment.
        recipe = replace(recipe, requirements=tuple(_EDITABLE.sub("", line) for line in recipe.requirements))
    return replace(recipe, depends_on=_depends_on(recipe.folder, recipe.requirements))


def _depends_on(folder: Path, lines: Iterable[str]) -> str:
    """What an environment depends on when lines name files: their content, and where they lie if they stay linked."""
    is_linked = any(_EDITABLE.match(line) for line in lines)
    return f"{folder if is_linked else ''} {files.digest(folder)}"


def _leads_into(lines: Iterable[str]) -> bool:
    """Whether lines name files or folders, which are the project's."""
    return any(not _ELSEWHERE.search(line) for line in plain.others(lines))
