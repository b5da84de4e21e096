"""What of a program's own source a run tells."""

import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tracker.capture import environment, source

NAMED = ["-c", "user.name=x", "-c", "user.email=x@example.org"]


def checkout(folder, **files):
    """A git checkout with one commit of these files, whose names have _ for a dot."""
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / name.replace("_", ".")).write_bytes(content)
    for words in (["init", "-q"], ["add", "."], [*NAMED, "commit", "-q", "-m", "First"]):
        subprocess.run(["git", "-C", str(folder), *words], check=True)
    return folder


def test_of_a_checkout_the_files_that_git_knows_are_told_as_they_stand(tmp_path):
    folder = tmp_path / "src"
    folder.mkdir()
    (folder / "train.py").write_text("x = 1\n")
    (tmp_path / "config.yaml").write_text("lr: 0.1\n")
    (tmp_path / "data.csv").write_text("1,2\n")
    (tmp_path / "secret.py").write_text("KEY = 1\n")
    (tmp_path / "link.py").symlink_to("/etc/hostname")
    for words in (["init", "-q"], ["add", "src", "config.yaml", "data.csv", "link.py"]):
        subprocess.run(["git", "-C", str(tmp_path), *words], check=True)
    (folder / "train.py").write_text("x = 2\n")
    assert source.files(folder) == {"config.yaml": "lr: 0.1\n", "src/train.py": "x = 2\n"}


def test_without_git_python_files_beside_the_script_are_told(tmp_path):
    (tmp_path / "train.py").write_text("x = 1\n")
    (tmp_path / "notes.yaml").write_text("a: 1\n")
    (tmp_path / "binary.py").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "other.py").write_text("y = 1\n")
    assert source.files(tmp_path) == {"train.py": "x = 1\n"}


def test_long_files_are_left_out_and_all_together_are_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(source, "MAX_FILE_LENGTH", 50)
    monkeypatch.setattr(source, "MAX_SOURCE_LENGTH", 60)
    for name, length in (("a.py", 40), ("b.py", 51), ("c.py", 30), ("d.py", 20)):
        (tmp_path / name).write_text("#" * length)
    assert list(source.files(tmp_path)) == ["a.py", "d.py"]


def test_source_that_git_does_not_know_is_told_where_the_program_lies_but_for_secrets_and_packages(tmp_path):
    folder = checkout(tmp_path / "repo", train_py=b"x = 1\n", _gitignore=b"ignored.py\n")
    for name in ("new.py", "ignored.py", "api_key.yaml", "env/lib/python3.11/site-packages/numpy.py"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("y = 1\n")
    assert list(source.files(folder)) == ["new.py", "train.py"]


def test_a_module_that_was_imported_from_the_checkout_is_told_though_git_does_not_know_it(tmp_path, monkeypatch):
    folder = checkout(tmp_path / "repo", train_py=b"x = 1\n")
    (folder / "scripts").mkdir()
    (folder / "helper_of_p4.py").write_text("z = 1\n")
    (folder / "other.py").write_text("z = 1\n")
    monkeypatch.syspath_prepend(folder)
    importlib.import_module("helper_of_p4")
    assert set(source.files(folder / "scripts")) == {"helper_of_p4.py", "train.py"}


def test_a_binary_file_that_changed_is_part_of_the_diff(tmp_path):
    folder = checkout(tmp_path / "repo", train_py=b"x = 1\n", table_npy=b"\0\1\2")
    (folder / "table.npy").write_bytes(b"\0\1\2\3")
    told = source.git(folder)
    assert "GIT binary patch" in told["diff"]
    assert "diff_lacks" not in told


def test_a_binary_file_that_is_too_large_is_named(tmp_path, monkeypatch):
    folder = checkout(tmp_path / "repo", train_py=b"x = 1\n", table_npy=b"\0\1\2")
    monkeypatch.setattr(source, "MAX_DIFF_LENGTH", 1000)
    (folder / "table.npy").write_bytes(b"\0" * 2000)
    (folder / "train.py").write_text("x = 2\n")
    told = source.git(folder)
    assert told["diff_lacks"] == ["table.npy"]
    assert "+x = 2" in told["diff"]


def test_a_change_of_a_file_that_holds_secrets_is_named_and_not_told(tmp_path):
    folder = checkout(tmp_path / "repo", _env=b"KEY=1\n", train_py=b"x = 1\n", credentials_json=b"{}\n")
    for name in (".env", "credentials.json", "train.py"):
        (folder / name).write_text("KEY=hidden\n" if name != "train.py" else "x = 2\n")
    told = source.git(folder)
    assert told["diff_lacks"] == [".env", "credentials.json"]
    assert "+x = 2" in told["diff"]
    assert "hidden" not in told["diff"]


def test_code_that_is_about_passwords_is_told_as_any_other(tmp_path):
    folder = checkout(tmp_path / "repo", password_strength_py=b"x = 1\n")
    (folder / "password.strength.py").write_text("x = 2\n")
    assert "+x = 2" in source.git(folder)["diff"]


def test_distributions_that_came_from_no_index_are_told_with_their_address(tmp_path, monkeypatch):
    told = {
        "ours-1.0": {"url": "file:///home/me/ours", "dir_info": {"editable": True}},
        "theirs-2.0": {"url": "https://me:word@x.org/a.git", "vcs_info": {"vcs": "git", "commit_id": "abc"}},
        "odd-3.0": [],
    }
    for name, content in told.items():
        (tmp_path / f"{name}.dist-info").mkdir()
        (tmp_path / f"{name}.dist-info" / "direct_url.json").write_text(json.dumps(content))
    monkeypatch.setattr("sys.path", [str(tmp_path)])
    environment.origins.cache_clear()
    assert environment.origins() == {
        "ours": {"url": "file:///home/me/ours", "editable": True},
        "theirs": {"url": "https://x.org/a.git", "vcs": "git", "commit": "abc"},
    }
    environment.origins.cache_clear()


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["--api-key", "x", "--lr", "1"], ["--api-key", "…", "--lr", "1"]),
        (["--hf_token=x", "HF_TOKEN=x", "--auth-tokens=x"], ["--hf_token=…", "HF_TOKEN=…", "--auth-tokens=…"]),
        (["--max-tokens", "512", "--tokenizer=bert", "tokens_per_batch=8"], None),
    ],
)
def test_values_of_what_is_called_like_a_secret_are_left_out(monkeypatch, words, shown):
    monkeypatch.setattr(sys, "orig_argv", words)
    assert source.command() == (shown or words)


