"""The line that repeats a run, as a shell reads it."""

import shlex
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.models import Experiment
from runs.models import Environment, Run
from runs.provenance.projects import ProjectRun
from runs.provenance.repeating import USUAL_ADDRESS, repetition
from tests.factories import make_run
from trackerweb.clock import now_ms

GIT = "https://git.example/a.git#sub"
HERE = USUAL_ADDRESS


def line_of(project, params=None, server=HERE):
    return repetition(Run(run_id="r"), project, params or {}, server).line


def test_a_run_of_a_project_is_run_again_with_commit_entry_point_and_values():
    project = ProjectRun(GIT, "main", "9f3c1e2", "uv", parameters={"lr": "0.1", "name": "two words"})
    expected = f"tracker run '{GIT}' -v 9f3c1e2 -e main -P lr=0.1 -P 'name=two words' --env-manager uv"
    assert line_of(project) == expected


def test_a_folder_has_no_version():
    assert line_of(ProjectRun("/code/a", commit="9f3c1e2")) == "tracker run /code/a"


@pytest.mark.parametrize(("name", "word"), [("my digits", "'my digits'"), ("a;b", "'a;b'")])
def test_it_goes_where_the_run_is(name, word):
    run = Run(run_id="r", experiment=Experiment(pk=3, name=name))
    line = repetition(run, ProjectRun("/code/a"), {}, HERE).line
    assert line == f"tracker run /code/a --experiment-name {word}"


def test_where_nobody_told_the_values_are_the_params_of_the_run():
    found = repetition(Run(run_id="r"), ProjectRun(GIT, "main"), {"lr": "0.1"}, HERE)
    assert "-P lr=0.1" in found.line
    assert found.has_all_params


def test_another_address_is_named():
    project = ProjectRun("/code/a")
    assert line_of(project, server="http://lab:80/") == "TRACKER_URI=http://lab:80/ tracker run /code/a"


def run_with(content, **fields):
    return Run(run_id="r", environment=Environment(content=content), **fields)


def test_a_project_that_was_changed_since_its_commit_is_rerun():
    run = run_with({"git": {"is_dirty": True}, "project": {}})
    assert repetition(run, ProjectRun(GIT, "main", "9f3c1e2"), {}, HERE).line == "tracker rerun r"


@pytest.mark.parametrize("status", ["KILLED", "FAILED", "RUNNING"])
def test_a_sweep_that_was_not_finished_is_gone_on_with(status):
    run = run_with({"sweep": {}, "command": ["python", "tracker", "sweep", "."]}, status=status, heartbeat_time=1)
    found = repetition(run, None, {}, HERE)
    assert (found.title, found.line) == ("Go on with this sweep", "tracker sweep --resume r")


def test_a_sweep_that_goes_on_can_not_be_gone_on_with():
    run = run_with({"sweep": {}, "command": ["tracker", "sweep", "."]}, status="RUNNING", heartbeat_time=now_ms())
    assert repetition(run, None, {}, HERE) is None


def test_a_sweep_that_was_gone_on_with_is_not_begun_again_by_those_words():
    run = run_with({"sweep": {}, "command": ["/bin/tracker", "sweep", "--resume", "r"]}, status="FINISHED")
    assert repetition(run, None, {}, HERE).title == "Go on with this sweep"


def test_a_sweep_that_was_finished_is_begun_again_by_its_own_words():
    run = run_with(
        {"sweep": {}, "command": ["/bin/python", "/bin/tracker", "sweep", ".", "-p", "a=1:2 "]}, status="FINISHED"
    )
    assert repetition(run, None, {}, HERE).line == "tracker sweep . -p 'a=1:2 '"


@pytest.mark.parametrize("content", [{"sweep": {}}, {"sweep": 1, "command": "sweep"}, {"sweep": {}, "command": [1]}])
def test_of_a_sweep_whose_words_nobody_told_nothing_is_offered(content):
    assert repetition(run_with(content, status="FINISHED"), None, {}, HERE) is None


@pytest.mark.parametrize("key", ["api-key", "token", "db_password", "AWS_SECRET"])
def test_a_secret_is_never_told(key):
    found = repetition(Run(run_id="r"), ProjectRun("/code/a", parameters={key: "s3cret"}), {}, HERE)
    assert "s3cret" not in found.line
    assert found.secrets == (key.replace("-", "_").upper(),)
    assert found.line.endswith(f'-P {key}="${found.secrets[0]}"')


@pytest.mark.parametrize("project", [ProjectRun("--upload-pack=x"), ProjectRun("-e")])
def test_what_a_command_would_take_for_an_option_is_not_offered(project):
    assert repetition(Run(run_id="r"), project, {}, HERE) is None


def test_an_option_among_the_words_is_left_out():
    project = ProjectRun(GIT, "--help", "--upload-pack", parameters={"-x": "1", "a=b": "2"})
    assert line_of(project) == f"tracker run '{GIT}'"


@given(st.dictionaries(st.from_regex(r"[a-z][a-z.\-/ ]{0,8}", fullmatch=True), st.text(max_size=20), max_size=4))
def test_a_shell_reads_the_values_as_they_were(params):
    params = {key: value for key, value in params.items() if "token" not in key}
    words = shlex.split(line_of(ProjectRun(GIT, parameters=params)))
    assert [word for before, word in pairwise(words) if before == "-P"] == [
        f"{key}={value}" for key, value in params.items()
    ]


@pytest.mark.django_db
def test_a_run_that_our_client_captured_is_rerun_by_its_id():
    run = make_run(run_id="abc", environment=Environment.of({"command": ["python", "train.py"]}))
    assert repetition(run, None, {}, HERE).line == "tracker rerun abc"


@pytest.mark.django_db
def test_a_run_of_which_nothing_is_known_can_not_be_repeated():
    assert repetition(make_run(), None, {}, HERE) is None
