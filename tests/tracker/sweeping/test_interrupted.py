"""Sweeps that are stopped, killed, or lose their server, and go on."""

import json
import signal
import uuid
from collections import Counter

import pytest

from tests.server import RealServer
from tests.tracker.conftest import PATIENCE_SECONDS, Scripts, Stored
from tests.tracker.sweeping.conftest import Sweeps, kill
from tracker import sweeping
from tracker.errors import InvalidValue

SLOW_GRID = ("-p", "lr=0.1,0.2,0.3", "-p", "depth=2,3", "-P", "pause=0.2", "--metric", "loss", "--jobs", "2")
ALL = sorted((lr, depth) for lr in ("0.1", "0.2", "0.3") for depth in ("2", "3"))


def points_of(runs) -> list[tuple[str, str]]:
    return sorted((run["params"]["lr"], run["params"]["depth"]) for run in runs)


@pytest.mark.slow
@pytest.mark.parametrize("journals", ["the same", pytest.param("of another machine", marks=pytest.mark.long)])
def test_killed_at_any_time_it_goes_on_and_every_point_is_finished_once(sweeps, journals):
    process = sweeps.start_own(*SLOW_GRID)
    sweeps.wait_for(2, "FINISHED")
    kill(process)
    parent = sweeps.parent()["run_id"]
    before = {run["run_id"] for run in sweeps.trials("FINISHED")}
    settings = {} if journals == "the same" else {"TRACKER_JOURNAL": str(sweeps.folder.parent / "other")}
    done = sweeps.run("--resume", parent, **settings)
    assert done.returncode == 0, done.stderr
    assert points_of(sweeps.trials()) == points_of(sweeps.trials("FINISHED")) == ALL
    assert before <= {run["run_id"] for run in sweeps.trials()}
    assert sweeps.parent()["status"] == "FINISHED"
    aside = [run for run in sweeps.runs() if "tracker.sweep.interrupted" in run["tags"]]
    assert {run["status"] for run in aside} <= {"KILLED"}


@pytest.mark.long
def test_one_that_is_driven_can_not_be_driven_twice(sweeps):
    process = sweeps.start_own(*SLOW_GRID)
    sweeps.wait_for(1, "FINISHED")
    done = sweeps.run("--resume", sweeps.parent()["run_id"])
    assert done.returncode == 2
    assert f"is driven by process {process.pid}" in done.stderr
    assert process.wait(timeout=PATIENCE_SECONDS) == 0, process.stdout.read()
    assert Counter(points_of(sweeps.trials("FINISHED"))) == Counter(ALL)


@pytest.mark.long
def test_of_two_that_go_on_with_it_at_once_one_does(sweeps):
    process = sweeps.start_own(*SLOW_GRID)
    sweeps.wait_for(1, "FINISHED")
    kill(process)
    both = [sweeps.start("--resume", sweeps.parent()["run_id"]) for _ in range(2)]
    said = [one.communicate(timeout=PATIENCE_SECONDS)[0] for one in both]
    assert sorted(one.returncode for one in both) == [0, 2], said
    assert points_of(sweeps.trials()) == points_of(sweeps.trials("FINISHED")) == ALL
    assert "tracker.sweep.process" not in sweeps.parent()["tags"]


@pytest.mark.slow
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopped_it_stops_its_trials_and_can_go_on(sweeps, number, status):
    process = sweeps.start_own(*SLOW_GRID[:-4], "-P", "pause=200", "--jobs", "2")
    sweeps.wait_for(2, "RUNNING")
    process.send_signal(number)
    out, _ = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == status, out
    assert {run["status"] for run in sweeps.runs()} == {"KILLED"}, sweeps.runs()
    assert "tracker sweep --resume" in out


@pytest.mark.long
def test_a_server_that_goes_away_is_waited_for(tmp_path):
    server = RealServer(tmp_path).start()
    try:
        sweeps = Sweeps(Scripts(tmp_path, server.url), Stored(server.client()))
        process = sweeps.start_own(*SLOW_GRID, "--json")
        sweeps.wait_for(1, "FINISHED")
        server.kill()
        server.start()
        sweeps.stored = Stored(server.client())
        out, _ = process.communicate(timeout=PATIENCE_SECONDS)
        assert process.returncode == 0, out
        assert points_of(sweeps.trials("FINISHED")) == ALL
        assert json.loads(out[out.index("{\n") :])["best"]["number"] == 0
    finally:
        server.stop()


@pytest.mark.parametrize("told", [{}, {"parameters": [1]}, {"parameters": {"lr": []}, "order": 5}, {"order": ["x"]}])
def test_what_is_stored_of_a_sweep_may_be_anything(here, stored, told):
    run_id = uuid.uuid4().hex
    body = {"experiment": "odd sweeps", "environment": {"sweep": told}}
    assert stored.client.put(f"/api/v1/runs/{run_id}/", body).status == 201
    with pytest.raises(InvalidValue, match=f"the sweep of run {run_id}: parameters"):
        sweeping.resume(run_id)


@pytest.mark.long
def test_values_that_somebody_changed_are_no_example(sweeps):
    sweep = ("-p", "lr=0.1:0.9", "-p", "depth=2:5", "--metric", "loss", "--method", "tpe", "--trials", "2")
    assert sweeps.begin(*sweep).returncode == 0
    for run, values in zip(sweeps.trials(), ('{"lr": "99", "depth": "2"}', '{"lr": "abc", "depth": "2"}'), strict=True):
        body = {"writer": "0123456789abcdef", "seq": 1, "tags": {"tracker.sweep.values": values}}
        assert sweeps.stored.client.post(f"/api/v1/runs/{run['run_id']}/log/", body).status == 200
    done = sweeps.run("--resume", sweeps.parent()["run_id"], "--trials", "3")
    assert done.returncode == 0, done.stderr
    assert len(sweeps.trials("FINISHED")) == 3
