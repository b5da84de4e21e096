"""How a run's source is brought back: real git, hostile names, diffs that do not fit."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from tracker.capture import source
from tracker.errors import TrackerError
from tracker.rerunning.recorded import Checkout, Recorded
from tracker.rerunning.restoring import restore


def git(folder, *words):
    named = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    subprocess.run(["git", *named, "-C", str(folder), *words], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A checkout with one commit."""
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / "train.py").write_text("x = 1\n")
    (folder / "model.py").write_text("y = 1\n" * 20)
    (folder / "table.bin").write_bytes(b"\0\1\2")
    (folder / "notes.txt").write_text("first\n")
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "First")
    return folder


def record_of(folder: Path) -> Recorded:
    """What a run in a checkout would have recorded of it."""
    told = source.git_now(folder)
    found = Checkout(
        told["commit"], told["branch"], told["remote"], told.get("diff", ""), told.get("diff_is_cut", False),
        tuple(told.get("diff_lacks", ())), tuple(told.get("untracked", ())),
    )  # fmt: skip
    return Recorded(
        "r1", "otter", "Default", commit=told["commit"], source_folder=str(folder), git=found,
        source=source.files_now(folder),
    )  # fmt: skip


def contents(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_what_was_changed_added_removed_and_not_committed_comes_back(repository, tmp_path):
    (repository / "train.py").write_text("x = 2\n")
    (repository / "table.bin").write_bytes(b"\0\5\6\7")
    (repository / "notes.txt").unlink()
    (repository / "new.py").write_text("z = 1\n")
    (repository / "staged.txt").write_text("staged\n")
    git(repository, "add", "staged.txt")
    git(repository, "mv", "model.py", "moved.py")
    assert restore(record_of(repository), tmp_path / "again") == []
    assert contents(tmp_path / "again") == contents(repository)


def test_a_commit_comes_from_its_remote_where_the_checkout_is_gone(repository, tmp_path):
    told = record_of(repository)
    told = replace(told, source_folder="/nowhere", git=replace(told.git, remote=f"file://{repository}"))
    assert restore(told, tmp_path / "again") == []
    assert source.git_now(tmp_path / "again")["remote"] == f"file://{repository}"


def test_without_a_remote_the_captured_source_is_what_there_is_and_that_is_said(repository, tmp_path):
    told = replace(record_of(repository), source_folder="/nowhere")
    (line,) = restore(told, tmp_path / "again")
    assert "is in no checkout on this machine. There are only the files of source that were captured, 2." in line
    assert set(contents(tmp_path / "again")) == {"train.py", "model.py"}


def test_with_neither_commit_nor_source_there_is_nothing_to_run(tmp_path):
    with pytest.raises(TrackerError, match="neither a commit nor source was captured"):
        restore(Recorded("r1", "otter", "Default"), tmp_path / "again")


def test_a_commit_that_nobody_has_is_an_error_that_names_it(tmp_path):
    told = Recorded("r1", "otter", "Default", commit="a" * 40, git=Checkout(remote=f"file://{tmp_path}/none"))
    with pytest.raises(TrackerError, match="Commit aaaaaaaaaaaa can't be fetched from file://"):
        restore(told, tmp_path / "again")


@pytest.mark.parametrize("remote", ["ext::sh -c id", "--upload-pack=id", "fd::1"])
def test_an_address_that_would_start_something_is_refused(tmp_path, remote):
    told = Recorded("r1", "otter", "Default", commit="a" * 40, git=Checkout(remote=remote))
    with pytest.raises(TrackerError):
        restore(told, tmp_path / "again")


def test_of_a_diff_that_was_cut_what_is_whole_is_applied_and_source_makes_up_for_the_rest(repository, tmp_path):
    (repository / "model.py").write_text("y = 2\n" * 20)
    (repository / "notes.txt").write_text("second\n")
    (repository / "train.py").write_text("x = 2\n")
    told = record_of(repository)
    cut = told.git.diff.index("diff --git a/train.py") + 90
    told = replace(told, git=replace(told.git, diff=told.git.diff[:cut], is_cut=True))
    assert restore(told, tmp_path / "again") == []
    assert contents(tmp_path / "again") == contents(repository)
    assert restore(replace(told, source={}), tmp_path / "bare") == ["Changes of train.py: the diff was cut there."]


def test_changes_that_were_not_captured_are_named(repository, tmp_path, monkeypatch):
    monkeypatch.setattr(source, "MAX_DIFF_LENGTH", 800)
    (repository / "table.bin").write_bytes(b"\0" * 900)
    (repository / "data").mkdir()
    (repository / "data" / "rows.csv").write_text("1\n")
    missing = restore(record_of(repository), tmp_path / "again")
    assert missing == [
        "Changes of table.bin: it holds secrets, or is binary and was too large.",
        "Files that git did not know: data/.",
    ]


def test_changes_with_bytes_that_are_no_utf_8_are_named(repository, tmp_path):
    (repository / "notes.txt").write_bytes(b"caf\xe9\n")
    missing = restore(record_of(repository), tmp_path / "again")
    assert missing == ["Changes of notes.txt: it holds bytes that are no UTF-8, which were not captured."]


def test_a_diff_that_does_not_fit_is_named_and_the_rest_is_applied(repository, tmp_path):
    (repository / "notes.txt").write_text("second\n")
    (repository / "train.py").write_text("x = 2\n")
    told = record_of(repository)
    told = replace(told, git=replace(told.git, diff=told.git.diff.replace("-first", "-other")), source={})
    assert restore(told, tmp_path / "again") == ["Changes of notes.txt: the diff does not fit."]
    assert (tmp_path / "again" / "train.py").read_text() == "x = 2\n"


@pytest.mark.parametrize("name", ["../out.py", "/tmp/out.py", ".git/hooks/post-checkout", "a/../../out.py", "", "a\0b"])
def test_captured_names_lead_nowhere_else(tmp_path, name):
    told = Recorded("r1", "otter", "Default", source={name: "x = 1\n", "train.py": "x = 1\n"})
    restore(told, tmp_path / "below" / "again")
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["train.py"]


@pytest.mark.parametrize("name", ["x" * 300, "\ud800", "train.py/x", "folder", "a/" * 2000 + "b"])
def test_a_captured_name_that_can_not_be_is_told_and_the_rest_is_written(tmp_path, name):
    (tmp_path / "again" / "folder").mkdir(parents=True)
    told = Recorded("r1", "otter", "Default", source={"train.py": "x = 1\n", name: "x = 1\n"})
    assert restore(told, tmp_path / "again") == [f"Source that can't be written here: {name[:80]!r}."]
    assert (tmp_path / "again" / "train.py").read_text() == "x = 1\n"


@pytest.mark.parametrize("fields", [{"source_folder": "/" + "x" * 5000}, {"commit": "\0"}])
def test_folders_and_commits_that_can_not_be_are_no_checkout(repository, tmp_path, fields):
    told = replace(record_of(repository), source={}, **fields)
    with pytest.raises(TrackerError, match="can't be brought back"):
        restore(told, tmp_path / "again")


def test_an_address_that_no_program_can_be_given_is_named(tmp_path):
    told = Recorded("r1", "otter", "Default", commit="a" * 40, git=Checkout(remote="https://\ud800/x"))
    with pytest.raises(TrackerError, match="can't be fetched from"):
        restore(told, tmp_path / "again")


def test_files_that_git_did_not_know_may_be_called_anything(repository, tmp_path):
    told = record_of(repository)
    told = replace(told, git=replace(told.git, untracked=("x" * 5000, "\0")))
    (line,) = restore(told, tmp_path / "again")
    assert line.startswith("Files that git did not know: xxx")


def test_without_git_the_captured_source_is_what_there_is(repository, tmp_path, monkeypatch):
    told = record_of(repository)
    monkeypatch.setenv("PATH", "")
    (line,) = restore(told, tmp_path / "again")
    assert "There are only the files of source that were captured, 2." in line


def test_captured_names_do_not_follow_links_of_the_commit(repository, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (repository / "link").symlink_to(outside)
    (repository / "file.py").symlink_to(outside / "file.py")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "Links")
    told = replace(record_of(repository), source={"link/out.py": "x\n", "file.py": "x\n"})
    restore(told, tmp_path / "again")
    assert list(outside.iterdir()) == []


def test_a_diff_does_not_lead_out_of_the_checkout(repository, tmp_path):
    diff = (
        "diff --git a/../out.py b/../out.py\nnew file mode 100644\n--- /dev/null\n+++ b/../out.py\n@@ -0,0 +1 @@\n+x\n"
    )
    told = replace(record_of(repository), source={})
    told = replace(told, git=replace(told.git, diff=diff))
    assert restore(told, tmp_path / "again") == ["Changes of ../out.py: the diff does not fit."]
    assert not (tmp_path / "out.py").exists()
