"""Samples the load of the machine while a run is open: metrics below `system/`."""

import contextlib
import threading
from collections.abc import Callable

from tracker import settings

_MEGABYTE = 1024**2


class Sampler:
    """A thread that logs the machine's load every HEARTBEAT_SECONDS."""

    def __init__(self, log: Callable[[dict[str, float]], None], pid: int | None = None) -> None:
        self._log, self._pid = log, pid
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tracker-system", daemon=True)

    def start(self) -> None:
        """From now on; the first sample comes after the first interval."""
        self._thread.start()

    def stop(self) -> None:
        """No more samples."""
        self._stopped.set()

    def _run(self) -> None:
        # Without psutil, or where it may not look, there is no load to tell of.
        with contextlib.suppress(Exception):
            load = Load(self._pid)
            while not self._stopped.wait(settings.HEARTBEAT_SECONDS):
                self._log(load.sample())


class Load:
    """The load of this machine since the sample before; and of this process, or of another one with all it started."""

    def __init__(self, pid: int | None = None) -> None:
        import psutil

        self._psutil = psutil
        self._process = psutil.Process(pid)
        self._has_family = pid is not None
        self._family = {self._process.pid: self._process}
        psutil.cpu_percent()
        self._process.cpu_percent()
        self._sent, self._received = self._network()

    def sample(self) -> dict[str, float]:
        """Metrics by key: percent, and megabytes (of 1024 × 1024 bytes)."""
        memory = self._psutil.virtual_memory()
        sent, received = self._network()
        percent, resident = self._of_processes()
        told = {
            "system/cpu_percent": self._psutil.cpu_percent(),
            "system/process_cpu_percent": percent,
            "system/memory_percent": memory.percent,
            "system/process_memory_mb": resident / _MEGABYTE,
            "system/network_sent_mb": (sent - self._sent) / _MEGABYTE,
            "system/network_received_mb": (received - self._received) / _MEGABYTE,
        }
        self._sent, self._received = sent, received
        return told | _gpu_load()

    def _of_processes(self) -> tuple[float, float]:
        """Percent of a processor, and bytes in memory."""
        if self._has_family:
            started = {child.pid: child for child in self._process.children(recursive=True)}
            # Those that are known already: a process is compared with what it had used when it was last asked.
            self._family = {self._process.pid: self._process} | {
                pid: self._family.get(pid, child) for pid, child in started.items()
            }
        percent = resident = 0.0
        for process in self._family.values():
            with contextlib.suppress(self._psutil.NoSuchProcess):
                percent += process.cpu_percent()
                resident += process.memory_info().rss
        return percent, resident

    def _network(self) -> tuple[int, int]:
        counters = self._psutil.net_io_counters()
        return (counters.bytes_sent, counters.bytes_recv) if counters else (0, 0)


def _gpu_load() -> dict[str, float]:
    """Use, memory and power of NVIDIA's GPUs, where its library is installed."""
    try:
        import pynvml

        pynvml.nvmlInit()
        told: dict[str, float] = {}
        for number in range(pynvml.nvmlDeviceGetCount()):
            handle = pynvml.nvmlDeviceGetHandleByIndex(number)
            memory = pynvml.nvmlDeviceGetMemoryInfo(handle)
            told[f"system/gpu_{number}_percent"] = pynvml.nvmlDeviceGetUtilizationRates(handle).gpu
            told[f"system/gpu_{number}_memory_percent"] = 100 * memory.used / memory.total
            told[f"system/gpu_{number}_power_watts"] = pynvml.nvmlDeviceGetPowerUsage(handle) / 1000
        return told
    except Exception:  # no library, no driver, a value that this GPU does not tell
        return {}
