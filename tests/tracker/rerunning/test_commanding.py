"""The command line of a rerun."""

from pathlib import Path

import pytest

from tracker.errors import InvalidValue, TrackerError
from tracker.rerunning.commanding import changed, command_of
from tracker.rerunning.layout import layout_of
from tracker.rerunning.recorded import Recorded

NEW = Path("/new/bin/python")


def words(*command, changes=None, executable="/old/bin/python", folder="/home/me/repo", code="/home/me/repo"):
    told = Recorded("r1", "otter", "Default", command=command, executable=executable, folder=folder, source_folder=code)
    return command_of(told, layout_of(told, Path("/top")), NEW, changes or {}).words


@pytest.mark.parametrize("python", ["python", "python3.11", "/old/bin/python", "pypy3"])
def test_the_new_python_starts_it(python):
    assert words(python, "-u", "train.py", "--lr", "0.1") == ("/new/bin/python", "-u", "train.py", "--lr", "0.1")


def test_a_program_beside_the_old_python_is_that_beside_the_new_one():
    assert words("/old/bin/python", "/old/bin/train", "x") == ("/new/bin/python", "/new/bin/train", "x")


def test_paths_into_the_old_checkout_lead_into_the_new_one():
    told = words("python", "/home/me/repo/train.py", "--data=/home/me/repo/data", "/home/me/repo2", "/home/me/repo")
    assert told[1:] == ("/top/train.py", "--data=/top/data", "/home/me/repo2", "/top")


def test_a_script_that_was_started_from_elsewhere_is_found_in_the_new_checkout(tmp_path):
    (tmp_path / "train.py").touch()
    told = Recorded(
        "r", "o", "D", command=("python", "../repo/train.py"), folder="/home/me/x", source_folder="/home/me/repo"
    )
    places = layout_of(told, tmp_path)
    assert command_of(told, places, NEW, {}).words[1] == str(tmp_path / "train.py")


@pytest.mark.parametrize(
    "command", [("python",), ("python", "-i"), ("python", "-"), ("python", "-m"), ("python", "-X", "dev")]
)
def test_what_was_typed_is_refused(command):
    with pytest.raises(TrackerError, match="typed into an interactive Python"):
        words(*command)


@pytest.mark.parametrize(
    "command", [("python", "-m", "pack.train", "--lr", "1"), ("python", "-W", "error", "-c", "print()", "--lr", "1")]
)
def test_modules_and_code_have_arguments_too(command):
    assert words(*command, changes={"lr": "2"})[-2:] == ("--lr", "2")


@pytest.mark.parametrize(
    ("arguments", "key", "value", "expected"),
    [
        (["--lr", "0.1", "x"], "lr", "0.2", ["--lr", "0.2", "x"]),
        (["--lr=0.1"], "lr", "0.2", ["--lr=0.2"]),
        (["lr=0.1", "+seed=1"], "seed", "2", ["lr=0.1", "+seed=2"]),
        (["--batch-size", "8"], "batch_size", "16", ["--batch-size", "16"]),
        (["--batch_size", "8"], "batch-size", "16", ["--batch_size", "16"]),
        (["--lr", "-1"], "lr", "-2.5", ["--lr", "-2.5"]),
        (["--name", "a"], "name", "-b", ["--name=-b"]),
        (["--verbose", "--lr", "1"], "verbose", "false", ["--lr", "1"]),
        (["--lr", "1", "--verbose"], "verbose", "true", ["--lr", "1", "--verbose"]),
        (["--lr", "1", "--lr", "2"], "lr", "3", ["--lr", "3", "--lr", "3"]),
        (["lr"], "lr", "3", ["lr", "--lr", "3"]),
        ([], "lr", "3", ["--lr", "3"]),
        (["model=big"], "lr", "3", ["model=big", "lr=3"]),
        (["--lr", "a b;c"], "lr", "$(x) 'y'", ["--lr", "$(x) 'y'"]),
    ],
)
def test_a_param_is_changed_as_the_command_line_says_it(arguments, key, value, expected):
    assert changed(arguments, key, value)[0] == expected


def test_what_was_added_is_said():
    assert changed([], "lr", "3")[1] == "lr was not on the command line: --lr 3 was added."


@pytest.mark.parametrize("hidden", [("--api-key", "…"), ("--api-key=…",)])
def test_a_secret_that_was_hidden_has_to_be_given(hidden):
    with pytest.raises(InvalidValue, match="-P api-key=VALUE"):
        words("python", "train.py", *hidden)
    assert "abc" in words("python", "train.py", *hidden, changes={"api_key": "abc"})[-1]
