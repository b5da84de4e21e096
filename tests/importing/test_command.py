"""`manage.py import_mlruns` as people run it: its lines, its report, its watch; killed, and begun again."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.importing.eras import append, write
from tests.importing.test_uploads import written
from tests.server import ROOT, RealServer

PATIENCE_SECONDS = 300


def start(home, *words):
    return subprocess.Popen(
        [sys.executable, "manage.py", "import_mlruns", *map(str, words)], cwd=ROOT, text=True,
        env=os.environ | {"TRACKER_HOME": str(home)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def points_of(api, run_id, key="loss"):
    (series,) = api.get(f"/api/v1/metrics/?run={run_id}&key={key}&points=50000").body["series"]
    return len(series["values"])


def count_of_runs(api):
    return len(api.get("/api/v1/runs/?limit=1000").body["runs"])


@pytest.mark.slow
def test_the_command_tells_what_it_found_and_writes_it_down(server, tmp_path):
    store, run = written(tmp_path, "told")
    append(run / "metrics" / "loss", "broken\n")
    write(store.root / "1" / "bad" / "meta.yaml", "{")
    process = start(server.home, store.root, "--report", tmp_path / "report.json")
    out, err = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 0
    assert "1 new runs, 1 runs refused, 1 points, 1 files" in out
    assert "refusal: 1/told/metrics/loss: The line 'broken' was left out" in err
    (told,) = json.loads((tmp_path / "report.json").read_text())
    assert [finding["place"] for finding in told["findings"]] == ["1/bad", "1/told/metrics/loss"]


@pytest.mark.slow
def test_an_import_may_come_before_the_first_start_of_the_server(tmp_path):
    store, _ = written(tmp_path, "first")
    out, err = start(tmp_path / "home", store.root).communicate(timeout=PATIENCE_SECONDS)
    assert "1 new runs" in out, err
    server = RealServer(tmp_path / "home").start()
    assert server.client().get("/api/v1/runs/first/").body["name"] == "first"
    server.stop()


@pytest.mark.slow
def test_what_is_nothing_is_told_with_status_1(server, tmp_path):
    process = start(server.home, tmp_path / "none")
    _, err = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 1
    assert "is not there" in err


@pytest.mark.slow
def test_a_folder_that_is_watched_is_followed(server, tmp_path):
    store, run = written(tmp_path, "watched")
    process = start(server.home, store.root, "--watch")
    try:
        assert "1 new runs" in process.stdout.readline()
        store.point(run, "loss", 0.25, 1)
        assert "1 runs with news, 1 points" in process.stdout.readline()
        assert points_of(server.client(), "watched") == 2
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE_SECONDS)


@pytest.mark.slow
def test_an_import_that_is_killed_goes_on_when_it_is_begun_again(server, tmp_path):
    store, run = written(tmp_path, "killed")
    for number in range(60):
        other = store.run(run.parent, f"killed{number}")
        append(other / "metrics" / "loss", "".join(f"179552160{step:04d} {step}.5 {step}\n" for step in range(1000)))
    api = server.client()
    for _ in range(4):
        before, process = count_of_runs(api), start(server.home, store.root)
        while count_of_runs(api) < before + 10 and process.poll() is None:
            time.sleep(0.05)
        process.kill()
        process.communicate()
    process = start(server.home, store.root)
    out, _ = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 0, out
    for number in range(0, 60, 9):
        assert points_of(api, f"killed{number}") == 1000
    again = start(server.home, store.root)
    assert "61 runs as before" in again.communicate(timeout=PATIENCE_SECONDS)[0]


@pytest.mark.slow
def test_two_imports_of_one_folder_at_once_store_it_once(server, tmp_path):
    store, run = written(tmp_path, "twice")
    for number in range(30):
        other = store.run(run.parent, f"twice{number}")
        append(other / "metrics" / "loss", "".join(f"179552160{step:04d} {step}.5 {step}\n" for step in range(500)))
    processes = [start(server.home, store.root) for _ in range(2)]
    for process in processes:
        process.communicate(timeout=PATIENCE_SECONDS)
    last = start(server.home, store.root)
    assert "31 runs as before" in last.communicate(timeout=PATIENCE_SECONDS)[0]
    api = server.client()
    assert [points_of(api, f"twice{number}") for number in range(30)] == [500] * 30
