"""Fixtures that many rooms share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server import RealServer


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


@pytest.fixture(autouse=True)
def no_sweeper(monkeypatch: pytest.MonkeyPatch) -> None:
    """No thread sweeps within the tests' process: their database is in one transaction. Real servers sweep."""
    monkeypatch.setattr("runs.purging.sweep_soon", lambda patience_seconds=0.0: None)
