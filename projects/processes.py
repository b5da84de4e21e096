"""Processes that outlive the server which began them: each is known by its number and by when it began."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")


@dataclass(frozen=True)
class Known:
    """A process. `start` is what this machine says of its beginning: a number is given to another one later."""

    pid: int
    start: str

    @property
    def is_alive(self) -> bool:
        """It runs, and is not another one that got its number."""
        return bool(self.start) and start_of(self.pid) == self.start

    def signal_group(self, number: int) -> bool:
        """Send a signal to it and to what it began. Whether it was alive."""
        if not self.is_alive:
            return False
        try:
            os.killpg(self.pid, number)
        except ProcessLookupError:
            return False
        return True

    def stop(self) -> bool:
        """Ask it to end. Whether it was alive."""
        return self.signal_group(signal.SIGTERM)

    def kill(self) -> bool:
        """End it. Whether it was alive."""
        return self.signal_group(signal.SIGKILL)


def begin(arguments: Sequence[str], folder: Path, environment: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
    """A process in a session of its own, without a shell and without input; both its streams go to `log`.

    Errors: OSError.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603 - no shell, and the owner allowed it
            list(arguments),
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def start_of(pid: int) -> str:
    """When a process began, as this machine counts it; empty for one that has ended."""
    return _start_on_linux(pid) if _PROC.joinpath("self/stat").exists() else _start_elsewhere(pid)


def _start_on_linux(pid: int) -> str:
    """Ticks since the machine began, and which beginning of it that was (proc(5))."""
    try:
        told = _PROC.joinpath(str(pid), "stat").read_text(errors="replace")
        boot = _PROC.joinpath("sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""
    # The second field is the program's name, in brackets, and may hold anything.
    state, *fields = told.rpartition(")")[2].split()
    return "" if state in "ZX" else f"{boot} {fields[18]}"


def _start_elsewhere(pid: int) -> str:
    command = ["ps", "-o", "stat=,lstart=", "-p", str(pid)]
    told = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - fixed words
    state, _, start = told.stdout.strip().partition(" ")
    return "" if state.startswith("Z") else start.strip()
