"""Fixtures that many rooms share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server import RealServer
from tests.tracker.serving.served import ModelServer, save_patient_model


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RealServer]:
    """A server with nothing in it."""
    running = RealServer(tmp_path).start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    """A server for all tests that only add to it."""
    running = RealServer(tmp_path_factory.mktemp("shared")).start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def patient_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of code with a signature of several types, saved."""
    place = tmp_path_factory.mktemp("models") / "patient <b>"
    save_patient_model(place)
    return place


@pytest.fixture(scope="session")
def model_server(patient_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModelServer]:
    """A server of it with narrow limits."""
    limits = ["--threads", "2", "--queue", "2", "--max-body", "0.01"]
    running = ModelServer(patient_model, tmp_path_factory.mktemp("served"), *limits, "--allow-host", "models.example")
    yield running.ready()
    assert running.stop() == 0


@pytest.fixture(autouse=True)
def no_sweeper(monkeypatch: pytest.MonkeyPatch) -> None:
    """No thread sweeps within the tests' process: their database is in one transaction. Real servers sweep."""
    monkeypatch.setattr("runs.purging.sweep_soon", lambda patience_seconds=0.0: None)
