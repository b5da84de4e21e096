"""What an environment is made of, as python_env.yaml, conda.yaml and requirements.txt of models and projects say it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tracker.errors import InvalidValue
from tracker.notices import warn

REQUIREMENTS, PYTHON, CONDA = "requirements.txt", "python_env.yaml", "conda.yaml"
_INCLUDE = re.compile(r"(?:-r|--requirement|-c|--constraint)[ =]\s*(.+)")
#: Packages of conda that an environment of pip has anyhow, or has from elsewhere.
_OF_CONDA = {"python", "pip", "setuptools", "wheel"}


@dataclass(frozen=True)
class Recipe:
    """What an environment holds.

    `python` is a version (3.11.7, or 3.11), None for the one that runs. `requirements`, `constraints` and `build` (what
    is installed before the rest) are lines of pip; paths in them begin at `folder`.
    """

    folder: Path
    requirements: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    build: tuple[str, ...] = ()
    python: str | None = None


def of_model(folder: Path) -> Recipe:
    """The recipe of a model's folder: its python_env.yaml, else its conda.yaml, else its requirements.txt.

    Errors: InvalidValue for files that can't be read, or that lead out of the folder.
    """
    for name in (PYTHON, CONDA):
        if (folder / name).is_file():
            return of_file(folder / name)
    place = folder / REQUIREMENTS
    return _recipe(folder, [f"-r {REQUIREMENTS}"] if place.is_file() else [])


def of_file(file: Path) -> Recipe:
    """The recipe in a python_env.yaml or a conda.yaml.

    Errors: InvalidValue, as of `of_model`.
    """
    told = _yaml(file)
    lines = told.get("dependencies") or []
    if not isinstance(lines, list):
        raise InvalidValue(f"dependencies in {file} are a list, not {type(lines).__name__}.")
    if "channels" in told or any(isinstance(line, dict) for line in lines):
        return _of_conda(file.parent, lines)
    return _recipe(file.parent, lines, build=told.get("build_dependencies") or [], python=told.get("python"))


def _yaml(file: Path) -> dict[str, Any]:
    import yaml

    try:
        told = yaml.safe_load(file.read_bytes())
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidValue(f"{file} is no YAML: {str(error)[:300]}") from None
    if not isinstance(told, dict):
        raise InvalidValue(f"{file} holds no keys such as python and dependencies.")
    return told


def _of_conda(folder: Path, lines: list[Any]) -> Recipe:
    """What pip can install of it."""
    pip = [each for line in lines if isinstance(line, dict) for each in line.get("pip") or []]
    named = [str(line) for line in lines if not isinstance(line, dict)]
    parts = [re.match(r"(?:.*::)?([\w.-]+)\s*=*\s*([\w.]*)", line) for line in named]
    versions = {part[1].lower(): part[2] for part in parts if part}
    if left := sorted(versions.keys() - _OF_CONDA):
        warn(
            f"{folder / CONDA} asks conda for {', '.join(left)}, which pip can't install from there: they are left out."
        )
    return _recipe(folder, pip, python=versions.get("python") or None)


def _recipe(folder: Path, lines: list[Any], *, build: list[Any] | None = None, python: Any = None) -> Recipe:
    requirements: list[str] = []
    constraints: list[str] = []
    for line, is_constraint in _expanded(folder, [str(line) for line in lines], {folder}):
        (constraints if is_constraint else requirements).append(line)
    if python is not None and not re.fullmatch(r"\d+(\.\d+){0,2}", str(python)):
        raise InvalidValue(f"python: {str(python)[:80]!r} in {folder} is no version such as 3.11.7.")
    first = tuple(str(line) for line in build or [])
    return Recipe(folder, tuple(requirements), tuple(constraints), first, None if python is None else str(python))


def _expanded(folder: Path, lines: list[str], seen: set[Path]) -> Iterator[tuple[str, bool]]:
    """Each line, and whether it only constrains; with those of the files that are included in place of their names."""
    for line in (each.strip() for each in lines):
        if not line or line.startswith("#"):
            continue
        include = _INCLUDE.fullmatch(line)
        if include is None:
            yield line, False
            continue
        file = _included(folder, include[1].strip(), seen)
        is_constraint = line.startswith(("-c", "--constraint"))
        for each, constrains in _expanded(folder, file.read_text(encoding="utf-8").splitlines(), seen | {file}):
            yield each, is_constraint or constrains


def _included(folder: Path, name: str, seen: set[Path]) -> Path:
    root = folder.resolve()
    file = (root / name).resolve()
    if "\0" in name or not file.is_relative_to(root):
        raise InvalidValue(f"The requirements in {folder} include {name!r}, which leads out of it.")
    if not file.is_file() or file in seen:
        raise InvalidValue(f"The requirements in {folder} include {name!r}, which is not there, or includes itself.")
    return file
