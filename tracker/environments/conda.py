"""Makes environments by conda, mamba or micromamba, where one is installed: each once, below the user's cache."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from tracker.environments import building, own
from tracker.errors import MissingLibrary
from tracker.notices import say

PROGRAMS = ("conda", "mamba", "micromamba")
#: What each asks for once more otherwise, with nobody there to say yes.
_YES = {"CONDA_ALWAYS_YES": "true", "MAMBA_ALWAYS_YES": "true"}


def program() -> str | None:
    """The program that makes environments, as a path; None where there is none.

    MLFLOW_CONDA_HOME names a folder with `bin/conda` in it, CONDA_EXE and MAMBA_EXE name the program, as conda and
    MLflow have it; MLFLOW_CONDA_CREATE_ENV_CMD says which of PROGRAMS to take.
    """
    home, wanted = os.environ.get("MLFLOW_CONDA_HOME"), os.environ.get("MLFLOW_CONDA_CREATE_ENV_CMD")
    names: tuple[str, ...] = (wanted,) if wanted else PROGRAMS
    if home:
        names = tuple(str(Path(home, "bin", name)) for name in names)
    elif not wanted:
        names = tuple(filter(None, (os.environ.get("CONDA_EXE"), os.environ.get("MAMBA_EXE")))) + names
    return next(filter(None, map(shutil.which, names)), None)


def made(file: Path | None, *, has_ours: bool, depends_on: str = "") -> Path:
    """The folder of the environment of a conda.yaml; without one it holds Python alone. `has_ours`: this package too.

    Errors: MissingLibrary where there is no conda; TrackerError if it fails.
    """
    found = program()
    if found is None:
        raise MissingLibrary(
            f"None of {', '.join(PROGRAMS)} is installed. Install one, or choose --env-manager virtualenv, uv or local."
        )
    content = file.read_text(encoding="utf-8") if file else ""
    told = [Path(found).name, content, own.digest() if has_ours else "", platform.platform(), depends_on]
    folder = building.cache() / f"conda-{hashlib.sha256(json.dumps(told).encode()).hexdigest()[:20]}"
    place = folder / "environment"
    building.once(folder, place, _maker(found, file, place, has_ours, content))
    return place


def _maker(found: str, file: Path | None, place: Path, has_ours: bool, content: str) -> Callable[[], None]:
    def make() -> None:
        say(f"making an environment by {Path(found).name} in {place}, with")
        for line in content.splitlines() or ["python"]:
            say(f"    {line}")
        # What was left half-made: conda refuses a folder that is there.
        shutil.rmtree(place, ignore_errors=True)
        building.run(command(found, file, place), file.parent if file else place.parent, _YES)
        if has_ours:
            _add_ours(place)

    return make


def command(found: str, file: Path | None, place: Path) -> list[str]:
    """The words that make an environment."""
    if file is None:
        only = ["--channel", "conda-forge", "--override-channels"]
        return [found, "create", "--yes", *only, "--prefix", str(place), "python"]
    if Path(found).stem == "micromamba":
        return [found, "create", "--yes", "--prefix", str(place), "--file", str(file)]
    return [found, "env", "create", "--prefix", str(place), "--file", str(file)]


def _add_ours(place: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="tracker-environment-") as name:
        source = own.put_into(Path(name))
        building.run([str(place / "bin/python"), "-m", "pip", "install", str(source)], Path(name))


def variables(place: Path, path: str) -> dict[str, str]:
    """What activating an environment adds to a process whose PATH is `path`; scripts of its packages have a say."""
    told = {
        "PATH": f"{place / 'bin'}{os.pathsep}{path}",
        "CONDA_PREFIX": str(place),
        "CONDA_DEFAULT_ENV": str(place),
        "CONDA_SHLVL": "1",
    }
    scripts = sorted((place / "etc/conda/activate.d").glob("*.sh"))
    return told | (_said(scripts, told) if scripts else {})


def _said(scripts: list[Path], told: dict[str, str]) -> dict[str, str]:
    """What the scripts change, as a shell tells that has read them."""
    read = 'for script in "$@"; do . "$script" >&2; done; env -0'
    words = ["bash", "-c", read, "activate", *map(str, scripts)]
    done = subprocess.run(words, env=os.environ | told, capture_output=True)  # noqa: S603 - those of the environment
    pairs = (line.partition("=")[::2] for line in done.stdout.decode("utf-8", "surrogateescape").split("\0") if line)
    before = os.environ | told
    return {name: value for name, value in pairs if before.get(name) != value and name not in {"_", "SHLVL"}}
