"""`tracker rerun` of scripts that our client logged: real processes, a real server, real git."""

import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

from tests.tracker.conftest import PATIENCE_SECONDS
from tests.tracker.rerunning.conftest import MODEL, SCRIPT, checkout, git
from tracker import environments, rerunning
from tracker.delivery.server import Server
from tracker.environments import Recipe
from tracker.errors import TrackerError

CLASSIFIER = """
import argparse
import tracker
from model import classifier
from sklearn.datasets import load_iris
from sklearn.model_selection import cross_val_score

parser = argparse.ArgumentParser()
parser.add_argument("--depth", type=int, default=1)
parser.add_argument("--seed", type=int, default=0)
told = parser.parse_args()
features, labels = load_iris(return_X_y=True)
scores = cross_val_score(classifier(told.depth, told.seed), features, labels)
with tracker.start_run(experiment="iris again", params=vars(told)) as run:
    for step, score in enumerate(scores):
        run.log({"accuracy": score}, step=step)
    run.log({"mean": scores.mean()})
print(run.run_id)
"""
FOREST = """
from sklearn.ensemble import RandomForestClassifier

def classifier(depth, seed):
    return RandomForestClassifier(n_estimators=7, max_depth=depth, random_state=seed)
"""


def test_a_script_of_a_changed_checkout_runs_again_with_the_same_outcome(repository, logged, again, stored):
    old = logged(repository, "training/train.py", "--lr", "0.25")
    told = again(old)
    assert told["is_reproduced"], told
    assert (told["status"], told["missing"], told["equal_params"], told["equal_metrics"]) == (0, [], 2, 1)
    new, before = stored.run(told["run_id"]), stored.run(old)
    assert (new["status"], new["experiment_id"]) == ("FINISHED", before["experiment_id"])
    assert (new["tags"]["tracker.rerunOf"], new["tags"]["tracker.exitStatus"]) == (old, "0")
    assert new["git_commit"] == before["git_commit"]
    assert new["environment"]["git"]["diff"] == before["environment"]["git"]["diff"]
    assert new["environment"]["git"]["untracked"] == ["training/model.py"]
    assert not Path(new["environment"]["folder"]).exists()
    assert f"(/runs/{old}/)" in new["note"]


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"source_type": "NOTEBOOK"}, "was logged from a notebook"),
        ({"source_name": "train.py", "git_commit": "abc"}, "Known is: script train.py, commit abc"),
        ({}, "Known is: nothing of its code"),
        ({"environment": {"command": ["python"], "source": {"a.py": ""}}}, "typed into an interactive Python"),
        ({"tags": {"tracker.sweep.method": "grid"}, "environment": {"command": ["x"]}}, "tracker sweep --resume"),
        ({"environment": {"command": ["python", "a.py"]}}, "neither a commit nor source was captured"),
        ({"environment": {"command": "python a.py", "git": [], "packages": 3}}, "its command line was not captured"),
    ],
)
def test_what_can_not_run_again_is_said_with_what_is_known(shared_server, fields, problem):
    server, run_id = Server(shared_server.url), uuid.uuid4().hex
    server.put_run(run_id, {"experiment": "Default"} | fields)
    with pytest.raises(TrackerError, match=problem):
        rerunning.rerun(server, run_id, rerunning.Options(manager="local"))


def recorded_of(repository, **fields):
    """What a run in a checkout would have recorded, but for some fields."""
    git = {"commit": subprocess.check_output(["git", "-C", repository, "rev-parse", "HEAD"], text=True).strip()}
    told = {
        "command": ["python", "training/train.py"],
        "folder": str(repository),
        "source_folder": str(repository),
        "git": git,
    }
    return {"environment": told | fields}


def test_the_run_of_a_program_that_can_not_be_started_is_failed(shared_server, repository, stored):
    server, run_id, name = Server(shared_server.url), uuid.uuid4().hex, uuid.uuid4().hex
    server.put_run(run_id, {"experiment": name} | recorded_of(repository, command=["no-such-program", "x"]))
    with pytest.raises(TrackerError, match="can't be started: No such file"):
        rerunning.rerun(server, run_id, rerunning.Options(manager="local"))
    new = stored.run(stored.named(name)[-1]["run_id"])
    assert (new["status"], new["tags"]["tracker.exitStatus"]) == ("FAILED", "127")
    assert "No such file" in new["failure"]


