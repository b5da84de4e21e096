"""The client installs alone, on every Python that is at hand, and logs from there."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.server import ROOT
from tests.tracker.conftest import PATIENCE_SECONDS

pytestmark = pytest.mark.slow

VERSIONS = ["3.10", "3.11", "3.12", "3.13"]
CODE = """
import importlib.util, subprocess, sys, time
begun = time.process_time()
import tracker
assert time.process_time() - begun < 0.5, time.process_time() - begun
assert importlib.util.find_spec("django") is None
assert "site-packages" in tracker.__file__
with tracker.start_run(experiment="installed-" + sys.argv[1], capture=["packages", "hardware"]) as run:
    for step in range(100):
        run.log({"loss": 1 / (step + 1)}, step=step)
    run.log_dict({"a": 1}, "a.yaml")
tracker.start_run(experiment="installed-" + sys.argv[1])
raise SystemExit(3)
"""


def python_of(version: str) -> str | None:
    """An interpreter of this version: of pyenv, or on the path."""
    found = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
    return str(found[-1]) if found else shutil.which(f"python{version}")


@pytest.mark.parametrize("version", VERSIONS)
def test_it_installs_and_logs(scripts, stored, tmp_path, version):
    python = python_of(version)
    if python is None:
        pytest.skip(f"No Python {version} here.")
    environment = tmp_path / "venv"
    subprocess.run([python, "-m", "venv", environment], check=True)
    # A copy: building leaves folders behind, and tests run beside each other.
    shutil.copytree(ROOT / "tracker", tmp_path / "source/tracker", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, tmp_path / "source")
    pip = [environment / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, tmp_path / "source"], check=True)
    process = scripts.start(CODE, version, python=str(environment / "bin/python"), PYTHONPATH="")
    _, told = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 3, told
    first, second = stored.named(f"installed-{version}")
    assert (first["status"], first["metrics"]["loss"]["count"]) == ("FINISHED", 100)
    # Python tells of a SystemExit raised by hand from 3.12 on.
    assert second["status"] == ("FAILED" if version in ("3.12", "3.13") else "FINISHED")
    done = subprocess.run(
        [environment / "bin/tracker", "run", "ls", "--uri", scripts.uri, "-e", f"installed-{version}"],
        capture_output=True, text=True, check=True, env=scripts.environment(PYTHONPATH=""),
    )  # fmt: skip
    assert "finished" in done.stdout
