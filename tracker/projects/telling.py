"""What a project's run tells of itself: where it is from, its command, its environment, its load."""

import os
import threading
from pathlib import Path
from typing import Any

from tracker import capture
from tracker.capture import environment, source
from tracker.capture.system import Sampler
from tracker.errors import TrackerError
from tracker.notices import warn
from tracker.open_run import now_ms
from tracker.projects.asking import Asked
from tracker.projects.backends import Place
from tracker.projects.definition import Line, Project
from tracker.projects.sources import Source
from tracker.run import Run
from tracker.starting import CAPTURE_SECONDS, user


def fields_of(asked: Asked, found: Source) -> dict[str, Any]:
    """What the run is made with (`PUT runs/{run_id}/`), with the tags that `mlflow run` sets."""
    who = user()
    tags = {"mlflow.project.backend": asked.backend, "mlflow.user": who} | dict(asked.fields.get("tags", {}))
    for name, value in (("repoURL", found.remote), ("branch", found.branch)):
        if value:
            tags[f"mlflow.source.git.{name}"] = value
    told = {
        "start_time": now_ms(), "user": who, "source_name": found.uri, "source_type": "PROJECT",
        "entry_point": asked.entry_point, "git_commit": found.commit,
    }  # fmt: skip
    return told | dict(asked.fields) | {"tags": tags}


def project_of(asked: Asked, found: Source, project: Project, line: Line, manager: str) -> dict[str, Any]:
    """What has to be known to run it again: the `project` of the run's environment."""
    return {
        "uri": found.uri,
        "version": asked.version or "",
        "commit": found.commit,
        "entry_point": asked.entry_point,
        "parameters": {_text(name): _text(value) for name, value in asked.parameters.items()},
        "command": _text(line.command),
        "env_manager": manager,
        "environment": project.environment.kind,
        "backend": asked.backend,
        "folder": source.place_in_checkout(project.folder),
    }


def _text(words: str) -> str:
    """Words of the shell as text: bytes that are none are replaced, since JSON can't hold them."""
    return os.fsencode(words).decode("utf-8", "replace")


class Surroundings:
    """Finds out in the background what the run runs in, as far as it is to be captured, and samples its load."""

    def __init__(self, run: Run, project: dict[str, Any], folder: Path, kinds: frozenset[str]) -> None:
        self._run, self._project, self._folder = run, project, folder
        self._kinds = kinds
        self._finder: threading.Thread | None = None
        self._sampler: Sampler | None = None
        capture.prepare(self._kinds)
        # At once: what is built or downloaded next may take minutes, or never end.
        run.say({"environment": {"project": project}})

    def tell(self, place: Place) -> None:
        """The command runs there."""
        kind = "" if place.kind == "local" else place.kind
        tags = {"project.env": kind, "docker.image.uri": place.image, "docker.image.id": place.image_id}
        self._run.set_tags({f"mlflow.{name}": value for name, value in tags.items() if value})
        self._find(place.python)
        if "system" in self._kinds and place.pid is not None:
            self._sampler = Sampler(self._log_load, place.pid)
            self._sampler.start()

    def close(self) -> None:
        """The run ends: nothing more is told."""
        if self._finder is None:
            self._find(None)
        if self._sampler is not None:
            self._sampler.stop()
        if self._finder is not None:
            self._finder.join(CAPTURE_SECONDS)

    def _find(self, python: Path | None) -> None:
        self._finder = threading.Thread(target=self._say, args=(python,), name="tracker-capture", daemon=True)
        self._finder.start()

    def _say(self, python: Path | None) -> None:
        told: dict[str, Any] = {"project": self._project}
        interpreter = environment.of_interpreter(python) if python else {}
        packages = interpreter.pop("packages", None)
        if "command" in self._kinds:
            told |= {"command": source.command()} | interpreter
        if "packages" in self._kinds and packages is not None:
            told["packages"] = packages
        if "hardware" in self._kinds and self._is_here:
            told["hardware"] = environment.hardware()
        if "source" in self._kinds:
            told["source"] = source.files_now(self._folder)
        if "git" in self._kinds:
            told["git"] = source.git_now(self._folder)
        try:
            self._run.say({"environment": told})
        except TrackerError:
            warn(f"what run {self._run.run_id} ran in was not found out before it ended.")

    @property
    def _is_here(self) -> bool:
        return bool(self._project["backend"] == "local")

    def _log_load(self, load: dict[str, float]) -> None:
        if not self._run.has_ended:
            self._run.log(load)