@pytest.mark.parametrize("below", ["link", "link/new", "README", "x" * 300])
def test_a_folder_to_start_in_that_leads_elsewhere_or_can_not_be_is_refused(shared_server, repository, tmp_path, below):
    outside = tmp_path / "outside"
    outside.mkdir()
    (repository / "link").symlink_to(outside)
    (repository / "README").write_text("")
    git(repository, "add", "link", "README")
    git(repository, "commit", "-q", "-m", "Link")
    server, run_id = Server(shared_server.url), uuid.uuid4().hex
    server.put_run(run_id, {"experiment": "Default"} | recorded_of(repository, folder=f"{repository}/{below}"))
    with pytest.raises(TrackerError, match="folder"):
        rerunning.rerun(server, run_id, rerunning.Options(manager="local"))
    assert list(outside.iterdir()) == []


def test_what_will_be_started_is_seen_whatever_it_holds(shared_server, repository, capfd):
    server, run_id = Server(shared_server.url), uuid.uuid4().hex
    words = ["python", "training/train.py", "a b", "\x1b[2Khidden", "x\ntracker: forged"]
    server.put_run(run_id, {"experiment": "Default"} | recorded_of(repository, command=words))
    rerunning.rerun(server, run_id, rerunning.Options(manager="local", dry_run=True))
    said = capfd.readouterr().err
    assert r"python training/train.py 'a b' '\x1b[2Khidden' 'x\ntracker: forged'" in said
    assert "\x1b" not in said


@pytest.mark.parametrize("tolerance", ["nan", "inf", "-1"])
def test_a_tolerance_that_is_no_part_of_a_value_is_refused(scripts, tolerance):
    done = scripts.command("rerun", "otter", "--tolerance", tolerance)
    assert done.returncode == 2
    assert "--tolerance" in done.stderr


@pytest.mark.slow
def test_a_run_that_has_not_ended_is_said_and_the_comparison_has_the_tolerance(
    repository, logged, again, shared_server
):
    old = logged(repository, "training/train.py")
    body = {"writer": "0123456789abcdef", "seq": 1, "status": "RUNNING"}
    assert shared_server.client().post(f"/api/v1/runs/{old}/log/", body).status == 200
    told = again(old, "--tolerance", "1e-3")
    assert f"run {old} has not ended" in told["said"]
    assert told["comparison"].endswith("&tab=metrics&tolerance=0.001")


@pytest.mark.slow
def test_a_scikit_learn_script_gives_the_same_metrics(tmp_path, logged, again, stored):
    old = logged(checkout(tmp_path / "iris", CLASSIFIER, FOREST), "training/train.py", "--seed", "3")
    told = again(old, "--check")
    assert (told["status"], told["is_reproduced"], told["equal_metrics"]) == (0, True, 2)
    before, after = stored.run(old), stored.run(told["run_id"])
    assert after["metrics"]["mean"]["last"] == before["metrics"]["mean"]["last"]
    assert stored.points(told["run_id"], "accuracy") == stored.points(old, "accuracy")


@pytest.mark.slow
def test_another_value_of_a_param_is_said_stored_and_no_reproduction(repository, logged, again, stored):
    old = logged(repository, "training/train.py", "--lr=0.25")
    told = again(old, "-P", "lr=0.5", "-P", "epochs=2", "-e", "elsewhere", "--run-name", "other", "--check")
    assert "lr is 0.5 on the command line." in told["said"]
    assert "epochs was not on the command line: --epochs 2 was added." in told["said"]
    assert (told["status"], told["is_reproduced"]) == (1, False)
    assert [one["key"] for one in told["differing"]["params"]] == ["epochs", "lr"]
    (new,) = stored.named("elsewhere")
    assert (new["run_id"], new["name"], new["params"]) == (told["run_id"], "other", {"lr": "0.5", "epochs": "2"})
    assert "epochs was not on the command line" in new["note"]


