"""Fixtures of the tests of files."""

import pytest

from runs.artifacts.previews import limits
from tests.patience import PATIENCE_SECONDS


@pytest.fixture(autouse=True)
def unhurried_previews(monkeypatch):
    """A program that draws a preview may be long on its way: its libraries may never have been imported before. What
    it computes is limited as ever.
    """
    monkeypatch.setattr(limits, "WALL_SECONDS", PATIENCE_SECONDS)
