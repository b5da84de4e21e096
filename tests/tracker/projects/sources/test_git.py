"""Projects that come out of repositories of git: their versions, what is told of them, and what must not run."""

import os
import re
import subprocess

import pytest

from tracker.errors import InvalidValue, TrackerError
from tracker.projects import sources


def text_of(source):
    return (source.folder / "project" / "train.py").read_text()


def test_without_a_version_the_default_branch_is_brought(history):
    source = sources.fetched(history.uri)
    assert (source.commit, source.branch, source.remote, text_of(source)) == (
        history.third, "", f"{history.folder}/.git", "three",
    )  # fmt: skip
    assert source.is_copy
    assert source.uri == history.uri
    assert sources.git.run(["rev-parse", "--abbrev-ref", "HEAD"], source.folder).strip() == "main"


@pytest.mark.parametrize(
    ("version", "text", "branch"),
    [("main", "three", "main"), ("feature/x", "beside", "feature/x"), ("v1", "one", ""), ("v2", "two", "")],
)
def test_branches_and_tags_are_versions(history, version, text, branch):
    source = sources.fetched(history.uri, version)
    assert (text_of(source), source.branch) == (text, branch)
    assert source.commit == {"one": history.first, "two": history.second, "three": history.third}.get(
        text, history.beside
    )


@pytest.mark.parametrize("length", [40, pytest.param(12, marks=pytest.mark.slow), 7])
def test_commits_are_versions_whole_and_abbreviated(history, length):
    source = sources.fetched(history.uri, history.second[:length])
    assert (text_of(source), source.commit, source.branch) == ("two", history.second, "")


@pytest.mark.slow
def test_a_branch_that_looks_like_a_commit_is_a_branch(history):
    history.git("branch", "abcdef0", "v1")
    assert sources.fetched(history.uri, "abcdef0").branch == "abcdef0"


@pytest.mark.slow
def test_a_repository_of_another_hash_is_brought(tmp_path, repository):
    subprocess.run(["git", "init", "--quiet", "--object-format=sha256", tmp_path / "wide"], check=True)
    repository.folder = tmp_path / "wide"
    commit = repository.commit(**{"project/train.py": "wide"})
    source = sources.fetched(repository.uri)
    assert (len(commit), source.commit, text_of(source)) == (64, commit, "wide")


@pytest.mark.parametrize("version", ["nothing", "0" * 40, "1234567", "v9"])
def test_a_version_that_is_not_there_is_said_and_nothing_is_left(history, tmp_path, version):
    with pytest.raises(InvalidValue, match=r"version: .* has no branch"):
        sources.fetched(history.uri, version)
    assert not list(tmp_path.glob("tracker-project-*"))


@pytest.mark.parametrize(
    "version", ["--upload-pack=touch x", "-q", "", "a b", "main:other", "HEAD~1", "a^{tree}", "x\ny", "+main", "*"]
)
def test_a_version_that_git_might_take_for_something_else_is_refused(history, version):
    with pytest.raises(InvalidValue, match="version: "):
        sources.fetched(history.uri, version)


@pytest.mark.slow
def test_an_empty_repository_is_said(tmp_path):
    subprocess.run(["git", "init", "--quiet", "--bare", tmp_path / "empty.git"], check=True)
    with pytest.raises(InvalidValue, match="has no commit"):
        sources.fetched(str(tmp_path / "empty.git"))


def test_a_repository_that_is_not_there_is_said_and_nothing_is_left(tmp_path):
    with pytest.raises(TrackerError, match="git ls-remote ended with"):
        sources.fetched("http://127.0.0.1:9/name.git")
    assert not list(tmp_path.glob("tracker-project-*"))


@pytest.mark.slow
def test_a_bare_repository_by_its_path_is_brought(history, tmp_path):
    subprocess.run(["git", "clone", "--quiet", "--bare", history.folder, tmp_path / "bare.git"], check=True)
    source = sources.fetched(f"{tmp_path}/bare.git#project", "v1")
    assert (source.folder / "train.py").read_text() == "one"
    assert source.uri == f"{tmp_path}/bare.git#project"


def test_one_commit_is_checked_out_for_a_rerun(history, tmp_path):
    sources.checkout(history.uri, history.first, tmp_path / "again")
    assert (tmp_path / "again/project/train.py").read_text() == "one"
    assert sources.git.run(["rev-parse", "HEAD"], tmp_path / "again").strip() == history.first


def test_a_folder_that_is_there_is_not_written_to(history, tmp_path):
    with pytest.raises(InvalidValue, match="is there already"):
        sources.checkout(history.uri, history.first, history.folder)


@pytest.mark.parametrize("commit", ["main", "--all", "abc", "g" * 40])
def test_a_rerun_needs_a_whole_commit(history, tmp_path, commit):
    with pytest.raises(InvalidValue, match="commit: "):
        sources.checkout(history.uri, commit, tmp_path / "again")


