"""Makes environments, by venv and pip or by uv: each once, below the user's cache, named by a hash of what is in it."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from tracker import families
from tracker.environments import own
from tracker.environments.recipe import Recipe
from tracker.errors import InvalidValue, MissingLibrary, TrackerError
from tracker.journal import locks
from tracker.notices import counted, say

MANAGERS = ("virtualenv", "uv")
#: The oldest Python that this package, which goes into each environment, runs on.
_OLDEST = (3, 10)


def made(recipe: Recipe, manager: str, *, extra: str = "") -> Path:
    """The Python of the environment of a recipe, with this package (and what `extra` of it needs) in it if it says so.

    What will be installed is said first; what pip or uv say goes to standard error. Two processes make it once.

    Errors: InvalidValue for an unknown manager, or a Python that is not here; TrackerError if the installation fails.
    """
    if manager not in MANAGERS:
        raise InvalidValue(f"{manager!r} makes no environments. Choose {' or '.join(MANAGERS)}.")
    folder = cache() / _key(recipe, manager, extra)

    def make() -> None:
        _say(recipe, manager, folder)
        _make(recipe, manager, extra, folder)

    once(folder, _python_in(folder), make)
    return _python_in(folder)


def once(folder: Path, made: Path, make: Callable[[], None]) -> None:
    """Make what lies in a folder of the cache, unless it was made whole before and `made` is still there; other
    processes wait meanwhile.

    Errors: TrackerError where the cache can't be written.
    """
    complete = folder / "complete"
    lock = _locked(folder)
    try:
        # An environment's Python is a link, whose other end may have been removed since.
        if not (complete.is_file() and made.exists()):
            make()
            complete.touch()
    finally:
        if lock is not None:
            os.close(lock)


def _locked(folder: Path) -> int | None:
    place = folder.with_suffix(".lock")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        place.touch()
        lock = locks.take(place)
        if lock is None:
            say(f"another process makes the environment {folder}: waiting for it")
            lock = locks.take(place, wait=True)
    except OSError as error:
        raise TrackerError(
            f"The environment can't be made in {folder}: {error.strerror}. XDG_CACHE_HOME names another folder for it."
        ) from None
    return lock


def cache() -> Path:
    """The user's folder of environments."""
    from platformdirs import user_cache_path

    return user_cache_path("trackerweb", appauthor=False) / "environments"


def _key(recipe: Recipe, manager: str, extra: str) -> str:
    told = [
        manager, extra, own.digest() if recipe.has_ours else "", platform.platform(),
        recipe.python or platform.python_version(), recipe.requirements, recipe.constraints, recipe.build,
        recipe.allows_code, recipe.depends_on,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:20]


