"""`tracker sweep`, from the command line to what the server has."""

import dataclasses
import json
import os
import re
import shlex
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import tracker
from tests.server import ROOT
from tests.tracker.sweeping.conftest import git
from tracker import sweeping
from tracker.command.sweep import _line_of, sweep
from tracker.errors import InvalidValue, TrackerError
from tracker.sweeping.spec import Spec
from tracker.sweeping.trials import Trial

GRID = ("-p", "lr=0.1,0.2", "-p", "depth=2,9", "--metric", "loss", "--jobs", "4")


def test_a_grid_is_run_whole_although_one_half_of_it_fails(sweeps):
    done = sweeps.begin(*GRID, "--name", "first try")
    assert done.returncode == 0, done.stderr
    trials = sweeps.trials()
    assert [(run["params"]["lr"], run["params"]["depth"], run["status"]) for run in trials] == [
        ("0.1", "2", "FINISHED"), ("0.1", "9", "FAILED"), ("0.2", "2", "FINISHED"), ("0.2", "9", "FAILED")
    ]  # fmt: skip
    parent = sweeps.parent()
    assert (parent["name"], parent["status"]) == ("first try", "FINISHED")
    assert {run["parent_run_id"] for run in trials} == {parent["run_id"]}
    told = {key.removeprefix("tracker.sweep."): text for key, text in parent["tags"].items()}
    expected = {"method": "grid", "metric": "loss", "goal": "minimize", "total": "4", "best": trials[0]["run_id"]}
    assert expected.items() <= told.items()
    assert parent["environment"]["sweep"]["parameters"] == {"lr": ["0.1", "0.2"], "depth": ["2", "9"]}
    assert "2 finished, 2 failed" in done.stdout
    assert "best: trial 0  loss 0.433333" in done.stdout


def test_a_trial_without_the_metric_is_seen_at_once():
    trial = Trial(0, {"lr": "0.1"}, "r", state="finished")
    assert _line_of(trial, "loss") == "trial 0 finished  no loss"
    assert _line_of(trial, None) == "trial 0 finished"


def test_every_field_is_an_option_of_the_same_name():
    options = {option for parameter in sweep.params for option in parameter.opts}
    for one in dataclasses.fields(Spec):
        assert one.name in ("uri", "parameters") or f"--{one.name.replace('_', '-')}" in options, one.name


def test_the_page_tells_of_every_option():
    page = (ROOT / "docs" / "sweeps.md").read_text()
    for parameter in sweep.params[1:]:
        assert any(f"`{option}" in page for option in parameter.opts), parameter.opts


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["-p", "lr"], "-p 'lr' has no name and value"),
        (["-p", "lr=1:x"], "-p lr: high='x' is no number"),
        ([], "parameters is empty"),
        (["-p", "lr=1,2", "--method", "bayes"], "method='bayes' is not one of"),
        (["-p", "lr=1,2", "-e", "tran"], "tran"),
        (["-p", "lr=1,2", "-b", "cluster"], "backend='cluster'"),
        (["--resume", "0" * 32], "There is no run"),
    ],
)
def test_a_mistake_is_named_before_anything_is_made(here, sweeps, words, why):
    done = CliRunner().invoke(sweep, [str(sweeps.folder), "--experiment", sweeps.experiment, *words])
    assert isinstance(done.exception, TrackerError)
    assert why in str(done.exception)
    assert sweeps.runs() == []


def test_a_run_that_is_no_sweep_can_not_be_gone_on_with(here):
    with tracker.start_run(experiment="no-sweep") as run:
        pass
    tracker.flush()
    with pytest.raises(InvalidValue, match="is no sweep"):
        sweeping.resume(run.run_id)