@pytest.mark.slow
def test_a_copy_is_deleted_whole_and_a_folder_of_the_user_is_not(history):
    copy, own = sources.fetched(f"{history.uri}#project"), sources.fetched(str(history.folder))
    assert sources.is_copy(copy.folder)
    assert not sources.is_copy(own.folder)
    copy.delete()
    own.delete()
    assert not copy.root.exists()
    assert own.folder.exists()


@pytest.mark.slow
def test_hooks_and_templates_of_the_user_do_not_run(history, tmp_path, monkeypatch):
    hook = tmp_path / "hooks" / "post-checkout"
    hook.parent.mkdir()
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    hook.chmod(0o755)
    (tmp_path / "template").mkdir()
    (tmp_path / "template/hooks").symlink_to(hook.parent)
    (tmp_path / "settings").write_text(
        f"[core]\nhooksPath={hook.parent}\n[init]\ntemplateDir={tmp_path}/template\n[protocol]\nallow=always\n"
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "settings"))
    source = sources.fetched(history.uri, "v1")
    assert not (tmp_path / "ran").exists()
    assert not (source.folder / ".git/hooks").exists()


@pytest.mark.slow
def test_a_repository_that_git_works_in_is_left_alone(history, monkeypatch):
    monkeypatch.setenv("GIT_DIR", str(history.folder / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(history.folder))
    assert text_of(sources.fetched(history.uri, "v1")) == "one"
    monkeypatch.delenv("GIT_DIR")
    monkeypatch.delenv("GIT_WORK_TREE")
    assert history.git("rev-parse", "HEAD") == history.third


@pytest.mark.slow
def test_a_link_in_a_repository_does_not_lead_out_of_it(repository):
    (repository.folder / "out").symlink_to("/etc")
    (repository.folder / "in").symlink_to("project")
    repository.commit()
    with pytest.raises(InvalidValue, match="leads out"):
        sources.fetched(f"{repository.uri}#out")
    assert (sources.fetched(f"{repository.uri}#in").folder / "train.py").read_text() == "one"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a'b$(touch_ran)", "é", "refs/heads/main", ";ls"])
def test_odd_names_of_branches_are_names(history, name):
    history.git("update-ref", f"refs/heads/{name}", "v1")
    source = sources.fetched(history.uri, name)
    assert (text_of(source), source.branch) == ("one", name)


@pytest.mark.slow
def test_branches_that_begin_with_a_dash_do_no_harm(history):
    for name in ("-x", "--upload-pack=touch_ran"):
        (history.folder / ".git/refs/heads" / name).write_text(f"{history.first}\n")
    assert sources.fetched(history.uri, history.second[:8]).commit == history.second


@pytest.mark.slow
def test_a_default_branch_of_an_odd_name_does_no_harm(history):
    (history.folder / ".git/refs/heads/-x").write_text(f"{history.first}\n")
    (history.folder / ".git/HEAD").write_text("ref: refs/heads/-x\n")
    assert text_of(sources.fetched(history.uri)) == "one"


@pytest.mark.slow
def test_submodules_of_this_machine_are_not_brought(history, tmp_path, repository):
    history.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(repository.folder), "module")
    history.commit()
    with pytest.raises(TrackerError, match="submodules, which come by https, http and ssh alone"):
        sources.fetched(history.uri)
    assert not list(tmp_path.glob("tracker-project-*"))


def test_a_password_opens_the_door_and_is_kept_nowhere(history, tmp_path, monkeypatch):
    # For git, the server with the password is a folder of this machine here.
    (tmp_path / "settings").write_text(f'[url "{history.uri}"]\ninsteadOf = https://example.org/a.git\n')
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "settings"))
    source = sources.fetched("https://me:secret@example.org/a.git#project", "v1")
    assert (source.uri, source.remote) == ("https://example.org/a.git#project", "https://example.org/a.git")
    kept = [file for file in source.root.rglob("*") if file.is_file() and b"secret" in file.read_bytes()]
    assert kept == []


def test_passwords_are_in_no_message(history):
    with pytest.raises(TrackerError) as raised:
        sources.fetched("http://me:geh%65im@127.0.0.1:9/name.git")
    assert not re.search("geh|me:", str(raised.value))
    with pytest.raises(InvalidValue) as raised:
        sources.fetched("https://me:ge/heim@example.org/name.git")
    assert "heim" not in str(raised.value)


def test_no_password_is_asked_for_off_a_terminal(monkeypatch):
    monkeypatch.delenv("GIT_SSH", raising=False)
    monkeypatch.setenv("GIT_SSH_COMMAND", "ssh -v")
    told = sources.git._environment(("https",))
    assert (told["GIT_TERMINAL_PROMPT"], told["GIT_SSH_COMMAND"]) == ("0", "ssh -v -oBatchMode=yes")
    assert told["GIT_ALLOW_PROTOCOL"] == "https"


def test_git_that_is_not_there_is_said(history, monkeypatch):
    monkeypatch.setenv("PATH", os.devnull)
    with pytest.raises(TrackerError, match="git is not installed"):
        sources.fetched(history.uri)
