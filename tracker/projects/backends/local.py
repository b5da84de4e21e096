"""Runs a project's command on this machine."""

import contextlib
import os
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tracker.errors import MissingLibrary, TrackerError
from tracker.families import Family, Guard, wait_for_end
from tracker.projects.backends import Job, Output, Place
from tracker.projects.backends.pipes import Reader
from tracker.projects.preparing import prepared
from tracker.projects.signals import Done, let_through

END_SECONDS = 30.0
#: What the environment may say of another run.
_OF_OTHERS = ("MLFLOW_EXPERIMENT_ID", "MLFLOW_EXPERIMENT_NAME", "TRACKER_EXPERIMENT")


class LocalBackend:
    """The command is a child of this process, in its project's folder."""

    name = "local"

    def submit(self, job: Job, output: Output) -> "LocalHandle":
        """Make the environment ready and start the command.

        Errors: TrackerError.
        """
        with let_through():
            ready = prepared(
                job.project, job.manager, job.variables, docker_args=job.docker_args, build_image=job.build_image
            )
        inherited = {name: value for name, value in os.environ.items() if name not in _OF_OTHERS}
        environment = {"PYTHONUNBUFFERED": "1"} | inherited | ready.variables | dict(job.variables)
        command = [*ready.prefix, "bash", "-c", job.command]
        handle = LocalHandle(command, job.project.folder, environment, output, ready.end)
        job.tell(Place(ready.kind, ready.python, handle.pid, ready.image, ready.image_id))
        return handle

    def slots(self, options: Mapping[str, Any]) -> int | None:
        """As many as are asked for."""
        return None


class LocalHandle:
    """A command that runs in a session of its own, so that Ctrl-C on the terminal is this process's to handle.

    `end` is a command that ends what runs elsewhere: in a container, say.
    """

    def __init__(
        self,
        command: list[str],
        folder: Path,
        environment: Mapping[str, str],
        output: Output,
        end: Sequence[str] = (),
    ) -> None:
        self._end = end
        self._process = _started(command, folder, environment)
        self._guard = Guard(self._process.pid, end)
        self._family = Family(self._process.pid)
        self._is_stopping, self._has_stopped, self._has_ended = False, Done(), Done()
        self._status = 0
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._reader = Reader({"stdout": self._process.stdout, "stderr": self._process.stderr}, output)
        threading.Thread(target=self._follow, name="tracker-job", daemon=True).start()

    @property
    def pid(self) -> int:
        """The command's process."""
        return self._process.pid

    def wait(self) -> int:
        """Its exit status once it has ended; negative: it was ended by that signal."""
        self._has_ended.wait()
        return self._status

    def stop(self) -> None:
        """End it and all that it started."""
        self._is_stopping = True
        try:
            if not self._has_ended.has_happened:
                self._family.end()
        finally:
            self._end_elsewhere()
            self._has_stopped.happen()
            self._has_ended.wait()

    def _end_elsewhere(self) -> None:
        if self._end:
            with contextlib.suppress(OSError, subprocess.SubprocessError):
                subprocess.run(  # noqa: S603 - no shell reads it
                    self._end, capture_output=True, stdin=subprocess.DEVNULL, timeout=END_SECONDS, check=False
                )

    def _follow(self) -> None:
        # It is not waited for yet: as long as it is a zombie no other process can get the number of its group.
        wait_for_end(self._process.pid)
        if self._is_stopping:
            self._has_stopped.wait()
        self._reader.finish()
        self._status = self._process.wait()
        self._guard.release()
        self._has_ended.happen()


def _started(command: list[str], folder: Path, environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    try:
        return subprocess.Popen(  # noqa: S603 - the command line is what the project is for
            command, cwd=folder, env=dict(environment), stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0,
            start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        if not folder.is_dir():
            raise TrackerError(f"{folder} is gone, in which the project's command was to run.") from None
        if isinstance(error, FileNotFoundError):
            raise MissingLibrary(f"{command[0]} is not here; it runs the project's command.") from None
        raise TrackerError(f"The project's command can't be started: {error.strerror}.") from None
