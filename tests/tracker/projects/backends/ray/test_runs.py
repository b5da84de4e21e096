"""`tracker run --backend ray` and `tracker sweep` on a real Ray: what the server has of them."""

import json
import signal
import subprocess
import sys
import time

import pytest

from tests.tracker.projects.backends.ray.clusters import RayCluster
from tests.tracker.projects.running.conftest import Projects, run_id_in

pytestmark = pytest.mark.long
pytest.importorskip("ray", reason="Ray is not installed; make test-integrations does it.")

PATIENCE_SECONDS = 120
TRAIN = """
    import sys, tracker
    with tracker.start_run() as run:
        run.log({"loss": float(sys.argv[1]) ** 2})
        run.log_text("kept", "notes.txt")
    print("trained on", sys.argv[1])
"""


@pytest.fixture
def projects(scripts, cluster):
    made = Projects(scripts)
    (scripts.folder / "cluster.json").write_text(json.dumps({"address": cluster.url}))
    return made


def on_ray(projects, *words, **settings):
    return projects.start("project", "--backend", "ray", "--backend-config", "cluster.json", *words, **settings)


def ended(process, stored):
    out, err = process.communicate(timeout=PATIENCE_SECONDS)
    return stored.run(run_id_in(err)), out, err


def parametric(projects):
    projects.make(files={"train.py": TRAIN})
    command = {"parameters": {"x": {"type": "float", "default": 1}}, "command": "python train.py {x}"}
    (projects.folder / "MLproject").write_text(json.dumps({"entry_points": {"main": command}}))


def test_a_run_on_ray_is_tracked_as_one_here(projects, stored):
    parametric(projects)
    process = on_ray(projects, "-P", "x=3", "--experiment-name", "on-ray", TRACKER_CAPTURE="console")
    run, out, err = ended(process, stored)
    assert process.returncode == 0, err
    assert (run["status"], run["params"], run["tags"]["mlflow.project.backend"]) == ("FINISHED", {"x": "3"}, "ray")
    assert run["metrics"]["loss"]["last"] == 9
    assert stored.file(run["run_id"], "notes.txt") == "kept"
    assert "trained on 3" in out


def test_a_job_that_fails_makes_the_run_failed(projects, stored):
    projects.make(main="echo before; exit 3")
    run, _, _ = ended(on_ray(projects), stored)
    assert (run["status"], run["tags"]["tracker.exitStatus"]) == ("FAILED", "3")


def running(process, client):
    """The name of the job that was sent, once it runs."""
    line = ""
    while "was sent to Ray" not in line:
        line = process.stderr.readline()
    job_id = line.split("the job ")[1].split()[0]
    deadline = time.monotonic() + PATIENCE_SECONDS
    while client.get_job_status(job_id) != "RUNNING":
        assert time.monotonic() < deadline
        time.sleep(0.2)
    return job_id


def test_a_job_outlives_who_sent_it_and_is_followed_again(projects, stored, cluster, tmp_path):
    from ray.job_submission import JobSubmissionClient

    projects.make(main=f"echo once >> {tmp_path}/starts; sleep 15; echo done")
    process = on_ray(projects)
    job_id = running(process, JobSubmissionClient(cluster.url))
    process.kill()
    process.communicate()
    again = on_ray(projects, "--run-id", job_id)
    out, err = again.communicate(timeout=PATIENCE_SECONDS)
    assert "already runs on Ray" in err
    assert out.endswith("done\n")
    assert (tmp_path / "starts").read_text() == "once\n"
    assert stored.run(job_id)["status"] == "FINISHED"


def test_ctrl_c_stops_the_job(projects, stored, cluster):
    from ray.job_submission import JobSubmissionClient

    projects.make(main="sleep 300")
    process, client = on_ray(projects), JobSubmissionClient(cluster.url)
    job_id = running(process, client)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 130
    assert client.get_job_status(job_id) == "STOPPED"
    assert stored.run(job_id)["status"] == "KILLED"


def test_ctrl_c_while_the_job_is_sent_leaves_none(projects, stored, cluster):
    from ray.job_submission import JobSubmissionClient

    projects.make(main="sleep 300")
    process, line = on_ray(projects), ""
    while "goes to Ray" not in line:
        line = process.stderr.readline()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 130, err
    jobs = JobSubmissionClient(cluster.url).list_jobs()
    assert not [job for job in jobs if "sleep 300" in job.entrypoint and job.status not in {"STOPPED", "FAILED"}]


def test_a_sweep_spreads_over_the_cluster(projects, stored):
    parametric(projects)
    words = ["project", "-p", "x=3,1,2", "--metric", "loss", "--experiment", "swept-on-ray", "--jobs", "2"]
    done = subprocess.run(
        [sys.executable, "-m", "tracker", "sweep", *words, "--backend", "ray", "--backend-config", "cluster.json"],
        env=projects.environment(), cwd=projects.scripts.folder, text=True, capture_output=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    runs = stored.named("swept-on-ray")
    (parent,) = [run for run in runs if not run["parent_run_id"]]
    trials = [run for run in runs if run["parent_run_id"] == parent["run_id"]]
    assert sorted(run["metrics"]["loss"]["last"] for run in trials) == [1, 4, 9]
    best = next(run for run in trials if run["metrics"]["loss"]["last"] == 1)
    assert parent["tags"]["tracker.sweep.best"] == best["run_id"]


def test_a_cluster_that_wants_a_token_gets_it(projects, stored):
    token = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "0123456789abcdef" * 4}
    guarded = RayCluster(**token).start()
    try:
        (projects.scripts.folder / "cluster.json").write_text(json.dumps({"address": guarded.url}))
        projects.make(main="echo let in")
        run, _, err = ended(on_ray(projects), stored)
        assert run["status"] == "FAILED"
        assert f"Ray at {guarded.url} wants its token: set RAY_AUTH_MODE=token" in err
        run, out, _ = ended(on_ray(projects, **token), stored)
        assert run["status"] == "FINISHED"
        assert "let in" in out
    finally:
        guarded.stop()
