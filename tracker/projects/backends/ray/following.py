"""Follows a job on a Ray cluster until it ends: its log, its status, its end."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

from tracker.errors import TrackerError
from tracker.notices import warn
from tracker.projects.backends import Output
from tracker.projects.backends.ray.cluster import Cluster
from tracker.projects.signals import Done

ENDS = {"SUCCEEDED", "FAILED", "STOPPED"}
#: How long a log may be silent before the job is asked for.
QUIET_SECONDS = 10.0
_AGAIN_SECONDS = 1.0


class Log:
    """A log that is read from its beginning after each lost connection, and told once."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._told = self._read = 0

    def begin(self) -> None:
        """It is read from its beginning."""
        self._read = 0

    def add(self, text: str) -> None:
        """A piece of it came."""
        known = max(0, self._told - self._read)
        self._read += len(text)
        if fresh := text[known:]:
            self._told += len(fresh)
            self._output("stdout", fresh.encode())


class RayHandle:
    """A job that was submitted. `started` is called once, when the first of its log comes or it has ended."""

    def __init__(self, cluster: Cluster, job_id: str, output: Output, started: Callable[[], None]) -> None:
        self._cluster, self._job_id = cluster, job_id
        self._output, self._started = output, started
        self._log = Log(output)
        self._has_started = False
        self._has_ended = Done()
        self._status = 1
        threading.Thread(target=self._follow, name="tracker-ray-job", daemon=True).start()

    def wait(self) -> int:
        """Its exit status once it has ended; negative: it was ended by that signal, or stopped."""
        self._has_ended.wait()
        return self._status

    def stop(self) -> None:
        """Let Ray end it: SIGTERM for all that it started on its machine, SIGKILL after three seconds."""
        try:
            self._cluster.stop(self._job_id)
        except TrackerError as error:
            warn(f"{error} The job may go on there: ray job stop {self._job_id}.")
            raise
        self._has_ended.wait()

    def _follow(self) -> None:
        try:
            self._status = self._followed()
        except TrackerError as error:
            self._say(f"{error} The job may go on there: ray job stop {self._job_id}.")
        finally:
            self._begin()
            self._has_ended.happen()

    def _followed(self) -> int:
        while True:
            is_whole = self._read_log()
            details = self._cluster.details(self._job_id)
            if details is None:
                self._say(f"Ray at {self._cluster.address} knows no job {self._job_id} any more: was it started anew?")
                return 1
            if str(details.status.value) in ENDS:
                return self._ended(details, is_whole)
            time.sleep(_AGAIN_SECONDS)

    def _ended(self, details: Any, is_whole: bool) -> int:
        if not is_whole:
            self._log.begin()
            self._log.add(self._cluster.log(self._job_id))
        status = exit_status(details.status.value, details.driver_exit_code)
        if details.status.value == "FAILED" and details.driver_exit_code is None:
            self._say(f"Ray could not run the job: {details.message}")
        return status

    def _read_log(self) -> bool:
        """Tell the log as it comes: whether it came to its end."""
        import aiohttp

        self._log.begin()
        try:
            asyncio.run(self._tail())
        except (OSError, RuntimeError, aiohttp.ClientError):
            # Whether the job or the connection has ended is asked next.
            return False
        return True

    async def _tail(self) -> None:
        pieces = self._cluster.tail(self._job_id)
        coming = asyncio.ensure_future(anext(pieces, None))
        while True:
            done, _ = await asyncio.wait({coming}, timeout=QUIET_SECONDS)
            if not done:
                self._check()
                continue
            piece = coming.result()
            if piece is None:
                return
            self._begin()
            self._log.add(piece)
            coming = asyncio.ensure_future(anext(pieces, None))

    def _check(self) -> None:
        """Leave a log that stays silent although its job has ended: a connection may end without a word.

        Errors: ConnectionError.
        """
        details = self._cluster.details(self._job_id)
        if details is None or details.status.value in ENDS:
            raise ConnectionError("the job has ended")

    def _begin(self) -> None:
        if not self._has_started:
            self._has_started = True
            self._started()

    def _say(self, message: str) -> None:
        self._output("stderr", f"tracker: {message}\n".encode())


def exit_status(status: str, code: int | None) -> int:
    """The exit status of a job that ended with Ray's `status`; negative: the signal that ended it.

    `code` is the command's own, None when it was stopped or never ran.
    """
    if status == "STOPPED":
        return -signal.SIGTERM
    return 0 if status == "SUCCEEDED" else code or 1
