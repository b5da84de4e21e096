"""What a run runs in: Python, packages, machine."""

import os
import platform
import re
import socket
import sys
from functools import cache
from pathlib import Path
from typing import Any

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
    found: dict[str, str] = {}
    for entry in sys.path:
        for name in _names_in(Path(entry or ".")):
            match = _INSTALLED.fullmatch(name)
            if match:
                found.setdefault(match["name"].replace("_", "-"), match["version"])
    return dict(sorted(found.items(), key=lambda item: item[0].lower()))


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