@pytest.mark.parametrize("place", ["lib/python3.11/site-packages/pytest/__main__.py", "lib/python3.12/cProfile.py"])
def test_a_program_of_somebody_else_runs_code_of_the_current_folder(tmp_path, monkeypatch, place):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys.modules["__main__"], "__file__", str(tmp_path / "env" / place), raising=False)
    assert source.folder_of_code() == tmp_path
    monkeypatch.setattr(sys.modules["__main__"], "__file__", str(Path(sys.executable).with_name("pytest")))
    assert source.folder_of_code() == tmp_path
    monkeypatch.setattr(sys.modules["__main__"], "__file__", str(tmp_path / "below" / "train.py"))
    assert source.folder_of_code() == tmp_path / "below"


def test_what_a_folder_tells_git_to_start_is_not_started(tmp_path):
    monitor = tmp_path / "monitor.sh"
    monitor.write_text(f"#!/bin/sh\ntouch {tmp_path}/started\n")
    monitor.chmod(0o755)
    folder = tmp_path / "code"
    subprocess.run(["git", "init", "-q", folder], check=True)
    (folder / "a.py").write_text("1\n")
    identity = ("-c", "user.name=n", "-c", "user.email=e@example.org")
    subprocess.run(["git", "-C", folder, "add", "."], check=True)
    subprocess.run(["git", "-C", folder, *identity, "commit", "-qm", "First"], check=True)
    subprocess.run(["git", "-C", folder, "config", "core.fsmonitor", str(monitor)], check=True)
    assert source.git_now(folder)["commit"]
    assert not (tmp_path / "started").exists()


@pytest.mark.parametrize(
    ("remote", "told"),
    [
        ("https://me:p@ss@git.example/a.git", "https://git.example/a.git"),
        ("ssh://git@git.example/a.git", "ssh://git@git.example/a.git"),
        ("ssh://git:pw@git.example/a.git", "ssh://git@git.example/a.git"),
        ("git@git.example:a.git", "git@git.example:a.git"),
    ],
)
def test_a_remote_is_told_without_its_password_and_with_the_user_that_ssh_needs(tmp_path, remote, told):
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    identity = ("-c", "user.name=n", "-c", "user.email=e@example.org")
    subprocess.run(["git", "-C", tmp_path, *identity, "commit", "-q", "--allow-empty", "-m", "First"], check=True)
    subprocess.run(["git", "-C", tmp_path, "remote", "add", "origin", remote], check=True)
    assert source.git_now(tmp_path)["remote"] == told
