"""`tracker rerun` of runs of projects: ours, and those that MLflow's client logged."""

import subprocess
import uuid
from pathlib import Path

import pytest

from tests.tracker.rerunning.conftest import git
from tracker import rerunning
from tracker.delivery.server import Server
from tracker.errors import TrackerError

PROJECT = """
name: digits
entry_points:
  train:
    parameters:
      lr: {type: float, default: 0.5}
      epochs: {type: float, default: 2}
    command: "python train.py {lr} {epochs}"
"""
SCRIPT = """
import sys
import tracker

lr, epochs = map(float, sys.argv[1:])
with tracker.start_run() as run:
    run.log_params({"seed": 7})
    for step in range(int(epochs)):
        run.log({"loss": 1 / (1 + lr * step)}, step=step)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project below a checkout, whose script was changed since its commit."""
    folder = tmp_path / "repository" / "digits"
    folder.mkdir(parents=True)
    (folder / "MLproject").write_text(PROJECT)
    (folder / "train.py").write_text("raise SystemExit('the commit, without its changes')\n")
    git(folder, "init", "-q", "..")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "First")
    (folder / "train.py").write_text(SCRIPT)
    return folder


def run_of(scripts, stored, folder, *words) -> dict:
    done = scripts.command("run", str(folder), "-e", "train", *words, TRACKER_CAPTURE="command,git,source")
    assert done.returncode == 0, done.stderr
    return stored.named("projects")[-1]


@pytest.mark.slow
def test_a_project_of_a_changed_checkout_runs_again_with_the_same_outcome(project, scripts, again, stored):
    old = run_of(scripts, stored, project, "-P", "lr=0.25", "--experiment-name", "projects")
    told = again(old["run_id"])
    assert told["is_reproduced"], told
    new = stored.run(told["run_id"])
    assert (new["tags"]["tracker.rerunOf"], new["tags"]["tracker.exitStatus"]) == (old["run_id"], "0")
    assert (new["source_type"], new["source_name"]) == ("PROJECT", old["source_name"])
    assert new["environment"]["project"]["uri"] == old["source_name"]
    assert (new["entry_point"], new["git_commit"], new["status"]) == ("train", old["git_commit"], "FINISHED")
    assert new["params"] == {"lr": "0.25", "epochs": "2", "seed": "7"}
    assert f"(/runs/{old['run_id']}/)" in new["note"]
    changed = again(old["run_id"], "-P", "epochs=4")
    assert [one["key"] for one in changed["differing"]["params"]] == ["epochs"]
    assert stored.run(changed["run_id"])["metrics"]["loss"]["count"] == 4


@pytest.mark.slow
@pytest.mark.parametrize("named", ["file://{top}#digits", "/elsewhere/file:{top}#digits", "{top}/digits"])
def test_a_project_that_mlflow_ran_takes_the_params_that_its_entry_point_has(
    project, again, stored, shared_server, named
):
    git(project, "commit", "-q", "-a", "-m", "Second")
    commit = subprocess.run(["git", "-C", project, "rev-parse", "HEAD"], capture_output=True, text=True).stdout.strip()
    run_id = uuid.uuid4().hex
    tags = {
        "mlflow.source.type": "PROJECT",
        "mlflow.source.name": named.format(top=project.parent),
        "mlflow.source.git.commit": commit,
        "mlflow.project.entryPoint": "train",
    }
    params = {"lr": "0.25", "epochs": "3", "seed": "7"}
    Server(shared_server.url).put_run(run_id, {"experiment": "of mlflow", "tags": tags, "params": params})
    told = again(run_id)
    assert "Of seed it is not known whether they were given or logged by the code: left out." in told["missing"]
    new = stored.run(told["run_id"])
    assert (new["params"], new["metrics"]["loss"]["count"]) == (params, 3)
    assert told["differing"]["params"] == []


WORDS = {"a": "'x y'", "b": "'it'\"'\"'s'", "c": "''", "d": "plain", "e": "it's", "f": "'x' 'y'"}


def test_params_that_mlflow_logged_as_words_of_the_shell_are_taken_as_they_were_given(
    tmp_path, again, stored, shared_server
):
    named = ", ".join(f"{name}: string" for name in WORDS)
    written = " ".join(f"{{{name}}}" for name in WORDS)
    command = f"printf '[%s]' {written} > said"
    (tmp_path / "MLproject").write_text(f'entry_points: {{main: {{parameters: {{{named}}}, command: "{command}"}}}}')
    told = {"source_type": "PROJECT", "source_name": str(tmp_path), "entry_point": "main", "params": WORDS}
    run_id = uuid.uuid4().hex
    Server(shared_server.url).put_run(run_id, {"experiment": "of mlflow"} | told)
    new = stored.run(again(run_id)["run_id"])
    assert (tmp_path / "said").read_text() == "[x y][it's][][plain][it's]['x' 'y']"
    assert {name: value for name, value in new["params"].items() if name in "abcd"} == {
        name: value for name, value in WORDS.items() if name in "abcd"
    }


@pytest.mark.slow
def test_a_project_whose_commit_is_gone_is_an_error_that_names_it(tmp_path, again, shared_server):
    run_id = uuid.uuid4().hex
    told = {"source_type": "PROJECT", "source_name": f"file://{tmp_path}/none", "git_commit": "a" * 40}
    Server(shared_server.url).put_run(run_id, {"experiment": "Default"} | told)
    told = again(run_id)
    assert told["status"] == 1
    assert "Commit aaaaaaaaaaaa" in told["said"]


@pytest.mark.parametrize("named", [".", "", "training#x"])
def test_a_folder_without_a_commit_and_a_whole_path_is_not_looked_for_here(shared_server, tmp_path, monkeypatch, named):
    (tmp_path / "training").mkdir()
    monkeypatch.chdir(tmp_path)
    server, run_id = Server(shared_server.url), uuid.uuid4().hex
    told = {"source_type": "PROJECT", "source_name": named, "environment": {"project": {"entry_point": "main"}}}
    server.put_run(run_id, {"experiment": "Default"} | told)
    with pytest.raises(TrackerError, match="from which folder on was not captured"):
        rerunning.rerun(server, run_id, rerunning.Options(manager="local"))
