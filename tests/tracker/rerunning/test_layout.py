"""Where a run's folders lie in the folder of its rerun."""

from pathlib import Path

import pytest

from tracker.rerunning.layout import layout_of
from tracker.rerunning.recorded import Recorded

TOP = Path("/top/code")


def found(code, work):
    return layout_of(Recorded("r1", "otter", "Default", source_folder=code, folder=work), TOP)


@pytest.mark.parametrize(
    ("code", "work", "new_code", "new_work"),
    [
        ("/repo", "/repo", "", ""),
        ("/repo", "/repo/training", "", "training"),
        ("/home/me/repo", "/home/me", "repo", ""),
        ("/repo", "/elsewhere", "", ""),
        ("/repo", "", "", ""),
        ("", "/repo", "", ""),
    ],
)
def test_folders_lie_to_each_other_as_they_lay(code, work, new_code, new_work):
    told = found(code, work)
    assert (told.code, told.work) == (TOP / new_code, TOP / new_work)
    assert told.was_elsewhere is (work == "/elsewhere")


@pytest.mark.parametrize(
    ("code", "work"),
    [
        ("/repo", "/repo/../../etc"),
        ("/repo/../../etc", "/repo"),
        ("../repo", ".."),
        ("repo", "repo/../.."),
        ("/", "/etc"),
    ],
)
def test_no_folder_lies_out_of_the_new_one(code, work):
    told = found(code, work)
    for place in (told.code, told.work):
        assert ".." not in place.parts
        assert place.is_relative_to(TOP)


def test_a_code_folder_of_the_root_moves_no_path():
    assert found("/", "/etc").relocated("/etc/hosts") == "/etc/hosts"


def test_a_path_that_led_to_the_code_by_a_link_leads_there_again(tmp_path):
    code, new = tmp_path / "repo", tmp_path / "new"
    for folder in (code, new / "repo"):
        folder.mkdir(parents=True)
        (folder / "train.py").write_text("")
    (tmp_path / "current").symlink_to(code)
    (tmp_path / "l.py").symlink_to(code / "train.py")
    told = layout_of(Recorded("r1", "otter", "Default", source_folder=str(code), folder=str(tmp_path)), new)
    for word in ("current/train.py", "l.py", f"{tmp_path}/current/train.py"):
        assert told.relocated(word) == str(new / "repo" / "train.py")
    for word in ("train.py", "repo/train.py", "current/other.py", "--l.py", ".", "", "a\0b"):
        assert told.relocated(word) == word
