"""A process with all that it started: ended together, also when this process is killed and can't do it."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

import psutil

#: How long they may clean up after SIGINT, and then after SIGTERM, before SIGKILL.
GRACES = ((signal.SIGINT, 10.0), (signal.SIGTERM, 5.0))
#: How long the system may take to end what was killed.
KILL_SECONDS = 5.0
LOOK_SECONDS = 0.02
#: Waits for a line. The end of the file comes instead when the process is gone that would have written it.
_GUARD = 'read -r _ || { kill -TERM -- "-$1"; sleep 5; kill -KILL -- "-$1"; shift; [ $# = 0 ] || "$@"; }'


def run(words: Sequence[str], folder: Path, variables: Mapping[str, str], output: IO[str] | None) -> int:
    """Run a program in a session of its own, to its exit status. What interrupts this ends it and all it started."""
    process = subprocess.Popen(words, cwd=folder, env=dict(variables), stdout=output, start_new_session=True)  # noqa: S603 - no shell
    guard, family = Guard(process.pid), Family(process.pid)
    try:
        wait_for_end(process.pid)
    except BaseException:
        family.end()
        raise
    finally:
        status = process.wait()
        guard.release()
    return status


def wait_for_end(leader: int) -> None:
    """Wait until a child of this process has ended, and leave it a zombie."""
    if hasattr(os, "waitid"):
        os.waitid(os.P_PID, leader, os.WEXITED | os.WNOWAIT)
        return
    process = psutil.Process(leader)
    while _lives(process):
        time.sleep(LOOK_SECONDS)


class Family:
    """The processes of one group, which its leader began, and all that they started, in whatever group.

    The leader must not have been waited for: then its number may be another's.
    """

    def __init__(self, leader: int) -> None:
        self._leader = leader
        self._known: set[psutil.Process] = set()

    def end(self) -> None:
        """End them: first asked, then told, then killed; another Ctrl-C kills at once and is raised again."""
        try:
            for number, seconds in GRACES:
                self._signal(number)
                if self._has_ended_in(seconds):
                    return
        finally:
            self.kill()

    def kill(self) -> None:
        """End them at once."""
        deadline = time.monotonic() + KILL_SECONDS
        while self._look() and time.monotonic() < deadline:
            self._signal(signal.SIGKILL)
            time.sleep(LOOK_SECONDS)

    def _signal(self, number: int) -> None:
        outside = [process for process in self._look() if _group_of(process.pid) != self._leader]
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._leader, number)
        for process in outside:
            with contextlib.suppress(psutil.Error):
                process.send_signal(number)

    def _has_ended_in(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not any(map(_lives, self._known)) and not self._look():
                return True
            time.sleep(LOOK_SECONDS)
        return False

    def _look(self) -> list[psutil.Process]:
        """Those that live, found anew."""
        for pid in psutil.pids():
            if _group_of(pid) == self._leader:
                with contextlib.suppress(psutil.Error):
                    self._known.add(psutil.Process(pid))
        for process in list(self._known):
            with contextlib.suppress(psutil.Error):
                self._known.update(process.children(recursive=True))
        return [process for process in self._known if _lives(process)]


def _group_of(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except OSError:
        return -1


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


class Guard:
    """A process of its own that ends a group if this process ends without releasing it: killed with SIGKILL, say.

    `end` is a command that ends what the group started elsewhere: in a container, say.
    """

    def __init__(self, leader: int, end: Sequence[str] = ()) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - no shell reads the words
            ["bash", "-c", _GUARD, "tracker-guard", str(leader), *end],  # noqa: S607 - the one that runs the command too
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip

    def release(self) -> None:
        """The group has ended, or is to be left alone."""
        with contextlib.suppress(OSError):
            self._process.communicate(b".\n")
