"""Where a project's command runs: here, on a cluster. docs/projects.md tells how to write a backend.

Packages name theirs in the entry point group `trackerweb.backends`; this package's own are there without it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module, metadata
from pathlib import Path
from typing import Any, Protocol

from tracker.errors import InvalidValue, MissingLibrary
from tracker.projects.definition import Project

GROUP = "trackerweb.backends"
#: As pyproject.toml lists them: a bare source tree has no entry points.
BUILT_IN = {
    "local": "tracker.projects.backends.local:LocalBackend",
    "ray": "tracker.projects.backends.ray:RayBackend",
}


@dataclass(frozen=True)
class Place:
    """Where a job runs: `kind` is the environment in MLflow's words (`local`, `virtualenv`, …), `python` its
    interpreter and `pid` the command's process, both on this machine, None for others. `image` and `image_id` are a
    container's.
    """

    kind: str
    python: Path | None = None
    pid: int | None = None
    image: str = ""
    image_id: str = ""


def _untold(place: Place) -> None:
    """Nobody asked where the job runs."""


@dataclass(frozen=True)
class Job:
    """A command to run. `variables` are added to its environment, `options` is what --backend-config says.

    `tell` is called once, as soon as the command runs: with it the run knows its environment and its load.
    """

    run_id: str
    project: Project
    command: str
    variables: Mapping[str, str]
    manager: str
    options: Mapping[str, Any]
    docker_args: Mapping[str, Any] = field(default_factory=dict)
    build_image: bool = False
    tell: Callable[[Place], None] = _untold


#: Called with `stdout` or `stderr` and a piece of what the command printed there. It may block, and raises nothing.
Output = Callable[[str, bytes], None]


class Handle(Protocol):
    """A job that was submitted."""

    def wait(self) -> int:
        """Its exit status once it has ended and all its output was told; negative: it was ended by that signal."""

    def stop(self) -> None:
        """End it and all that it started, with some time to clean up, which another Ctrl-C cuts short."""


class Backend(Protocol):
    """Runs jobs."""

    name: str

    def submit(self, job: Job, output: Output) -> Handle:
        """Make the environment ready and start the command.

        Ctrl-C waits meanwhile, except in `tracker.projects.signals.let_through`, so that what runs can be ended.

        Errors: TrackerError when it can't be started.
        """

    def slots(self, options: Mapping[str, Any]) -> int | None:
        """How many jobs with these options may run at once; None: it sets no limit.

        Errors: TrackerError where it can't be found out.
        """


def names() -> list[str]:
    """The backends that there are."""
    return sorted({*BUILT_IN, *(point.name for point in metadata.entry_points(group=GROUP))})


def find(name: str) -> Backend:
    """A backend by its name.

    Errors: InvalidValue naming those there are; MissingLibrary when it needs a package that is not installed.
    """
    try:
        return _maker(name)()
    except ImportError as error:
        raise MissingLibrary(
            f"The backend {name!r} needs what is not installed ({error}): pip install 'trackerweb[{name}]'."
        ) from None


def _maker(name: str) -> Callable[[], Backend]:
    if name in BUILT_IN:
        module, _, attribute = BUILT_IN[name].partition(":")
        maker: Callable[[], Backend] = getattr(import_module(module), attribute)
    elif points := list(metadata.entry_points(group=GROUP, name=name)):
        maker = points[0].load()
    else:
        raise InvalidValue(f"backend={name!r} is not there; there are {', '.join(names())}.")
    return maker
