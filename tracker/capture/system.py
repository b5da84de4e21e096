"""Samples the load of the machine while a run is open: metrics below `system/`."""

import contextlib
import threading
from collections.abc import Callable

from tracker import settings

_MEGABYTE = 1024**2


class Sampler:
    """A thread that logs the machine's load every HEARTBEAT_SECONDS."""

    def __init__(self, log: Callable[[dict[str, float]], None]) -> None:
        self._log = log
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
            load = Load()
            while not self._stopped.wait(settings.HEARTBEAT_SECONDS):
                self._log(load.sample())


class Load:
    """The load of this machine and process since the sample before."""

    def __init__(self) -> None:
        import psutil

        self._psutil = psutil
        self._process = psutil.Process()
        psutil.cpu_percent()
        self._process.cpu_percent()
        self._sent, self._received = self._network()

    def sample(self) -> dict[str, float]:
        """Metrics by key: percent, and megabytes (of 1024 × 1024 bytes)."""
        memory = self._psutil.virtual_memory()
        sent, received = self._network()
        told = {
            "system/cpu_percent": self._psutil.cpu_percent(),
            "system/process_cpu_percent": self._process.cpu_percent(),
            "system/memory_percent": memory.percent,
            "system/process_memory_mb": self._process.memory_info().rss / _MEGABYTE,
            "system/network_sent_mb": (sent - self._sent) / _MEGABYTE,
            "system/network_received_mb": (received - self._received) / _MEGABYTE,
        }
        self._sent, self._received = sent, received
        return told | _gpu_load()

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
