"""Jobs on a real Ray: output, exit status, stop, attaching, lost connections."""

import os
import signal
import threading
import time

import pytest

from tests.tracker.projects.backends.ray.clusters import Way
from tracker.errors import InvalidValue, TrackerError, Unavailable
from tracker.projects import backends
from tracker.projects.backends import Job
from tracker.projects.definition import Environment, Project

pytestmark = pytest.mark.long
pytest.importorskip("ray", reason="Ray is not installed; make test-integrations does it.")


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "a project"
    place.mkdir()
    (place / "say.sh").write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    (place / "say.sh").chmod(0o755)
    (place / ".rayignore").write_text("large.bin\n")
    (place / "large.bin").write_text("large")
    return place


class Output:
    def __init__(self):
        self.pieces = []
        self.came = threading.Event()

    def __call__(self, stream, piece):
        self.pieces.append((stream, piece))
        self.came.set()

    def text(self, stream="stdout"):
        return b"".join(piece for name, piece in self.pieces if name == stream).decode()

    def lines(self):
        """Without what Ray says before the command."""
        return [line for line in self.text().splitlines() if "job_manager" not in line and "Running entry" not in line]

    def wait_for(self, text):
        deadline = time.monotonic() + 60
        while text not in self.lines():
            assert time.monotonic() < deadline, self.text()
            time.sleep(0.05)


def job(
    folder, command, cluster, *, run_id=None, environment=None, manager="local", tell=lambda place: None, **options
):
    project = Project(folder, "p", environment or Environment("none", None), {})
    variables = {"MLFLOW_RUN_ID": "r", "TRACKER_URI": "http://127.0.0.1:8000", "NAME": "a 'b' $c"}
    said = {"address": cluster.url} | options
    return Job(run_id or os.urandom(16).hex(), project, command, variables, manager, said, tell=tell)


def submitted(*words, **said):
    output = Output()
    return backends.find("ray").submit(job(*words, **said), output), output


def test_a_job_has_folder_variables_and_package_and_ends_as_its_command(cluster, folder):
    places = []
    line = f"""'{folder}'/say.sh "$NAME" 'x  y' *; python -c 'import tracker; print(tracker.__name__)'; exit 7"""
    handle, output = submitted(folder, line, cluster, tell=places.append)
    assert handle.wait() == 7
    assert output.lines() == ["a 'b' $c", "x  y", "say.sh", "tracker"]
    assert [place.kind for place in places] == ["local"]


def test_what_a_signal_ends_says_so(cluster, folder):
    handle, _ = submitted(folder, "kill -9 $$", cluster)
    assert handle.wait() == -signal.SIGKILL


def test_stop_ends_all_that_the_job_started(cluster, folder):
    handle, output = submitted(folder, "sleep 300 & echo $!; echo started; wait", cluster)
    output.wait_for("started")
    handle.stop()
    assert handle.wait() == -signal.SIGTERM
    with pytest.raises(ProcessLookupError):
        os.kill(int(output.lines()[0]), 0)


def test_a_job_that_is_stopped_on_the_cluster_is_stopped_here(cluster, folder):
    from ray.job_submission import JobSubmissionClient

    handle, output = submitted(folder, "echo started; sleep 300", cluster, run_id="stopped-there")
    output.wait_for("started")
    JobSubmissionClient(cluster.url).stop_job("stopped-there")
    assert handle.wait() == -signal.SIGTERM


def test_a_job_that_runs_is_followed_and_not_started_again(cluster, folder, tmp_path):
    line = f"echo once >> {tmp_path}/starts; echo started; sleep 5; echo done"
    _, first = submitted(folder, line, cluster, run_id="twice")
    first.wait_for("started")
    handle, again = submitted(folder, line, cluster, run_id="twice")
    with pytest.raises(InvalidValue, match="still runs another command"):
        submitted(folder, "true", cluster, run_id="twice")
    assert handle.wait() == 0
    assert again.lines() == ["started", "done"]
    assert (tmp_path / "starts").read_text() == "once\n"


def test_a_run_whose_job_has_ended_gets_another(cluster, folder):
    for _ in range(2):
        handle, output = submitted(folder, "echo here", cluster, run_id="again")
        assert handle.wait() == 0
        assert output.lines() == ["here"]


def test_a_lost_connection_costs_no_line_and_tells_none_twice(cluster, folder):
    expected = [str(number) for number in range(40)]
    with Way(cluster.port) as way:
        handle, output = submitted(
            folder, "for i in $(seq 0 39); do echo $i; sleep 0.2; done", cluster, address=way.url
        )
        for seconds in (0, 2):
            output.wait_for(expected[10 if seconds == 0 else 20])
            way.cut(seconds)
        assert handle.wait() == 0
    assert output.lines() == expected


def test_a_cluster_that_stays_away_ends_the_run_and_says_how_to_end_the_job(cluster, folder):
    with Way(cluster.port) as way:
        handle, output = submitted(folder, "echo started; sleep 8", cluster, address=way.url, lost_seconds=1)
        output.wait_for("started")
        way.cut(600)
        assert handle.wait() == 1
    assert "can't be reached" in output.text("stderr")
    assert "ray job stop" in output.text("stderr")


def test_what_keeps_ray_from_starting_the_job_is_told(cluster, folder):
    handle, output = submitted(folder, "true", cluster, runtime_env={"working_dir": "https://127.0.0.1:9/project.zip"})
    assert handle.wait() == 1
    assert "Ray could not run the job: runtime_env setup failed" in output.text("stderr")


def test_an_environment_is_made_with_what_the_project_and_this_package_need(cluster, folder):
    (folder / "python_env.yaml").write_text("dependencies: [colorama==0.4.6]\n")
    environment = Environment("python", folder / "python_env.yaml")
    line = "python -c 'import colorama, tracker.command; print(colorama.__version__)'"
    handle, output = submitted(folder, line, cluster, environment=environment, manager="uv")
    assert handle.wait() == 0, output.pieces
    assert output.lines() == ["0.4.6"]


def test_slots_are_those_of_the_nodes(cluster):
    backend = backends.find("ray")
    assert backend.slots({"address": cluster.url}) == 2
    assert backend.slots({"address": cluster.url, "num_cpus": 0.5}) == 4
    assert backend.slots({"address": cluster.url, "num_cpus": 2}) == 1
    assert backend.slots({"address": cluster.url, "num_cpus": 0}) is None


def test_what_ray_refuses_is_told(cluster, folder):
    with pytest.raises(TrackerError, match=r"said no: .*nowhere/at/all"):
        submitted(folder, "true", cluster, runtime_env={"working_dir": "nowhere/at/all"})


def test_an_address_where_nobody_answers_is_told():
    with pytest.raises(Unavailable, match="No Ray answers at http"):
        backends.find("ray").slots({"address": "http://127.0.0.1:9"})


def test_a_variable_that_ray_would_follow_instead_is_told(cluster, monkeypatch):
    monkeypatch.setenv("RAY_ADDRESS", "http://elsewhere:8265")
    with pytest.raises(InvalidValue, match="Unset RAY_ADDRESS"):
        backends.find("ray").slots({"address": cluster.url})
