"""A real MLflow server beside ours, and a Python with its client. All tests here are marked `mlflow`."""

import os
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.mlflow.environment import CURRENT, OLDEST, python_of
from tests.server import RealServer, free_port

PATIENCE_SECONDS = 120


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what lies below this folder."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.mlflow)


@pytest.fixture(scope="session")
def mlflow_python() -> Path:
    """A Python that has the current MLflow."""
    return python_of(CURRENT)


@pytest.fixture(scope="session")
def oldest_python() -> Path:
    """A Python that has the oldest client that runs on it."""
    return python_of(OLDEST)


@pytest.fixture(scope="session")
def tracker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of our server."""
    server = RealServer(tmp_path_factory.mktemp("tracker")).start()
    yield server.url
    server.stop()


@pytest.fixture(scope="session")
def mlflow_server(mlflow_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real MLflow server, on a database and a folder of its own."""
    with serving(mlflow_python, tmp_path_factory.mktemp("mlflow")) as address:
        yield address


@pytest.fixture
def new_mlflow_server(mlflow_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real MLflow server that holds nothing yet."""
    with serving(mlflow_python, tmp_path_factory.mktemp("new-mlflow")) as address:
        yield address


@contextmanager
def serving(mlflow_python: Path, home: Path, **more: str) -> Iterator[str]:
    """A real MLflow server with these settings, while inside. Its address."""
    port = free_port()
    command = [
        mlflow_python, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
        "--backend-store-uri", f"sqlite:///{home}/mlflow.db", "--artifacts-destination", str(home / "artifacts"),
    ]  # fmt: skip
    # Webhooks lead to addresses where nobody is; by its defaults MLflow tries for minutes.
    told = {"MLFLOW_WEBHOOK_REQUEST_TIMEOUT": "10", "MLFLOW_WEBHOOK_REQUEST_MAX_RETRIES": "0"}
    environment = os.environ | {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"} | told | more
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=home, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        _wait_for(f"http://127.0.0.1:{port}/health", process, home / "log")
        yield f"http://127.0.0.1:{port}"
    finally:
        # With all that it started; what it still has to do matters to nobody.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait_for(address: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            urllib.request.urlopen(address).close()
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(log.read_text()) from None
            time.sleep(0.2)
        else:
            return
