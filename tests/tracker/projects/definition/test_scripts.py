"""Scripts are entry points without being listed."""

import pytest

from tracker.errors import InvalidProject


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("train.py", "python train.py"),
        ("my train.py", "python 'my train.py'"),
        ("$(touch x).py", "python '$(touch x).py'"),
        ("-c.py", "python ./-c.py"),
        ("{a}.py", "python '{a}.py'"),
        ("train.sh", "/bin/some sh train.sh"),
        ("train.R", "Rscript -e \"mlflow::mlflow_source('train.R')\" --args"),
        ("$(x).R", "Rscript -e 'mlflow::mlflow_source('\"'\"'$(x).R'\"'\"')' --args"),
    ],
)
def test_a_script_is_run_by_what_its_ending_says(project, tmp_path, monkeypatch, name, command):
    monkeypatch.setenv("SHELL", "/bin/some sh")
    made = project()
    (tmp_path / "project" / name).touch()
    line = made.entry_point(name).line({}, tmp_path)
    assert line.command == command.replace("/bin/some sh", "'/bin/some sh'")


def test_a_shell_script_is_run_by_bash_where_no_shell_is_named(project, tmp_path, monkeypatch):
    monkeypatch.delenv("SHELL", raising=False)
    made = project(train__sh="")
    assert made.entry_point("train.sh").line({"a": "b c"}, tmp_path).command == "bash train.sh --a 'b c'"


def test_a_listed_entry_point_comes_before_a_script_of_its_name(project):
    made = project("entry_points: {train.py: {command: 'echo listed'}}", train__py="")
    assert made.entry_point("train.py").command == "echo listed"


@pytest.mark.parametrize("name", ["none.py", "../out.py", "/etc/none.py", "a\0.py", "folder.py"])
def test_what_is_no_script_of_the_folder_is_refused(project, tmp_path, name):
    made = project()
    (tmp_path / "out.py").touch()
    (tmp_path / "project/folder.py").mkdir()
    with pytest.raises(InvalidProject, match=r"leads out of|there is no file"):
        made.entry_point(name)


def test_an_absolute_script_is_refused(project, tmp_path):
    made = project(train__py="")
    with pytest.raises(InvalidProject, match="is absolute"):
        made.entry_point(str(tmp_path / "project/train.py"))
