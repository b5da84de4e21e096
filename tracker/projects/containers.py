"""Containers for projects: the image, and the words that run something in it, as MLflow has them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tracker.deploying import engine
from tracker.errors import InvalidValue, TrackerError
from tracker.notices import say, warn
from tracker.projects.sources import local

if TYPE_CHECKING:
    from tracker.projects.definition import Docker, Project

#: Where MLflow puts the project in an image.
PLACE = "/mlflow/projects/code/"
_IMAGE = re.compile(r"[\w][\w./:@+-]*", re.ASCII)
_SECRET = re.compile(r"token|secret|passw|credential|api_?key", re.IGNORECASE)
#: What MLflow's shell makes something of in a volume.
_VARIABLE = re.compile(r"\$\(pwd\)|\$(\w+)|\$\{(\w+)\}", re.ASCII)
_REMEDY = "The project runs in a container: start docker or podman, or choose another machine."


@dataclass(frozen=True)
class Container:
    """The words before a command that run it in a container; `end` are those that end it.

    `secrets` are variables that the words name, whose values everybody could read there.
    """

    words: tuple[str, ...]
    end: tuple[str, ...]
    image: str
    id: str
    secrets: dict[str, str]


def made(
    project: Project, variables: Mapping[str, str], docker_args: Mapping[str, str | bool], build_image: bool
) -> Container:
    """Make a project's container ready: bring its image, or build one with the project in it.

    Errors: InvalidValue for names and variables that can't be; TrackerError where no engine answers, or says no.
    """
    docker = project.environment.docker
    if docker is None or not _IMAGE.fullmatch(docker.image):
        raise InvalidValue("docker_env: image is no name of an image, such as python:3.12-slim.")
    if not project.name:
        raise InvalidValue("name: a project with a docker_env has one, for its image. Add it to the file MLproject.")
    if detached := {"d", "detach"} & docker_args.keys():
        raise InvalidValue(f"docker_args: {detached.pop()} leaves the container alone; its run has to see how it ends.")
    docker = replace(docker, volumes=tuple(_volume(each, project.folder) for each in docker.volumes))
    copied = _copied(docker)
    found = engine.answering(_REMEDY)
    _say(docker, variables, docker_args)
    image = _built(project, docker) if build_image else _brought(found, docker.image)
    name = str(docker_args.get("name") or f"tracker-{variables.get('MLFLOW_RUN_ID') or uuid.uuid4().hex}")
    words = words_of(docker, variables, {**docker_args, "name": name}, image)
    say(f"running in a container of {image}")
    secrets = {key: value for key, value in variables.items() if _SECRET.search(key)} | copied
    return Container((found, *words[1:]), (found, "kill", name), image, _id(found, image), secrets)


def words_of(
    docker: Docker, variables: Mapping[str, str], docker_args: Mapping[str, str | bool], image: str
) -> tuple[str, ...]:
    """`docker run … IMAGE`. Secrets, and what is copied from this machine, are left to docker's own environment."""
    words = ["docker", "run", "--rm", *_options(docker_args)]
    for volume in docker.volumes:
        words += ["-v", volume]
    told: dict[str, str | None] = {key: None if _SECRET.search(key) else value for key, value in variables.items()}
    for each in docker.environment:
        told |= {each: None} if isinstance(each, str) else {each[0]: each[1]}
    for key, value in told.items():
        words += ["-e", key if value is None else f"{key}={value}"]
    return (*words, image)


def _options(docker_args: Mapping[str, str | bool]) -> list[str]:
    words: list[str] = []
    for name, value in docker_args.items():
        option = f"-{name}" if len(name) == 1 else f"--{name}"
        if value is True:
            words.append(option)
        elif value is not False:
            words += [option, str(value)]
    return words


def _volume(volume: str, folder: Path) -> str:
    """A volume with the variables of this machine that it names. $PWD, and $(pwd), is the project's folder.

    Errors: InvalidValue for a variable that is not set, or that is called like a secret.
    """
    known = {**os.environ, "PWD": str(folder)}

    def value(found: re.Match[str]) -> str:
        name = found[1] or found[2] or "PWD"
        if name not in known or _SECRET.search(name):
            raise InvalidValue(f"docker_env: {volume!r} in volumes names ${name}, which is not set, or is a secret.")
        return known[name]

    # A path that begins with ~ is one of the user's.
    return os.path.expanduser(_VARIABLE.sub(value, volume))


def _copied(docker: Docker) -> dict[str, str]:
    """The variables of this machine that the project wants."""
    names = [each for each in docker.environment if isinstance(each, str)]
    if missing := [name for name in names if name not in os.environ]:
        raise InvalidValue(
            f"docker_env: the project wants {', '.join(missing)} of this machine's environment. Set them."
        )
    return {name: os.environ[name] for name in names}


def _say(docker: Docker, variables: Mapping[str, str], docker_args: Mapping[str, str | bool]) -> None:
    """What of this machine the project wants, before anything of it runs."""
    for volume in docker.volumes:
        say(f"the project's container gets {volume} of this machine")
    if copied := [each for each in docker.environment if isinstance(each, str)]:
        say(f"the project's container gets the variables {', '.join(copied)} of this machine")
    host = urlsplit(variables.get("MLFLOW_TRACKING_URI", "")).hostname
    if host in {"localhost", "127.0.0.1", "::1"} and not {"network", "net"} & docker_args.keys():
        warn(f"In a container {host} is the container itself: for it to reach the server, say -A network=host.")


def _brought(found: str, image: str) -> str:
    if not _id(found, image):
        say(f"pulling {image}")
        _run([found, "pull", image])
    return image


def _built(project: Project, docker: Docker) -> str:
    """An image with the project in it, named after it and its commit."""
    commit = local.of(project.folder).commit
    image = f"{project.name}:{commit[:7]}" if commit else project.name
    if not _IMAGE.fullmatch(image) or image != image.lower():
        raise InvalidValue(
            f"name: {project.name!r} names an image too: lower-case letters, digits, and . _ - / between."
        )
    with tempfile.TemporaryDirectory(prefix="tracker-image-") as context:
        _copy(project.folder, Path(context, "project"))
        steps = f"FROM {docker.image}\nCOPY project/ {PLACE}\nWORKDIR {PLACE}\n"
        Path(context, "Dockerfile").write_text(steps, encoding="utf-8")
        say(f"building {image} from {docker.image}, with {project.folder} in it")
        engine.build(Path(context), image, _REMEDY)
    return image


def _copy(folder: Path, place: Path) -> None:
    try:
        shutil.copytree(folder, place, symlinks=True)
    except shutil.Error as error:
        raise TrackerError(f"{folder} can't be copied into an image: {error.args[0][0][2]}.") from None
    except OSError as error:
        raise TrackerError(f"{folder} can't be copied into an image: {error.strerror}.") from None


def _id(found: str, image: str) -> str:
    """What an image is known by; nothing where it is not here."""
    words = [found, "image", "inspect", "--format", "{{.Id}}", image]
    done = subprocess.run(words, capture_output=True, text=True)  # noqa: S603 - no shell
    return done.stdout.strip() if done.returncode == 0 else ""


def _run(words: list[str]) -> None:
    done = subprocess.run(words, stdout=sys.__stderr__)  # noqa: S603 - no shell
    if done.returncode:
        raise TrackerError(f"{Path(words[0]).name} {words[1]} ended with {done.returncode}, for the reason above.")
