"""What a run runs in: Python, packages, machine."""

import json
import os
import platform
import re
import socket
import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from tracker.userinfo import without_secrets

ASK_SECONDS = 20.0
#: What another interpreter is asked for.
_ASKED = (
    "import json, platform, sys;"
    "print(json.dumps([platform.python_version(), platform.python_implementation(), sys.executable, sys.path]))"
)
_INSTALLED = re.compile(r"(?P<name>.+?)-(?P<version>[^-]+?)(?:-py[\d.]+)?\.(?:dist|egg)-info")


@cache
def python() -> dict[str, Any]:
    """The interpreter and the system."""
    return {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "executable": sys.executable,
        "system": platform.platform(),
    }


@cache
def packages() -> dict[str, str]:
    """Installed distributions and their versions, as the names of their folders tell: reading all their descriptions
    takes a second where there are many."""
    return _packages_in(sys.path)


def of_interpreter(executable: Path) -> dict[str, Any]:
    """What `python` and `packages` tell, of another interpreter; empty where it does not answer."""
    try:
        done = subprocess.run(  # noqa: S603 - fixed words
            [str(executable), "-c", _ASKED], capture_output=True, timeout=ASK_SECONDS, stdin=subprocess.DEVNULL,
            check=True,
        )  # fmt: skip
        version, implementation, path, folders = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        return {}
    told = {"python": version, "implementation": implementation, "executable": path, "system": platform.platform()}
    # The first one, "", is the folder in which it was asked.
    return told | {"packages": _packages_in(filter(None, folders))}


def _packages_in(folders: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for entry in folders:
        for name in _names_in(Path(entry or ".")):
            match = _INSTALLED.fullmatch(name)
            if match:
                found.setdefault(match["name"].replace("_", "-"), match["version"])
    return dict(sorted(found.items(), key=lambda item: item[0].lower()))


@cache
def origins() -> dict[str, dict[str, Any]]:
    """Of distributions that came from no index: their address without password, whether they are `editable`, and the
    `commit` they were made of, as their direct_url.json tells (PEP 610)."""
    found: dict[str, dict[str, Any]] = {}
    for entry in sys.path:
        for name in _names_in(Path(entry or ".")):
            match = _INSTALLED.fullmatch(name)
            told = _direct_url(Path(entry or ".") / name / "direct_url.json") if match else None
            if match and told:
                found.setdefault(match["name"].replace("_", "-"), told)
    return found


def _direct_url(file: Path) -> dict[str, Any] | None:
    try:
        told = json.loads(file.read_bytes())
        origin: dict[str, Any] = {"url": without_secrets(str(told["url"]))}
        if told.get("dir_info", {}).get("editable"):
            origin["editable"] = True
        source = told.get("vcs_info", {})
        kept = {"vcs": source.get("vcs"), "commit": source.get("commit_id"), "subdirectory": told.get("subdirectory")}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return origin | {name: str(value) for name, value in kept.items() if value}


def _names_in(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


@cache
def hardware() -> dict[str, Any]:
    """The machine: its name, processors, memory in bytes, GPUs."""
    import psutil

    return {
        "host": socket.gethostname(),
        "processor": platform.processor() or platform.machine(),
        "cpus": os.cpu_count(),
        "memory_bytes": psutil.virtual_memory().total,
        "gpus": _gpus(),
    }


def _gpus() -> list[dict[str, Any]]:
    """NVIDIA's, where its library is installed."""
    try:
        import pynvml

        pynvml.nvmlInit()
        handles = [pynvml.nvmlDeviceGetHandleByIndex(number) for number in range(pynvml.nvmlDeviceGetCount())]
        return [
            {
                "name": _text(pynvml.nvmlDeviceGetName(handle)),
                "memory_bytes": pynvml.nvmlDeviceGetMemoryInfo(handle).total,
                "driver": _text(pynvml.nvmlSystemGetDriverVersion()),
            }
            for handle in handles
        ]
    except Exception:  # no library, no driver, no permission: no GPU that could be told of
        return []


def _text(value: str | bytes) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
