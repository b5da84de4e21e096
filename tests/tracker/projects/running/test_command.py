"""`tracker run URI`: what is stored, what is printed, how it ends."""

import getpass
import json
import os
import re
import signal
import time

import pytest

import tracker
from tests.tracker.projects.running.conftest import run_id_in
from tracker.delivery.server import Server
from tracker.errors import TrackerError
from tracker.projects import telling

CHILD = """
    import os, sys, tracker
    with tracker.start_run(run_name="named by the child", experiment="else where") as run:
        run.log({"loss": 0.5})
        print(run.run_id, run.is_owner)
    with tracker.start_run(nested=True) as child:
        child.log({"loss": 0.7})
        print(child.run_id)
"""


def test_a_run_knows_its_project(projects, ended):
    folder = projects.make(main="echo trained")
    run = ended("project", "--experiment-name", "projects", "--run-name", "first")
    assert run["status"] == "FINISHED"
    assert (run["name"], run["source_type"], run["source_name"]) == ("first", "PROJECT", str(folder))
    assert run["entry_point"] == "main"
    tags = {"mlflow.project.backend": "local", "mlflow.user": getpass.getuser(), "tracker.exitStatus": "0"}
    assert run["tags"] == tags
    assert run["environment"] == {
        "project": {
            "uri": str(folder), "version": "", "commit": "", "entry_point": "main", "parameters": {},
            "command": "echo trained", "env_manager": "local", "environment": "none", "backend": "local", "folder": "",
        }
    }  # fmt: skip


@pytest.mark.slow
def test_how_it_ended_is_told_with_the_address_of_the_run(projects):
    projects.make(main="echo trained", wrong="exit 3")
    for entry_point, told in (("main", "is FINISHED."), ("wrong", "is FAILED: exit status 3.")):
        last = projects.run("project", "-e", entry_point).stderr.splitlines()[-1]
        assert re.fullmatch(rf"tracker: run (\w+) {told} http://\S+/runs/\1/?", last)


@pytest.mark.slow
def test_parameters_are_in_the_command_and_in_the_run(projects, ended):
    projects.make()
    (projects.folder / "MLproject").write_text(
        "entry_points: {main: {parameters: {alpha: {type: float, default: 0.5}}, command: 'echo {alpha}'}}"
    )
    run = ended("-P", "alpha=0.25", "project", "-P", "more=it is")
    assert run["params"]["alpha"] == "0.25"
    assert run["done"].stdout == "0.25 --more it is\n"
    assert run["environment"]["project"]["parameters"] == {"alpha": "0.25", "more": "it is"}


@pytest.mark.slow
def test_what_is_captured_is_of_the_environment_that_runs(projects, ended):
    projects.make(main="echo to stdout; echo to stderr >&2", files={"train.py": "print(1)\n"})
    run = ended("project", TRACKER_CAPTURE="all")
    told = run["environment"]
    assert {"command", "python", "executable", "packages", "hardware", "git", "project"} <= told.keys()
    assert "numpy" in told["packages"]


def test_a_child_logs_into_the_run_and_makes_children_of_it(projects, ended, stored):
    projects.make(main="python train.py", files={"train.py": CHILD})
    run = ended("project", "--experiment", "of-children")
    same, is_owner, child_id = run["done"].stdout.split()
    assert (same, is_owner) == (run["run_id"], "False")
    assert run["name"] == "named by the child"
    assert run["metrics"]["loss"]["last"] == 0.5
    told = "experiment='else where' is not followed: this run was put into 'of-children'."
    assert f"{told} Run it with --experiment 'else where'\n" in run["done"].stderr
    child = stored.run(child_id)
    assert child["parent_run_id"] == run["run_id"]
    assert child["experiment_id"] == run["experiment_id"]


@pytest.mark.slow
def test_a_project_that_runs_a_project_has_it_as_child(projects, ended, stored):
    code = "import tracker.projects; print(tracker.projects.run('.', 'step', parameters={'a': 1}).run_id)"
    projects.make(main="python steps.py", step="echo step", files={"steps.py": code})
    run = ended("project", "--experiment", "of-steps")
    child = stored.run(run["done"].stdout.split()[-1])
    assert child["parent_run_id"] == run["run_id"]
    assert child["params"] == {"a": "1"}
    assert child["experiment_id"] == run["experiment_id"]


@pytest.mark.slow
def test_mlflows_clients_find_the_run_in_their_environment(projects, ended):
    projects.make(main="echo $MLFLOW_RUN_ID $MLFLOW_TRACKING_URI $MLFLOW_EXPERIMENT_ID $TRACKER_EXPERIMENT")
    run = ended("project", "--experiment-name", "of-variables")
    told = [run["run_id"], projects.scripts.uri, str(run["experiment_id"]), "of-variables"]
    assert run["done"].stdout.split() == told


def test_a_command_that_fails_fails_its_run(projects, ended):
    projects.make(main="echo no such file >&2; exit 3")
    run = ended("project")
    assert run["done"].returncode == 1
    assert run["status"] == "FAILED"
    assert run["tags"]["tracker.exitStatus"] == "3"
    assert run["failure"] == "no such file\nexit status 3"


