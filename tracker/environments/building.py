"""Makes environments, by venv and pip or by uv: each once, below the user's cache, named by a hash of what is in it."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tracker.environments import own
from tracker.environments.recipe import Recipe
from tracker.errors import InvalidValue, MissingLibrary, TrackerError
from tracker.journal import locks
from tracker.notices import counted, say

MANAGERS = ("virtualenv", "uv")
#: The oldest Python that this package, which goes into each environment, runs on.
_OLDEST = (3, 10)


def made(recipe: Recipe, manager: str, *, extra: str = "") -> Path:
    """The Python of the environment of a recipe, with this package (and what `extra` of it needs) in it.

    What will be installed is said first; what pip or uv say goes to standard error. Two processes make it once.

    Errors: InvalidValue for an unknown manager, or a Python that is not here; TrackerError if the installation fails.
    """
    if manager not in MANAGERS:
        raise InvalidValue(f"{manager!r} makes no environments. Choose {' or '.join(MANAGERS)}.")
    folder = _cache() / _key(recipe, manager, extra)
    python, complete = _python_in(folder), folder / "complete"
    folder.mkdir(parents=True, exist_ok=True)
    place = folder.with_suffix(".lock")
    place.touch()
    lock = locks.take(place, wait=True)
    try:
        if not complete.is_file():
            _say(recipe, manager, folder)
            _make(recipe, manager, extra, folder)
            complete.touch()
    finally:
        if lock is not None:
            os.close(lock)
    return python


def _cache() -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("trackerweb", appauthor=False) / "environments"


def _key(recipe: Recipe, manager: str, extra: str) -> str:
    told = [
        manager, extra, own.digest(), platform.platform(), recipe.python or platform.python_version(),
        recipe.requirements, recipe.constraints, recipe.build, recipe.allows_code,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:20]


def _python_in(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _say(recipe: Recipe, manager: str, folder: Path) -> None:
    say(f"making an environment by {manager} in {folder}, Python {recipe.python or platform.python_version()}, with")
    for line in (*recipe.build, *recipe.requirements):
        say(f"    {line}")
    if recipe.constraints:
        say(f"    under {counted(len(recipe.constraints), 'constraint')}")


def _make(recipe: Recipe, manager: str, extra: str, folder: Path) -> None:
    """Make it in place, since an environment can't be moved. What was left half-made is made anew."""
    with tempfile.TemporaryDirectory(prefix="tracker-environment-") as name:
        beside = Path(name)
        empty = beside / "empty"
        empty.mkdir()
        # Python and uv read what lies where they are started: modules such as pip.py, and settings.
        start = recipe.folder if recipe.allows_code else empty
        wheel, install = _with_ours(recipe, manager, folder, beside)
        install += [] if recipe.allows_code else ["--only-binary", ":all:"]
        if recipe.build:
            _install([*install, *_file("-r", beside / "build.txt", recipe.build)], start, recipe)
        ours = f"trackerweb[{extra}] @ {wheel.as_uri()}" if extra else f"trackerweb @ {wheel.as_uri()}"
        words = _file("-r", beside / "requirements.txt", (*recipe.requirements, ours))
        words += _file("-c", beside / "constraints.txt", recipe.constraints) if recipe.constraints else []
        _install([*install, *words], start, recipe)


def _with_ours(recipe: Recipe, manager: str, folder: Path, beside: Path) -> tuple[Path, list[str]]:
    """An empty environment: a wheel of this package, built with nothing of the model, and what installs there."""
    python, start, wheels = _python_in(folder), beside / "empty", beside / "wheels"
    if manager == "uv":
        uv = _uv()
        _run([uv, "venv", "--quiet", "--clear", "--python", _minor(recipe.python), str(folder)], start)
        build = [uv, "build", "--quiet", "--wheel", "--python", str(python), "--out-dir", str(wheels)]
        install = [uv, "pip", "install", "--python", str(python)]
    else:
        _run([_python_of(recipe.python), "-m", "venv", "--clear", str(folder)], start)
        pip = [str(python), "-m", "pip", "--disable-pip-version-check"]
        build = [*pip, "wheel", "--quiet", "--no-deps", "--wheel-dir", str(wheels)]
        install = [*pip, "install"]
    source = own.put_into(beside)
    if source.is_dir():
        _run([*build, str(source)], start)
        (source,) = wheels.glob("trackerweb-*.whl")
    return source, install


def _file(option: str, place: Path, lines: Sequence[str]) -> list[str]:
    place.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return [option, str(place)]


def _install(command: list[str], start: Path, recipe: Recipe) -> None:
    try:
        _run(command, start)
    except TrackerError as error:
        if recipe.allows_code:
            raise
        raise TrackerError(
            f"{error} Only wheels are installed, since other packages run code of their makers: if one above has none "
            "and you trust the model, say --allow-pickle."
        ) from None


def _run(command: list[str], start: Path) -> None:
    # What this Python was told to import is not for that one.
    clean = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PYTHONHOME"}}
    sys.stderr.flush()
    done = subprocess.run(command, cwd=start, env=clean, stdout=sys.__stderr__)  # noqa: S603 - no shell reads it
    if done.returncode:
        raise TrackerError(
            f"The environment could not be made: {Path(command[0]).name} ended with {done.returncode}, for the reason "
            "above. The model may still load in this Python: --env-manager local."
        )


def _uv() -> str:
    beside = Path(sys.executable).with_name("uv")
    found = shutil.which("uv") or (str(beside) if beside.is_file() else None)
    if found is None:
        raise MissingLibrary("uv is not installed: pip install uv, or choose --env-manager virtualenv.")
    return found


def _minor(version: str | None) -> str:
    """The first two numbers of a version: 3.11 does what 3.11.7 did.

    Errors: InvalidValue for one that this package does not run on.
    """
    parts = (version or platform.python_version()).split(".")[:2]
    if tuple(map(int, parts)) < _OLDEST[: len(parts)]:
        raise InvalidValue(
            f"Python {version} is asked for; Trackerweb, which goes into the environment, needs "
            f"{_OLDEST[0]}.{_OLDEST[1]} or newer. Try --env-manager local."
        )
    return ".".join(parts)


def _python_of(version: str | None) -> str:
    """An interpreter of a version: the one that runs, one of pyenv, or one on the path."""
    wanted = _minor(version)
    if platform.python_version().startswith(f"{wanted}.") or wanted == "3":
        return sys.executable
    of_pyenv = sorted(Path.home().glob(f".pyenv/versions/{wanted}.*/bin/python"))
    found = str(of_pyenv[-1]) if of_pyenv else shutil.which(f"python{wanted}")
    if found is None:
        raise InvalidValue(
            f"Python {wanted} is asked for and not here. Install it, or choose --env-manager uv, which fetches it."
        )
    return found
