"""Repositories of git, made by git itself, of which tests ask for versions."""

import copy
import shutil
import subprocess
from pathlib import Path

import pytest

TOLD = {
    "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org", "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.org", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1",
}  # fmt: skip


class Repository:
    """A checkout with a first commit on main (project/train.py, "one"), and what a test adds."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")
        self.first = self.commit(**{"project/train.py": "one"})

    def git(self, *words: str) -> str:
        """What git prints."""
        done = subprocess.run(["git", "-C", str(self.folder), *words], capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def commit(self, **files: str) -> str:
        """Commit files, and tell the hash."""
        for name, text in files.items():
            place = self.folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", "a commit")
        return self.git("rev-parse", "HEAD")

    @property
    def uri(self) -> str:
        """Its address for git: a folder without .git would be run as it is."""
        return f"file://{self.folder}/.git"

    def copied(self, folder: Path) -> "Repository":
        """The same, elsewhere."""
        shutil.copytree(self.folder, folder)
        other = copy.copy(self)
        other.folder = folder
        return other


@pytest.fixture(autouse=True)
def _settings(monkeypatch, tmp_path):
    for name, value in TOLD.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)


@pytest.fixture(scope="session")
def _made(tmp_path_factory):
    """A repository, and one with a history: making them takes longer than most tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in TOLD.items():
            patch.setenv(name, value)
        bare = Repository(tmp_path_factory.mktemp("made") / "repository")
        full = bare.copied(bare.folder.with_name("history"))
        full.git("tag", "v1")
        full.second = full.commit(**{"project/train.py": "two"})
        full.git("tag", "-a", "v2", "-m", "the second")
        full.third = full.commit(**{"project/train.py": "three"})
        full.git("checkout", "--quiet", "-b", "feature/x", "v1")
        full.beside = full.commit(**{"project/train.py": "beside"})
        full.git("checkout", "--quiet", "main")
        return bare, full


@pytest.fixture
def repository(tmp_path, _made):
    return _made[0].copied(tmp_path / "repository")


@pytest.fixture
def history(tmp_path, _made):
    """Three commits: "one" (tag v1, lightweight), "two" (annotated tag v2), "three"; a branch beside them."""
    return _made[1].copied(tmp_path / "history")
