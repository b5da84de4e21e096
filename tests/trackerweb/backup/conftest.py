"""Trackers with something in them, and their backups."""

import shutil

import pytest

from tests.server import RealServer
from tests.trackerweb.backup.trackers import FILES, places
from trackerweb.backup import make
from trackerweb.progress import Progress


@pytest.fixture(scope="session")
def filled(tmp_path_factory):
    """A folder that a server has filled, with long series, params, trash and files."""
    home = tmp_path_factory.mktemp("filled")
    server = RealServer(home).start()
    client = server.client()
    columns = {"steps": list(range(6000)), "values": [step % 97 / 7 for step in range(6000)]}
    for number in range(3):
        client.put(f"/api/v1/runs/r{number}/", {"experiment": "one", "params": {"lr": "0.1"}, "tags": {"a": "b"}})
        client.post(f"/api/v1/runs/r{number}/log/", {"metrics": {"loss": columns, "odd": {"values": ["NaN"]}}})
    client.send("DELETE", "/api/v1/runs/r2/")
    for path, content in FILES.items():
        assert client.put(f"/api/v1/runs/r1/artifacts/{path}", content).status == 201
    server.stop()
    return home


@pytest.fixture
def home(filled, tmp_path):
    """A copy of it that a test may change."""
    return shutil.copytree(filled, tmp_path / "home")


@pytest.fixture
def backup(filled, tmp_path):
    """A backup of it."""
    target = tmp_path / "tracker.zip"
    make(places(filled), target, Progress())
    return target
