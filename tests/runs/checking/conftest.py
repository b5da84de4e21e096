"""Fixtures of the tests of `check_data`."""

import pytest

from runs.checking import files, series
from tests.runs.checking.damaging import execute


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """Nobody else is here, so nothing has to be waited for."""
    monkeypatch.setattr(series, "PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(files, "PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(files, "UNTOUCHED_SECONDS", 0.0)


@pytest.fixture(autouse=True)
def blobs(settings, tmp_path):
    """A folder of blobs for this test alone."""
    artifacts = settings.STORAGES["artifacts"] | {"OPTIONS": {"location": tmp_path}}
    settings.STORAGES = settings.STORAGES | {"artifacts": artifacts}
    return tmp_path


@pytest.fixture
def unchecked_keys(transactional_db):
    """Let rows be written that name nothing, as only damage could."""

    class Unchecked:
        def __enter__(self):
            execute("PRAGMA foreign_keys = OFF")

        def __exit__(self, *error):
            execute("PRAGMA foreign_keys = ON")

    return Unchecked
