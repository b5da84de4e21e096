"""Data of this machine in the folder of a rerun."""

import pytest

from tracker.errors import InvalidValue
from tracker.rerunning.linking import link


@pytest.fixture
def old(tmp_path):
    folder = tmp_path / "old"
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "rows.csv").write_text("1\n")
    (tmp_path / "new" / "src").mkdir(parents=True)
    return folder


def test_a_name_leads_to_what_the_old_folder_has(old, tmp_path):
    assert link(["data"], str(old), tmp_path / "new") == [f"data is {old / 'data'}, as it is now."]
    assert (tmp_path / "new/data/rows.csv").read_text() == "1\n"


def test_a_path_may_be_said(old, tmp_path):
    link([f"src/sets/digits={old / 'data'}"], "", tmp_path / "new")
    assert (tmp_path / "new/src/sets/digits/rows.csv").read_text() == "1\n"


@pytest.mark.parametrize(
    ("word", "problem"),
    [
        ("none", "there is no"),
        ("src", "has src already"),
        ("../x", "no path below"),
        ("/x", "no path below"),
        ("", "no"),
    ],
)
def test_what_can_not_be_linked_is_refused(old, tmp_path, word, problem):
    (old / "src").mkdir()
    with pytest.raises(InvalidValue, match=problem):
        link([word], str(old), tmp_path / "new")
