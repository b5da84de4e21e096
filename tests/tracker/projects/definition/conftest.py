"""Projects, made of what their files say."""

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from tracker.projects import definition
from tracker.projects.definition import EntryPoint, Project


@pytest.fixture
def project(tmp_path: Path) -> Callable[..., Project]:
    """Makes a project: its MLproject, and files by their names."""

    def made(text: str | None = None, name: str = "MLproject", **files: str) -> Project:
        folder = tmp_path / "project"
        folder.mkdir(exist_ok=True)
        if text is not None:
            (folder / name).write_text(textwrap.dedent(text))
        for file, content in files.items():
            (folder / file.replace("__", ".")).write_text(content)
        return definition.load(folder)

    return made


@pytest.fixture
def main(project: Callable[..., Project]) -> Callable[..., EntryPoint]:
    """Makes an entry point: its command, and its parameters as YAML."""

    def made(command: str, parameters: str = "{}") -> EntryPoint:
        quoted = command.replace("'", "''").replace("\n", "\n\n      ")
        text = f"entry_points:\n  main:\n    parameters: {parameters}\n    command: '{quoted}'\n"
        return project(text).entry_point("main")

    return made
