"""docs/mlflow.md tells every deliberate difference, by the name under which it is asserted."""

import importlib
import pkgutil
import re
from pathlib import Path

from tests.mlflow import differential
from tests.mlflow.compare import DIFFERENCES

MANUAL = Path(__file__).parents[2] / "docs" / "mlflow.md"


def test_every_difference_is_told_and_every_one_told_is_asserted():
    for module in pkgutil.iter_modules(differential.__path__):
        importlib.import_module(f"{differential.__name__}.{module.name}")
    section = MANUAL.read_text().partition("## What differs, and why")[2].partition("\n## ")[0]
    assert set(re.findall(r"^- \*\*(.+?)\*\*", section, re.MULTILINE)) == DIFFERENCES
