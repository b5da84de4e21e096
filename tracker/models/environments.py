"""What a model needs to be loaded elsewhere: requirements.txt, constraints.txt, conda.yaml, python_env.yaml."""

from __future__ import annotations

import ast
import importlib.metadata
import os
import pickletools
import platform
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tracker import yaml_files
from tracker.errors import InvalidValue

REQUIREMENTS, CONSTRAINTS = "requirements.txt", "constraints.txt"
CONDA, PYTHON = "conda.yaml", "python_env.yaml"
#: This package is no requirement of a model: whoever serves it brings it.
_OURS = "trackerweb"


def write(folder: Path, requirements: list[str]) -> None:
    """Put the files of the environment into a model's folder."""
    lines = _with_constraints(folder, requirements)
    (folder / REQUIREMENTS).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    python, pip = platform.python_version(), _version_of("pip")
    conda = {
        "name": "model-env",
        "channels": ["conda-forge"],
        "dependencies": [f"python={python}", f"pip<={pip}" if pip else "pip", {"pip": lines}],
    }
    build = [f"pip=={pip}" if pip else "pip", "setuptools", "wheel"]
    virtualenv = {"python": python, "build_dependencies": build, "dependencies": [f"-r {REQUIREMENTS}"]}
    for name, content in ((CONDA, conda), (PYTHON, virtualenv)):
        (folder / name).write_text(yaml_files.dumped(content, sort_keys=False), encoding="utf-8")


def lines_of(given: Iterable[str] | str | os.PathLike[str]) -> list[str]:
    """Requirements from a list, or from a file of pip.

    Errors: InvalidValue for a file that is not there.
    """
    if isinstance(given, (str, os.PathLike)):
        file = Path(given)
        if not file.is_file():
            raise InvalidValue(f"requirements={str(given)!r} is no file. Give one, or a list of requirements.")
        given = file.read_text(encoding="utf-8").splitlines()
    lines = [line.strip() for line in given]
    return [line for line in lines if line and not line.startswith("#")]


def pinned(packages: Iterable[str]) -> list[str]:
    """The packages with the versions that are installed here, by name; what is not installed is left out."""
    versions = {name: _version_of(name) for name in sorted(set(packages), key=str.lower) if name != _OURS}
    return [f"{name}=={version}" for name, version in versions.items() if version]


def packages_in_code(file: Path) -> list[str]:
    """The installed packages that a file of Python code imports."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    modules = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            modules.add(node.module)
    return _packages_of(modules)


def packages_in_pickle(file: Path) -> list[str]:
    """The installed packages that a pickle names, found without loading it."""
    with file.open("rb") as content:
        texts = {value for _, value, _ in pickletools.genops(content) if isinstance(value, str)}
    return _packages_of(text for text in texts if text in sys.modules)


def _packages_of(modules: Iterable[str]) -> list[str]:
    roots = {module.partition(".")[0] for module in modules}
    known = importlib.metadata.packages_distributions() if roots - sys.stdlib_module_names else {}
    return sorted({known[root][0] for root in roots if root in known} - {_OURS})


def _version_of(package: str) -> str:
    try:
        # What follows a plus sign names a build, which no index has.
        return importlib.metadata.version(package).partition("+")[0]
    except importlib.metadata.PackageNotFoundError:
        return ""


def _with_constraints(folder: Path, requirements: list[str]) -> list[str]:
    """The requirements, with the files that `-c` names copied into the model as one."""
    files = [line for line in requirements if line.startswith(("-c ", "--constraint "))]
    if not files:
        return requirements
    constraints: list[str] = []
    for line in files:
        constraints += lines_of(Path(line.split(maxsplit=1)[1]))
    (folder / CONSTRAINTS).write_text("".join(f"{line}\n" for line in constraints), encoding="utf-8")
    return [line for line in requirements if line not in files] + [f"-c {CONSTRAINTS}"]


def read_requirements(folder: Path) -> list[str]:
    """The requirements of a model's folder; none where it says nothing."""
    file = folder / REQUIREMENTS
    return lines_of(file) if file.is_file() else []


def python_version(entry: dict[str, Any] | None) -> str | None:
    """The version of Python that a model was saved with, if its python_function flavor says it."""
    told = (entry or {}).get("python_version")
    return None if told is None else str(told)