@pytest.mark.slow
def test_a_file_says_all_and_the_command_line_has_the_last_word(sweeps):
    file = sweeps.folder.parent / "sweep.yaml"
    parameters = {"lr": {"low": "1e-3", "high": 1, "log": True}, "depth": [2, 3]}
    fields = {"uri": "project", "experiment": sweeps.experiment, "method": "random", "trials": 9, "metric": "loss"}
    file.write_text(json.dumps(fields | {"parameters": parameters, "jobs": 2, "seed": 1}))
    done = sweeps.run(str(file), "--trials", "3", "-P", "depth=2", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["total"] == len(told["trials"]) == 3
    assert {trial["values"]["depth"] for trial in told["trials"]} == {"2"}
    assert told["best"]["value"] == min(trial["value"] for trial in told["trials"])


@pytest.mark.slow
def test_all_that_fail_make_it_fail(sweeps):
    done = sweeps.begin("-p", "lr=1,2", "-P", "depth=9")
    assert done.returncode == 1
    assert sweeps.parent()["status"] == "FAILED"


@pytest.mark.long
def test_it_stops_once_the_metric_is_reached_and_goes_on_when_asked_for_more(sweeps):
    words = ["-p", "lr=0.1,0.2,0.3,0.4", "-P", "depth=2", "--metric", "loss", "--stop-at", "0.45", "--jobs", "2"]
    done = sweeps.begin(*words)
    assert done.returncode == 0, done.stderr
    assert "stopped early: loss 0.433333 reached 0.45" in done.stdout
    assert 1 <= len(sweeps.trials("FINISHED")) < 4
    parent = sweeps.parent()
    assert parent["tags"]["tracker.sweep.stopped"] == "loss 0.433333 reached 0.45"
    done = sweeps.run("--resume", parent["run_id"], "--stop-at", "0.1", "--jobs", "3")
    assert done.returncode == 0, done.stderr
    assert len(sweeps.trials("FINISHED")) == 4
    assert "tracker.sweep.stopped" not in sweeps.parent()["tags"]


@pytest.mark.slow
def test_the_pruner_ends_what_is_worse_than_the_median(sweeps):
    sweeps.write("""
        import sys, time
        import tracker
        lr = float(sys.argv[1])
        with tracker.start_run() as run:
            for step in range(400 if lr > 1 else 3):
                run.log({"loss": lr / (step + 1)}, step=step)
                time.sleep(0.1)
    """)
    words = ["-p", "lr=0.1,0.2,100", "--metric", "loss", "--pruner", "median", "--startup-trials", "2"]
    done = sweeps.begin(*words)
    assert done.returncode == 0, done.stderr
    assert [run["status"] for run in sweeps.trials()] == ["FINISHED", "FINISHED", "KILLED"]
    assert sweeps.trials("KILLED")[0]["tags"]["tracker.sweep.pruned"].isdecimal()
    assert "2 finished, 1 pruned" in done.stdout


@pytest.mark.long
def test_a_branch_that_moves_meanwhile_changes_nothing(sweeps, repository):
    first = git(repository, "rev-parse", "HEAD")
    sweeps.write(f"""
        import subprocess
        subprocess.run(["git", "-C", {str(repository)!r}, "-c", "user.name=a", "-c", "user.email=a@example.com",
                        "commit", "-q", "--allow-empty", "-m", "moved"], check=True)
    """)
    git(repository, "commit", "-q", "-a", "-m", "second")
    second = git(repository, "rev-parse", "HEAD")
    words = [f"file://{repository}", "-v", "main", "-p", "lr=1,2", "--experiment", sweeps.experiment]
    done = sweeps.run(*words)
    assert done.returncode == 0, done.stderr
    assert first != second != git(repository, "rev-parse", "HEAD")
    assert [run["git_commit"] for run in sweeps.trials()] == [second, second]
    assert sweeps.parent()["environment"]["sweep"]["version"] == second


@pytest.mark.long
def test_a_trial_that_can_not_be_started_is_a_failed_one(sweeps):
    sweeps.write_project({"lr": {"type": "float", "default": 1}, "data": {"type": "path"}})
    sweeps.write("print('trained')")
    for name in ("a", "c"):
        (sweeps.folder.parent / name).write_text("")
    done = sweeps.begin("-p", "data=a,b,c")
    assert done.returncode == 0, done.stderr
    assert [run["status"] for run in sweeps.trials()] == ["FINISHED", "FAILED", "FINISHED"]
    assert "b" in sweeps.trials("FAILED")[0]["failure"]


@pytest.mark.long
def test_when_not_even_the_first_can_be_started_the_sweep_says_why(sweeps):
    sweeps.write_project({"data": {"type": "path"}})
    done = sweeps.begin("-p", "data=nowhere,else")
    assert done.returncode in (1, 2)
    assert "nowhere" in done.stderr
    assert sweeps.parent()["status"] == "FAILED"


@pytest.mark.long
def test_the_page_begins_with_a_sweep_that_runs(sweeps):
    (words,) = re.findall(r"^tracker sweep (examples.*?)$\n```", (ROOT / "docs" / "sweeps.md").read_text(), re.M | re.S)
    told = shlex.split(words.replace("\\\n", " "))
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = sweeps.run(str(ROOT / told[0]), *told[1:], "--experiment", sweeps.experiment, PATH=path)
    assert done.returncode == 0, done.stderr
    assert len(sweeps.trials("FINISHED")) == 5
    best = max(sweeps.trials(), key=lambda run: run["metrics"]["accuracy"]["last"])
    assert sweeps.parent()["tags"]["tracker.sweep.best"] == best["run_id"]


@pytest.mark.long
def test_a_program_sweeps_and_goes_on_with_more(here, sweeps, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    rules = {"method": "random", "trials": 1, "metric": "loss", "env_manager": "local"}
    found = sweeping.sweep(sweeps.folder, {"lr": {"low": 0.1, "high": 0.5}}, experiment=sweeps.experiment, **rules)
    assert (found.is_good, len(found.trials), found.best.number) == (True, 1, 0)
    more = sweeping.resume(found.run_id, trials=2)
    assert [trial.number for trial in more.trials] == [0, 1]
    assert more.trials[0].run_id == found.trials[0].run_id
