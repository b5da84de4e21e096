"""The environment of a rerun: the packages and the Python that were captured, as far as an installer can bring them."""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from os.path import normpath
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from tracker import environments
from tracker.capture import environment as captured
from tracker.environments import Recipe, plain
from tracker.errors import InvalidValue, TrackerError
from tracker.rerunning.layout import Layout
from tracker.rerunning.recorded import Recorded
from tracker.rerunning.restoring import listed

LOCAL = "local"
MANAGERS = (*environments.MANAGERS, LOCAL)
#: What an environment has anyhow, in the version that made it.
_OWN = {"pip", "setuptools", "wheel", "trackerweb"}
_VERSION = re.compile(r"\d+\.\d+(\.\d+)?")
_SCHEMES = {"https", "http", "ssh"}
#: PEP 508. Anything else before an address could be an option of the installer.
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")


@dataclass(frozen=True)
class Surroundings:
    """What to install, which folders to import from, and what can't be had, a sentence each."""

    recipe: Recipe
    paths: tuple[Path, ...]
    missing: tuple[str, ...]


def surroundings_of(recorded: Recorded, layout: Layout, folder: Path, without: Collection[str] = ()) -> Surroundings:
    """What was installed, but for packages that are not wanted (`without`) or that no index has. `folder` is an empty
    one to install from."""
    missing: list[str] = []
    paths: list[Path] = []
    lines: list[str] = []
    left = {_plain(name) for name in without}
    for name, version in recorded.packages.items():
        if _plain(name) in _OWN or _plain(name) in left:
            continue
        origin = recorded.origins.get(name)
        found = _editable(origin, layout) if origin else None
        if found is not None:
            paths += found
            continue
        line, problem = _line(name, version, origin)
        lines += [line] if line else []
        missing += [problem] if problem else []
    missing += [f"Left out, as you said: {listed(sorted(without))}."] if without else []
    python = _VERSION.match(recorded.python)
    recipe = Recipe(folder, tuple(lines), python=python[0] if python else None, allows_code=True)
    return Surroundings(recipe, tuple(paths), tuple(missing))


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _editable(origin: Mapping[str, Any], layout: Layout) -> list[Path] | None:
    """Where modules are imported from of a project that was installed in place and lies in the restored source."""
    place = PurePath(normpath(unquote(_split(str(origin.get("url", ""))).path)))
    if not origin.get("editable") or not layout.old_code or not place.is_relative_to(layout.old_code):
        return None
    root = layout.code / place.relative_to(layout.old_code)
    return [root / "src", root] if (root / "src").is_dir() else [root]


def _line(name: str, version: str, origin: Mapping[str, Any] | None) -> tuple[str, str]:
    """What an installer reads for one package, and what is not as it was."""
    if origin:
        return _line_of_origin(name, version, origin)
    public, plus, _ = version.partition("+")
    line = f"{name}=={public}"
    if not plain.is_plain(line):
        return "", f"The package {name[:80]!r} {version[:40]!r} can't be asked for."
    return line, f"The package {name} {version} is no build of the index: {public} is installed." if plus else ""


def _line_of_origin(name: str, version: str, origin: Mapping[str, Any]) -> tuple[str, str]:
    url, commit = str(origin.get("url", "")), str(origin.get("commit", ""))
    is_safe = _split(url).scheme in _SCHEMES and not re.search(r"\s", url + commit)
    if not is_safe or not _NAME.fullmatch(name):
        return "", f"The package {name[:80]} {version[:40]} came from {url[:200]}, which is not here."
    address = f"{origin['vcs']}+{url}@{commit}" if origin.get("vcs") == "git" and commit else url
    return f"{name} @ {address}", ""


def _split(url: str) -> SplitResult:
    """The parts of an address; empty ones of what is none."""
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


def usual_manager() -> str:
    """What makes environments unless it is said: uv where it is installed, which is faster."""
    has_uv = shutil.which("uv") or Path(sys.executable).with_name("uv").is_file()
    return "uv" if has_uv else "virtualenv"


def made(surroundings: Surroundings, manager: str) -> Path:
    """The Python to run with: of a new environment, or of one that was made of the same before, or this one.

    Errors: InvalidValue for an unknown manager or a Python that is not here; TrackerError when it can't be made.
    """
    if manager not in MANAGERS:
        raise InvalidValue(f"--env-manager {manager!r} is not one of {', '.join(MANAGERS)}.")
    if manager == LOCAL:
        return Path(sys.executable)
    try:
        return environments.made(surroundings.recipe, manager)
    except InvalidValue:
        raise
    except TrackerError as error:
        raise TrackerError(f"{error} A package that can't be had is left out by --without NAME.") from None


def unlike(recorded: Recorded, python: Path, manager: str) -> Iterator[str]:
    """What is not as it was with the Python that runs: its version, the system, and packages where it is this one."""
    version = _version_of(python)
    if recorded.python and recorded.python != version:
        yield f"Python was {recorded.python} and is {version}."
    if recorded.system and recorded.system != platform.platform():
        yield f"The system was {recorded.system} and is {platform.platform()}."
    if manager == LOCAL and recorded.packages:
        here = {_plain(name): version for name, version in captured.packages().items()}
        other = [
            f"{name} {version} (here {here.get(_plain(name), 'none')})"
            for name, version in recorded.packages.items()
            if here.get(_plain(name)) != version
        ]
        if other:
            yield f"Packages are those of this Python; other versions ran then: {listed(other)}."


def _version_of(python: Path) -> str:
    if python == Path(sys.executable):
        return platform.python_version()
    command = [str(python), "-c", "import platform; print(platform.python_version())"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - no shell reads it
    return done.stdout.strip()
