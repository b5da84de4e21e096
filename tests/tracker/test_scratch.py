"""Temporary folders: there while somebody works in them, and gone with the next one where that one was killed."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tracker import scratch

PREFIX = "tracker-tested-"


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def aged(folder: Path) -> Path:
    os.utime(folder, (0, 0))
    return folder


def test_a_folder_is_there_while_one_is_inside():
    with scratch.folder(PREFIX) as folder:
        (folder / "below").mkdir()
    assert not folder.exists()


def test_what_a_killed_process_left_is_deleted_by_the_next_one(temporary):
    code = f"import os\nfrom tracker import scratch\nscratch.new({PREFIX!r})\nos.kill(os.getpid(), 9)"
    subprocess.run([sys.executable, "-c", code], env=os.environ | {"TMPDIR": str(temporary)}, check=False)
    (left,) = temporary.iterdir()
    aged(left)
    assert [scratch.new(PREFIX)] == list(temporary.iterdir())


def test_what_somebody_works_in_is_left_alone():
    with scratch.folder(PREFIX) as held:
        aged(held)
        scratch.new(PREFIX)
        assert held.exists()


def test_new_folders_links_and_folders_of_other_names_are_left_alone(temporary):
    young, link, other = (temporary / name for name in (f"{PREFIX}young", f"{PREFIX}link", "other"))
    young.mkdir()
    other.mkdir()
    link.symlink_to(aged(other))
    scratch.new(PREFIX)
    assert young.exists()
    assert link.is_symlink()
    assert other.exists()