@pytest.mark.slow
def test_a_dry_run_says_what_would_be_done_and_runs_nothing(repository, logged, again, stored):
    old = logged(repository, "training/train.py")
    before = len(stored.named("rerun"))
    told = again(old, "--dry-run", manager="uv")
    assert told["status"] == 0
    assert "an environment would be made by uv with" in told["said"]
    assert "python training/train.py" in told["said"]
    assert len(stored.named("rerun")) == before


@pytest.mark.slow
def test_a_program_that_fails_makes_a_failed_run_and_its_exit_status_is_ours(repository, logged, again, stored):
    old = logged(repository, "training/train.py")
    told = again(old, "-P", "epochs=many")
    assert told["status"] == told["exit_status"] == 2
    assert stored.run(told["run_id"])["status"] == "FAILED"


@pytest.mark.slow
def test_a_secret_of_the_command_line_has_to_be_given(repository, logged, again):
    old = logged(repository, "training/train.py", "--password", "open sesame")
    told = again(old)
    assert told["status"] == 2
    assert "Give it: -P password=VALUE." in told["said"]
    assert again(old, "-P", "password=another")["is_reproduced"]


@pytest.mark.slow
def test_a_script_outside_of_git_runs_from_its_captured_source(tmp_path, logged, again):
    folder = tmp_path / "plain" / "code"
    folder.mkdir(parents=True)
    (folder / "train.py").write_text(SCRIPT)
    (folder / "model.py").write_text(MODEL)
    old = logged(folder.parent, "code/train.py")
    shutil.rmtree(folder)
    assert again(old)["is_reproduced"]


@pytest.mark.slow
def test_what_could_not_be_restored_is_said_before_and_stored(repository, logged, again, stored):
    (repository / "data").mkdir()
    (repository / "data" / "rows.csv").write_text("1\n")
    old = logged(repository, "training/train.py")
    told = again(old)
    (line,) = told["missing"]
    assert line == "Files that git did not know: data/."
    assert told["said"].index(f"not as it was: {line}") < told["said"].index("starting ")
    assert "Files that git did not know: data/." in stored.run(told["run_id"])["note"]


@pytest.mark.slow
@pytest.mark.parametrize(("number", "is_for_all"), [(signal.SIGINT, True), (signal.SIGTERM, False)])
def test_what_ends_us_ends_the_program_and_the_run_says_killed(tmp_path, logged, scripts, stored, number, is_for_all):
    pause = "    import os, time\n    time.sleep(float(os.environ['SLEEP']))\n"
    wait = SCRIPT.replace("    for step", f"{pause}    for step")
    old = logged(checkout(tmp_path / "slow", wait, MODEL), "training/train.py", SLEEP="0")
    process = subprocess.Popen(
        [sys.executable, "-m", "tracker", "rerun", old, "--env-manager", "local"], text=True, cwd=tmp_path,
        env=scripts.environment(SLEEP="200"), stderr=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    begun = time.monotonic()
    while "logging to" not in process.stderr.readline():
        assert time.monotonic() - begun < PATIENCE_SECONDS
    time.sleep(0.3)
    (os.killpg if is_for_all else os.kill)(process.pid, number)
    process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode > 0
    new = next(run for run in stored.named("rerun") if run["tags"].get("tracker.rerunOf") == old)
    assert new["status"] == "KILLED"


@pytest.mark.slow
def test_an_environment_is_made_of_the_captured_packages(repository, logged, again, stored, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    python = environments.made(Recipe(tmp_path, ("six==1.16.0",)), "uv")
    (repository / "training" / "model.py").write_text(f"import six\n{MODEL}")
    old = logged(repository, "training/train.py", python=str(python), PYTHONPATH="")
    told = again(old, manager="uv", PYTHONPATH=str(Path(__file__).parents[3]))
    assert told["is_reproduced"], told
    new = stored.run(told["run_id"])
    assert new["environment"]["packages"] == stored.run(old)["environment"]["packages"]
    assert new["environment"]["packages"]["six"] == "1.16.0"
    assert new["environment"]["executable"].startswith(str(tmp_path / "cache"))
