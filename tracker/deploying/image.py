"""What a container image of a model is made of, as data: a Dockerfile says the steps, a check really goes through them.

Words may hold {root}, the folder that all lies in, {host} and {port}.
"""

from __future__ import annotations

import platform
import re
from dataclasses import dataclass

from tracker.environments import Recipe

ROOT, PORT = "/opt/model-server", 8080
ENVIRONMENT, MODEL, REQUIREMENTS, PACKAGE = "environment", "model", "requirements", "trackerweb"
#: Libraries of the system that packages of Python load and slim images lack.
_SYSTEM = {"lightgbm": "libgomp1"}
_OF_MODEL = re.compile(r"\.{0,2}/|(-f|--find-links)\b|.*\.(whl|tar\.gz|zip)$")


@dataclass(frozen=True)
class Copy:
    """Puts a folder of the context below the root, under the same name."""

    folder: str


@dataclass(frozen=True)
class Run:
    """Runs a program, without a shell. What is `of_system` changes the image's system, which a check leaves alone."""

    words: tuple[str, ...]
    of_system: bool = False


@dataclass(frozen=True)
class Image:
    """The steps from a base image to one that serves; `command` is what it then runs, and `start` where all is run.

    Python reads modules that lie where it is started, and pip and uv read settings there: that is the model's folder
    only where its maker may run code.
    """

    base: str
    python: str
    start: str
    steps: tuple[Copy | Run, ...]
    command: tuple[str, ...]
    port: int = PORT


@dataclass(frozen=True)
class Choices:
    """What the maker of an image may say. `base` is empty for python:…-slim of the model's version."""

    manager: str = "virtualenv"
    base: str = ""
    port: int = PORT
    allow_pickle: bool = False


def of_recipe(recipe: Recipe, package: str, choices: Choices) -> Image:
    """The image of a model whose environment has this recipe. `package` lies below PACKAGE, and is this package."""
    python = ".".join((recipe.python or platform.python_version()).split(".")[:2])
    copies: list[Copy | Run] = [Copy(REQUIREMENTS), Copy(PACKAGE)]
    # Packages come before the model, which changes more often, unless they lie in it.
    if any(_OF_MODEL.match(line) for line in recipe.requirements):
        copies.append(Copy(MODEL))
    steps = [*_system(recipe), *_made(choices.manager, python), *copies]
    steps += _installed(recipe, choices.manager, package)
    if Copy(MODEL) not in steps:
        steps.append(Copy(MODEL))
    base, start = choices.base or f"python:{python}-slim", f"{{root}}/{MODEL}" if recipe.allows_code else "{root}/start"
    return Image(base, python, start, tuple(steps), _command(choices), choices.port)


def _system(recipe: Recipe) -> list[Run]:
    names = {re.split(r"[^\w.-]", line, maxsplit=1)[0].lower() for line in recipe.requirements}
    needed = sorted(library for package, library in _SYSTEM.items() if package in names)
    if not needed:
        return []
    install = f"apt-get install -y --no-install-recommends {' '.join(needed)}"
    script = f"apt-get update && {install} && rm -rf /var/lib/apt/lists/*"
    return [Run(("sh", "-c", script), of_system=True)]


def _made(manager: str, python: str) -> list[Copy | Run]:
    if manager == "virtualenv":
        return [Run(("python", "-m", "venv", f"{{root}}/{ENVIRONMENT}"))]
    return [
        Run(("python", "-m", "venv", "{root}/uv")),
        Run(("{root}/uv/bin/python", "-m", "pip", "install", "uv")),
        Run(("{root}/uv/bin/uv", "venv", "--python", python, f"{{root}}/{ENVIRONMENT}")),
    ]


def _installed(recipe: Recipe, manager: str, package: str) -> list[Run]:
    python = f"{{root}}/{ENVIRONMENT}/bin/python"
    install: tuple[str, ...] = (python, "-m", "pip", "install")
    if manager == "uv":
        install = ("{root}/uv/bin/uv", "pip", "install", "--python", python)
    of_model = (*install, *(() if recipe.allows_code else ("--only-binary", ":all:")))
    steps = [Run((*of_model, "-r", f"{{root}}/{REQUIREMENTS}/build.txt"))] if recipe.build else []
    under = ("-c", f"{{root}}/{REQUIREMENTS}/constraints.txt") if recipe.constraints else ()
    named = ("-r", f"{{root}}/{REQUIREMENTS}/requirements.txt", *under)
    # What the model names is there, as wheels, when this package comes from its source.
    return [
        *steps,
        Run((*of_model, *named)),
        Run((*install, *named, f"trackerweb[serve] @ file://{{root}}/{PACKAGE}/{package}")),
    ]


def _command(choices: Choices) -> tuple[str, ...]:
    words = (f"{{root}}/{ENVIRONMENT}/bin/python", "-m", "tracker", "models", "serve", "-m", f"{{root}}/{MODEL}")
    return (*words, "-h", "{host}", "-p", "{port}", *(["--allow-pickle"] if choices.allow_pickle else []))
