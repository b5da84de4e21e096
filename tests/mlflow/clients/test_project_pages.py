"""What our pages make of a run of the real `mlflow run`."""

import html
import json
import re
import subprocess
import urllib.request

PROJECT = """
name: small
entry_points:
  train:
    parameters:
      alpha: {type: float, default: 0.5}
      words: {default: a b}
    command: "python -c 'pass' {alpha} {words}"
"""


def fetched(address):
    with urllib.request.urlopen(address, timeout=60) as answer:
        return answer.read().decode()


def runs_of(tracker, experiment):
    made = json.loads(fetched(f"{tracker}/api/2.0/mlflow/experiments/get-by-name?experiment_name={experiment}"))
    number = made["experiment"]["experiment_id"]
    return json.loads(fetched(f"{tracker}/api/v1/runs/?experiment={number}"))["runs"]


def page_of_run(tracker, mlflow, uri, experiment):
    mlflow("run", uri, "-e", "train", "-P", "alpha=0.25", "--env-manager", "local", "--experiment-name", experiment)
    (run,) = runs_of(tracker, experiment)
    page = html.unescape(fetched(f"{tracker}/runs/{run['run_id']}/"))
    return page, re.search(r'line for a shell">(.*?)</pre>', page, re.DOTALL)[1]


def git(folder, *words):
    identity = ["-c", "user.name=a", "-c", "user.email=a@b"]
    return subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True, text=True).stdout


def test_a_folder_is_run_again_as_it_was(tracker, mlflow, tmp_path):
    folder = tmp_path / "small"
    folder.mkdir()
    (folder / "MLproject").write_text(PROJECT)
    page, line = page_of_run(tracker, mlflow, str(folder), "project-folder")
    words = f"tracker run {folder} -e train -P alpha=0.25 -P 'words=a b'"
    assert line.startswith(f"TRACKER_URI={tracker} {words}")
    assert "All runs of this project" in page
    assert "small" in fetched(f"{tracker}/projects/")


def test_a_part_of_a_repository_is_run_again_at_its_commit(tracker, mlflow, tmp_path):
    folder = tmp_path / "repository" / "part"
    folder.mkdir(parents=True)
    (folder / "MLproject").write_text(PROJECT)
    git(folder, "init", "-q", "..")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "first")
    commit = git(folder, "rev-parse", "HEAD").strip()
    _, line = page_of_run(tracker, mlflow, f"file://{folder.parent}#part", "project-git")
    assert f"tracker run 'file://{folder.parent}#part' -v {commit} -e train -P alpha=0.25" in line