@pytest.mark.slow
def test_a_command_that_a_signal_ends_fails_its_run(projects, ended):
    projects.make(main="kill -SEGV $$")
    run = ended("project")
    assert run["tags"]["tracker.exitStatus"] == "-11"
    assert run["failure"] == "ended by SIGSEGV"


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_command_that_somebody_ended_was_killed(projects, ended, number):
    projects.make(main=f"kill -{number} $$")
    run = ended("project")
    assert (run["status"], run["done"].returncode) == ("KILLED", 1)
    assert run["failure"] == f"ended by {number.name}"


@pytest.mark.slow
def test_the_exit_status_counts_and_not_what_the_child_said(projects, ended):
    code = "import sys, tracker\nwith tracker.start_run(): tracker.log({'loss': 1})\nsys.exit(4)"
    projects.make(main="python train.py", files={"train.py": code})
    assert ended("project")["status"] == "FAILED"


@pytest.mark.slow
def test_a_run_in_the_trash_is_not_gone_on_with(projects, stored, shared_server):
    projects.make(main="touch ran")
    shared_server.client().put("/api/v1/runs/thrown-away/", {})
    shared_server.client().send("DELETE", "/api/v1/runs/thrown-away/")
    done = projects.run("project", "--run-id", "thrown-away")
    assert done.returncode == 1
    assert "is in the trash" in done.stderr
    assert not (projects.folder / "ran").exists()


@pytest.mark.slow
def test_a_server_that_takes_seconds_is_waited_for(tmp_path, here, monkeypatch):
    (tmp_path / "MLproject").write_text("entry_points: {main: {command: 'echo $MLFLOW_EXPERIMENT_ID > told'}}")
    put_run = Server.put_run
    monkeypatch.setattr(Server, "put_run", lambda *words: time.sleep(4) or put_run(*words))
    tracker.projects.run(str(tmp_path), experiment_name="of a slow server")
    assert (tmp_path / "told").read_text().strip().isdecimal()


def test_bytes_that_are_no_text_are_replaced_where_json_tells_them():
    told = telling._text(os.fsdecode(b"python train.py '\xff' \xc3\xa9"))
    assert told == "python train.py '\ufffd' \u00e9"


@pytest.mark.slow
def test_json_is_all_of_standard_output(projects):
    projects.make(main="echo printed")
    done = projects.run("project", "--json")
    told = json.loads(done.stdout)
    assert (told["status"], told["exit_status"]) == ("FINISHED", 0)
    assert told["run_id"] == run_id_in(done.stderr)
    assert "printed\n" in done.stderr


@pytest.mark.slow
def test_a_run_can_be_gone_on_with(projects, ended):
    projects.make(main="exit 1", again="echo fine")
    first = ended("project", "--experiment", "gone-on-with")
    again = ended("project", "-e", "again", "--run-id", first["run_id"])
    assert again["run_id"] == first["run_id"]
    assert again["status"] == "FINISHED"
    assert again["experiment_id"] == first["experiment_id"]


def test_without_a_server_it_runs_all_the_same(projects_offline):
    projects_offline.make(main="echo trained; test -z $MLFLOW_EXPERIMENT_ID")
    done = projects_offline.run("project", "--experiment", "later", TRACKER_EXIT_SECONDS="0")
    assert (done.returncode, done.stdout) == (0, "trained\n")
    assert "does not answer" in done.stderr
    (journal,) = projects_offline.scripts.left()
    assert '"status":"FINISHED"' in journal.read_text()


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"entry_point": "mian"}, "no entry point 'mian'"),
        ({"uri": "no-such-folder"}, "no-such-folder"),
        ({"backend": "kubernetes"}, "backend='kubernetes' is not there; there are local, ray"),
        ({"env_manager": "pip"}, "env_manager='pip' is not one of local"),
        ({"backend_config": "nothing.json"}, "backend_config='nothing.json'"),
        ({"backend_config": "[1]"}, "is no JSON object"),
        ({"backend_config": "[" * 100_000}, "is neither JSON nor a file of it"),
        ({"run_id": "../experiments/0"}, "is no run id"),
        ({"experiment_name": "a", "experiment_id": 1}, "give one of them"),
        ({"experiment_id": 987654}, "987654"),
    ],
)
def test_what_cant_be_meant_is_told_and_makes_no_run(tmp_path, here, said, told):
    (tmp_path / "MLproject").write_text("entry_points: {main: {command: 'touch ran'}}")
    with pytest.raises(TrackerError, match=re.escape(told)):
        tracker.projects.run(**{"uri": str(tmp_path)} | said)
    assert not list(here.glob("*/journal"))
    assert not (tmp_path / "ran").exists()


@pytest.mark.slow
def test_parameters_are_pairs_that_are_said_once(projects):
    projects.make(main="echo ran")
    assert "write it -P NAME=VALUE" in projects.run("project", "-P", "alpha").stderr
    done = projects.run("project", "-P", "a=1", "-P", "a=2")
    assert "-P a is said twice" in done.stderr
    assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.slow
def test_the_command_of_runs_is_as_it_was(projects):
    assert projects.run("ls", "-e", "no such experiment").returncode == 1
    assert "compare" in projects.run("--help").stdout
    assert "--entry-point" in projects.run("project", "--help").stdout