def _python_in(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _say(recipe: Recipe, manager: str, folder: Path) -> None:
    say(f"making an environment by {manager} in {folder}, Python {recipe.python or platform.python_version()}, with")
    for line in (*recipe.build, *recipe.requirements):
        say(f"    {line}")
    if recipe.has_ours:
        say("    trackerweb, as it is here")
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
        python, install = _empty(recipe, manager, folder, empty)
        ours = _ours(python, manager, extra, beside) if recipe.has_ours else []
        install += [] if recipe.allows_code else ["--only-binary", ":all:"]
        if recipe.build:
            _install([*install, *_file("-r", beside / "build.txt", recipe.build)], start, recipe)
        if not (recipe.requirements or ours):
            return
        # First, so that a line that asks for trackerweb by name, which no index has, is content with it.
        words = _file("-r", beside / "requirements.txt", (*ours, *recipe.requirements))
        words += _file("-c", beside / "constraints.txt", recipe.constraints) if recipe.constraints else []
        _install([*install, *words], start, recipe)


def _empty(recipe: Recipe, manager: str, folder: Path, start: Path) -> tuple[Path, list[str]]:
    """An environment with nothing in it: its Python, and what installs there."""
    python = _python_in(folder)
    if manager == "uv":
        run([uv(), "venv", "--quiet", "--clear", "--python", _minor(recipe), str(folder)], start)
        return python, [uv(), "pip", "install", "--python", str(python)]
    run([_python_of(recipe), "-m", "venv", "--clear", str(folder)], start)
    return python, [*_pip(python), "install"]


def _ours(python: Path, manager: str, extra: str, beside: Path) -> list[str]:
    """The line of requirements for a wheel of this package, built with nothing of the model or project."""
    wheels = beside / "wheels"
    build = [*_pip(python), "wheel", "--quiet", "--no-deps", "--wheel-dir", str(wheels)]
    if manager == "uv":
        build = [uv(), "build", "--quiet", "--wheel", "--python", str(python), "--out-dir", str(wheels)]
    source = own.put_into(beside)
    if source.is_dir():
        run([*build, str(source)], beside / "empty")
        (source,) = wheels.glob("trackerweb-*.whl")
    return [f"trackerweb[{extra}] @ {source.as_uri()}" if extra else f"trackerweb @ {source.as_uri()}"]


def _pip(python: Path) -> list[str]:
    return [str(python), "-m", "pip", "--disable-pip-version-check"]


def _file(option: str, place: Path, lines: Sequence[str]) -> list[str]:
    place.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return [option, str(place)]


def _install(command: list[str], start: Path, recipe: Recipe) -> None:
    try:
        run(command, start)
    except TrackerError as error:
        if recipe.allows_code:
            raise
        raise TrackerError(
            f"{error} Only wheels are installed, since other packages run code of their makers: if one above has none "
            "and you trust the model, say --allow-pickle."
        ) from None


def run(command: list[str], start: Path, variables: Mapping[str, str] = MappingProxyType({})) -> None:
    """Run a program that makes environments, with more variables; what it says goes to standard error.

    Errors: TrackerError when it fails.
    """
    # What this Python was told to import is not for that one.
    clean = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PYTHONHOME"}}
    sys.stderr.flush()
    status = families.run(command, start, clean | dict(variables), sys.__stderr__)
    if status:
        raise TrackerError(
            f"The environment could not be made: {Path(command[0]).name} ended with {status}, for the reason above. "
            "This Python may do as well: --env-manager local."
        )


def uv() -> str:
    """The program uv.

    Errors: MissingLibrary.
    """
    beside = Path(sys.executable).with_name("uv")
    found = shutil.which("uv") or (str(beside) if beside.is_file() else None)
    if found is None:
        raise MissingLibrary("uv is not installed: pip install uv, or choose --env-manager virtualenv.")
    return found


def _minor(recipe: Recipe) -> str:
    """The first two numbers of a version: 3.11 does what 3.11.7 did.

    Errors: InvalidValue for one that this package does not run on, where it has to.
    """
    parts = (recipe.python or platform.python_version()).split(".")[:2]
    if recipe.has_ours and tuple(map(int, parts)) < _OLDEST[: len(parts)]:
        raise InvalidValue(
            f"Python {recipe.python} is asked for; Trackerweb, which goes into the environment, needs "
            f"{_OLDEST[0]}.{_OLDEST[1]} or newer. Try --env-manager local."
        )
    return ".".join(parts)


def _python_of(recipe: Recipe) -> str:
    """An interpreter of a version: the one that runs, one of pyenv, or one on the path."""
    wanted = _minor(recipe)
    if platform.python_version().startswith(f"{wanted}.") or wanted == "3":
        return sys.executable
    of_pyenv = sorted(Path.home().glob(f".pyenv/versions/{wanted}.*/bin/python"))
    found = str(of_pyenv[-1]) if of_pyenv else shutil.which(f"python{wanted}")
    if found is None:
        raise InvalidValue(
            f"Python {wanted} is asked for and not here. Install it, or choose --env-manager uv, which fetches it."
        )
    return found
