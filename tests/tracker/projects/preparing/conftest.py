"""Projects, and programs that stand in for those that are not on every machine."""

import os
import sys
from pathlib import Path

import pytest

from tracker.projects.definition import load


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache/trackerweb/environments"


@pytest.fixture
def project(tmp_path):
    """A function that writes a project's files, by name, and reads it."""

    def written(**files):
        folder = tmp_path / "project"
        for name, text in files.items():
            place = folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
        return load(folder)

    return written


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """A function that puts a program on the path which notes its words, a line of JSON each, and runs some code."""
    place = tmp_path / "programs"
    place.mkdir()
    monkeypatch.setenv("PATH", f"{place}{os.pathsep}{os.environ['PATH']}")
    for name in ("CONDA_EXE", "MAMBA_EXE", "MLFLOW_CONDA_HOME", "MLFLOW_CONDA_CREATE_ENV_CMD"):
        monkeypatch.delenv(name, raising=False)

    def made(name: str, code: str = "") -> Path:
        noted = tmp_path / f"{name}.told"
        program = place / name
        lines = ["import json, os, pathlib, sys", "words = sys.argv[1:]"]
        lines.append(f"print(json.dumps(words), file=open({str(noted)!r}, 'a'))")
        program.write_text("\n".join([f"#!{sys.executable} -IS", *lines, code, ""]))
        program.chmod(0o755)
        return noted

    return made
