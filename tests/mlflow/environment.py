"""Environments with a real MLflow, each made once for its requirements and kept below the user's cache."""

import fcntl
import hashlib
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
CURRENT, OLDEST = HERE / "requirements.txt", HERE / "requirements-oldest.txt"
IN_BETWEEN = {"1.30": HERE / "requirements-1.txt", "2.22": HERE / "requirements-2.txt"}


def python_of(requirements: Path) -> Path:
    """The Python of the environment with these requirements, made now if nobody has made it yet."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    name = hashlib.sha256(version.encode() + requirements.read_bytes()).hexdigest()[:16]
    folder = _cache() / f"mlflow-{name}"
    python, complete = folder / "bin" / "python", folder / "complete"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder.with_suffix(".lock")).open("w") as lock:
        # Two test processes at once make it once. What was left half-made is made again.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not complete.exists():
            subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
            install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements]
            subprocess.run(install, check=True)
            complete.touch()
    return python


def make_all() -> None:
    """Make every environment that tests ask for, one after another."""
    for requirements in (CURRENT, OLDEST, *IN_BETWEEN.values()):
        python_of(requirements)


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "trackerweb"


if __name__ == "__main__":
    make_all()
