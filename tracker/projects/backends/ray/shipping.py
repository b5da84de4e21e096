"""What goes to a Ray cluster: the command, the project's folder, its environment, and this package."""

from __future__ import annotations

import ipaddress
import os
import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tracker import yaml_files
from tracker.environments import own, recipe
from tracker.errors import InvalidValue
from tracker.notices import say
from tracker.projects.backends import Job
from tracker.projects.backends.ray.options import Options
from tracker.projects.definition import Environment, Project

#: What this package imports, as pyproject.toml says: environments that Ray makes get it, for code that logs with it.
NEEDS = ("click>=8.1", "packaging>=23", "platformdirs>=3", "psutil>=5.9", "PyYAML>=6", "urllib3>=2.2")
#: Left at home besides what .gitignore and .rayignore name.
EXCLUDES = (".git", ".venv", "__pycache__")
_ADDRESSES = ("TRACKER_URI", "MLFLOW_TRACKING_URI")
#: Who one is to the tracking server: a local command inherits it, a worker does not.
_CREDENTIALS = (
    "TRACKER_TOKEN", "MLFLOW_TRACKING_TOKEN", "MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD",
)  # fmt: skip


def entry_point(command: str, folder: Path) -> str:
    """The command as Ray's shell gets it: bash reads it once, as it does here.

    Paths below the project's folder become relative: on the cluster its copy is the working directory.
    """
    here = re.compile(rf"(?<![\w./:-]){re.escape(str(folder))}(?=/|['\"\s]|$)")
    return f"exec bash -c {shlex.quote(here.sub('.', command))}"


def runtime_env(job: Job, options: Options) -> dict[str, Any]:
    """Ray's description of where the job runs.

    Errors: InvalidValue for environments that Ray can't make; InvalidProject for a file that can't be read.
    """
    theirs = dict(options.runtime_env)
    variables = _variables(job, options) | theirs.pop("env_vars", {})
    if "image_uri" in theirs:
        return {**theirs, "env_vars": variables}
    modules = [str(own.PACKAGE), *theirs.pop("py_modules", [])]
    excludes = [*EXCLUDES, *theirs.pop("excludes", [])]
    made = {"working_dir": str(job.project.folder), **_installed(job.project, job.manager)}
    return made | theirs | {"py_modules": modules, "excludes": excludes, "env_vars": variables}


def kind(job: Job) -> str:
    """The environment in MLflow's words."""
    return "local" if job.project.environment.kind == "none" else job.manager


def check_reach(variables: Mapping[str, str], options: Options, address: str) -> None:
    """Refuse a tracking address that means another machine to the job than it does here.

    Errors: InvalidValue.
    """
    uri = next((variables[name] for name in _ADDRESSES if variables.get(name)), "")
    if options.tracking_uri is None and _is_loopback(uri) and not _is_loopback(address):
        raise InvalidValue(
            f"The job would log to {uri}, which on the machines of {address} is another one. Say where they reach the "
            'tracking server: --backend-config \'{"tracking_uri": "http://HOST:8000"}\'.'
        )


def _is_loopback(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _variables(job: Job, options: Options) -> dict[str, str]:
    known = {name: os.environ[name] for name in _CREDENTIALS if os.environ.get(name)}
    addresses = dict.fromkeys(_ADDRESSES, options.tracking_uri) if options.tracking_uri else {}
    return {"PYTHONUNBUFFERED": "1"} | known | dict(job.variables) | addresses


def _installed(project: Project, manager: str) -> dict[str, Any]:
    """The keys of a runtime environment that install what the project asks for."""
    environment = project.environment
    if environment.kind == "docker":
        raise InvalidValue(
            "The project asks for docker_env, and Ray gives a container no working directory. Put the project into the "
            'image and say --backend-config \'{"runtime_env": {"image_uri": "IMAGE"}}\', or use --backend local.'
        )
    if manager == "local" or environment.file is None:
        return {}
    if manager == "conda":
        return {"conda": _of_conda(environment)}
    told = recipe.of_file(environment.file, project.folder, is_conda=environment.kind == "conda")
    if told.constraints:
        raise InvalidValue(f"{environment.file} has constraints, which Ray does not take: write them as requirements.")
    if told.python:
        say(f"{environment.file.name} asks for Python {told.python}; on Ray it is the one that the cluster runs on.")
    packages = [*told.build, *told.requirements, *NEEDS]
    return {"uv": {"packages": packages}} if manager == "uv" else {"pip": {"packages": packages}}


def _of_conda(environment: Environment) -> dict[str, Any]:
    if environment.kind != "conda" or environment.file is None:
        raise InvalidValue("env_manager='conda' needs a project with conda_env. Choose virtualenv or uv.")
    told = yaml_files.loaded(environment.file.read_bytes(), str(environment.file))
    if not isinstance(told, dict):
        raise InvalidValue(f"{environment.file} holds no keys such as channels and dependencies.")
    return told
