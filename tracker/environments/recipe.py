"""What an environment is made of, as python_env.yaml, conda.yaml and requirements.txt of models and projects say it."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from tracker import yaml_files
from tracker.environments import plain
from tracker.errors import InvalidModel, InvalidValue, UnsafeModel
from tracker.notices import say, warn

REQUIREMENTS, PYTHON, CONDA = "requirements.txt", "python_env.yaml", "conda.yaml"
_INCLUDE = re.compile(r"(?:(?:-r|-c)[ =]?|(?:--requirement|--constraint)[ =])\s*(.+)")
#: Python between versions of conda.
_RANGE = re.compile(r"(?:.*::)?python\s*([<>!~].*)")
#: Packages of conda that an environment of pip has anyhow, or has from elsewhere.
_OF_CONDA = {"python", "pip", "setuptools", "wheel"}
#: Files may include files, each several times.
_MOST_LINES, _MOST_INCLUDES = 10_000, 20


@dataclass(frozen=True)
class Recipe:
    """What an environment holds.

    `python` is a version (3.11.7, or 3.11), None for the one that runs. `requirements`, `constraints` and `build` (what
    is installed before the rest) are lines of pip. `allows_code` says that what is installed may run code of its maker;
    paths in the lines then begin at `folder`. `has_ours` says that this package goes in too. `depends_on` stands for
    what the lines do not tell: two recipes with different ones make two environments.
    """

    folder: Path
    requirements: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    build: tuple[str, ...] = ()
    python: str | None = None
    allows_code: bool = False
    has_ours: bool = True
    depends_on: str = ""


def of_model(folder: Path, *, allow_pickle: bool = False) -> Recipe:
    """The recipe of a model's folder: its python_env.yaml, else its conda.yaml, else its requirements.txt.

    `allow_pickle` lets it ask for more than packages by name: addresses, paths, an index, packages without a wheel.

    Errors: InvalidModel for files that can't be read, or that lead out of the folder; UnsafeModel for such lines.
    """
    try:
        told = _of_folder(folder)
    except InvalidValue as error:
        raise InvalidModel(str(error)) from None
    odd = plain.others((*told.build, *told.requirements, *told.constraints))
    if odd and not allow_pickle:
        raise UnsafeModel(
            f"The requirements in {folder} hold {odd[0][:200]!r}, which is no name of a package with versions, such as "
            "numpy==2.4.6: installing it may run code of whoever made the model, or come from where they say. If you "
            "trust them, say allow_pickle=True (on the command line --allow-pickle)."
        )
    for line in odd:
        say(f"{line[:200]!r} of the model leads beyond names of packages: it is followed, as --allow-pickle says.")
    return replace(told, allows_code=allow_pickle)


def _of_folder(folder: Path) -> Recipe:
    for name in (PYTHON, CONDA):
        if (folder / name).is_file():
            return of_file(folder / name, is_conda=name == CONDA)
    place = folder / REQUIREMENTS
    return _recipe(folder, [f"-r {REQUIREMENTS}"] if place.is_file() else [])


def of_file(file: Path, folder: Path | None = None, *, is_conda: bool = False) -> Recipe:
    """The recipe in a python_env.yaml or, as it says or shows itself, in a conda.yaml. Files in its lines lie below
    `folder`, unless said beside it.

    Errors: InvalidValue, as of `of_model`.
    """
    told = _yaml(file)
    lines = _list(told, "dependencies", file)
    if is_conda or "channels" in told or any(isinstance(line, dict) for line in lines):
        return _of_conda(file, lines, folder or file.parent)
    build = _texts(told, "build_dependencies", file)
    python = told.get("python") or None
    return _recipe(folder or file.parent, _texts(told, "dependencies", file), build=build, python=python)


def left_to_conda(file: Path) -> list[str]:
    """The packages of a conda.yaml that pip can't install from there.

    Errors: InvalidValue.
    """
    return sorted(_versions(_list(_yaml(file), "dependencies", file)).keys() - _OF_CONDA)


def pip_of_conda(file: Path) -> list[str]:
    """The lines of pip in a conda.yaml, as they stand there.

    Errors: InvalidValue.
    """
    lines = _list(_yaml(file), "dependencies", file)
    return [each for line in lines if isinstance(line, dict) for each in _texts(line, "pip", file)]


def _list(told: dict[str, Any], key: str, file: Path) -> list[Any]:
    lines = told.get(key) or []
    if not isinstance(lines, list):
        raise InvalidValue(f"{key} in {file} are a list, not {type(lines).__name__}.")
    return lines


def _texts(told: dict[str, Any], key: str, file: Path) -> list[str]:
    """Lines of pip. Of what is no text pip would make a name: there is a package called None."""
    lines = _list(told, key, file)
    if odd := [line for line in lines if not isinstance(line, str)]:
        raise InvalidValue(f"{key} in {file} has {str(odd[0])[:80]!r}, which is no line of pip such as numpy==2.4.6.")
    return lines


def _yaml(file: Path) -> dict[str, Any]:
    told = yaml_files.loaded(file.read_bytes(), str(file))
    if not isinstance(told, dict):
        raise InvalidValue(f"{file} holds no keys such as python and dependencies.")
    return told


def _of_conda(file: Path, lines: list[Any], folder: Path) -> Recipe:
    """What pip can install of it."""
    pip = pip_of_conda(file)
    versions = _versions(lines)
    if left := sorted(versions.keys() - _OF_CONDA):
        warn(f"{file} asks conda for {', '.join(left)}, which pip can't install from there: they are left out.")
    _check_range(file, lines)
    return _recipe(folder, pip, python=versions.get("python") or None)


def _check_range(file: Path, lines: list[Any]) -> None:
    """Refuse a range of versions without the Python that runs, which is the one that is taken."""
    for found in filter(None, (_RANGE.fullmatch(line) for line in lines if isinstance(line, str))):
        try:
            is_inside = platform.python_version() in SpecifierSet(found[1])
        except InvalidSpecifier:
            is_inside = False
        if not is_inside:
            raise InvalidValue(
                f"{file} asks for python{found[1]}, and Python {platform.python_version()} runs. Write the version: "
                "python=3.9, say."
            )


def _versions(lines: list[Any]) -> dict[str, str]:
    """What conda is to install: names, and versions or the beginnings of such."""
    named = [str(line) for line in lines if not isinstance(line, dict)]
    parts = [re.match(r"(?:.*::)?([\w.-]+)\s*(?:<?=)*\s*([\w.]*)", line) for line in named]
    # 3.9.* is 3.9.
    return {part[1].lower(): part[2].removesuffix(".") for part in parts if part}


def _recipe(folder: Path, lines: list[str], *, build: list[str] | None = None, python: Any = None) -> Recipe:
    requirements: list[str] = []
    constraints: list[str] = []
    expanded = _expanded(folder, folder, lines, {folder})
    for line, is_constraint in islice(expanded, _MOST_LINES + 1):
        (constraints if is_constraint else requirements).append(line)
    if len(requirements) + len(constraints) > _MOST_LINES:
        raise InvalidValue(f"The requirements in {folder} have more than {_MOST_LINES:,} lines.")
    if python == 3.1 and isinstance(python, float):
        raise InvalidValue(f"python in {folder} is the number 3.1 to YAML. Write it as text: python: '3.10'.")
    if python is not None and not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,4}){0,2}", str(python)):
        raise InvalidValue(f"python: {str(python)[:80]!r} in {folder} is no version such as 3.11.7.")
    first = tuple(_one_line(line, folder) for line in build or [])
    return Recipe(folder, tuple(requirements), tuple(constraints), first, None if python is None else str(python))


def _expanded(root: Path, folder: Path, lines: list[str], seen: set[Path]) -> Iterator[tuple[str, bool]]:
    """Each line, and whether it only constrains; with those of the files that are included in place of their names.

    As for pip, names begin at the folder of the file that has them.
    """
    for line in (_one_line(each.strip(), folder) for each in lines):
        if not line or line.startswith("#"):
            continue
        include = _INCLUDE.fullmatch(line)
        if include is None:
            yield line, False
            continue
        file = _included(root, folder, include[1].strip(), seen)
        is_constraint = line.startswith(("-c", "--constraint"))
        for each, constrains in _expanded(root, file.parent, _lines_of(file), seen | {file}):
            yield each, is_constraint or constrains


def _one_line(line: str, folder: Path) -> str:
    """A line that is none in YAML alone: what follows a break would be a line of its own to pip."""
    if "\0" in line or len(line.splitlines()) > 1:
        raise InvalidValue(f"{line[:200]!r} of the requirements in {folder} is more than one line.")
    return line


def _lines_of(file: Path) -> list[str]:
    if file.stat().st_size > yaml_files.MOST_BYTES:
        raise InvalidValue(f"{file} is too large for a file of requirements.")
    try:
        return file.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise InvalidValue(f"{file} is not UTF-8: {error}.") from None


def _included(top: Path, folder: Path, name: str, seen: set[Path]) -> Path:
    root = top.resolve()
    try:
        file = (folder / name).resolve()
        is_there = file.is_file()
    except (OSError, ValueError):
        raise InvalidValue(f"The requirements in {folder} include {name[:80]!r}, which is no name of a file.") from None
    if not file.is_relative_to(root):
        raise InvalidValue(f"The requirements in {folder} include {name!r}, which leads out of it.")
    if not is_there or file in seen:
        raise InvalidValue(f"The requirements in {folder} include {name!r}, which is not there, or includes itself.")
    if len(seen) > _MOST_INCLUDES:
        raise InvalidValue(f"The requirements in {folder} include files that include files, too often.")
    return file
