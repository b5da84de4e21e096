"""What of a program's own source a run tells."""

import subprocess

from tracker.capture import source


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
