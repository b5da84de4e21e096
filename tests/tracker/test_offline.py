"""A server that is down at the start, in the middle, or for ever: the loop sees nothing, and nothing is lost."""

import json
import shutil
import threading
import time

import pytest

from tests.patience import until
from tests.server import RealServer
from tests.tracker.conftest import PATIENCE_SECONDS, Scripts, Stored
from tests.tracker.servers import ParrotServer

TRAIN = """
import sys, time
import tracker
taken = []
with tracker.start_run(experiment="offline", params={"lr": 0.1}, run_name="away") as run:
    print(run.run_id, flush=True)
    for step in range(int(sys.argv[1])):
        begun = time.perf_counter()
        run.log({"loss": 1 / (step + 1)}, step=step)
        taken.append(time.perf_counter() - begun)
        time.sleep(float(sys.argv[2]))
    run.log_text("weights", "model.bin")
    run.log_text("", "empty")
    if sys.argv[3:]:
        sys.stdin.readline()
# Two or three calls may have been held up by the machine.
print(sorted(taken)[-4], flush=True)
"""


@pytest.mark.slow
def test_no_server_at_all_costs_seconds_at_the_end_and_leaves_a_line(offline):
    begun = time.monotonic()
    done = offline.run(TRAIN, "200", "0")
    assert done.returncode == 0
    assert time.monotonic() - begun < 30
    assert float(done.stdout.split()[1]) < 0.5
    assert "Training goes on; what is logged is kept on disk" in done.stderr
    last = done.stderr.splitlines()[-1]
    assert "of 1 run wait in" in last
    assert "deliver them with: tracker sync" in last
    assert len(offline.left()) == 1


@pytest.mark.slow
def test_what_was_left_is_delivered_later_once(offline, tmp_path):
    run_id = offline.run(TRAIN, "100", "0", TRACKER_EXIT_SECONDS="0").stdout.split()[0]
    server = serve(tmp_path, offline)
    try:
        done = offline.command("sync", "--json")
        assert done.returncode == 0, done.stderr
        (told,) = json.loads(done.stdout)["journals"]
        assert (told["run_id"], told["left"], told["problem"]) == (run_id, 0, "")
        assert told["delivered"] > 100
        check(Stored(server.client()), run_id, 100)
        assert offline.left() == []
        assert offline.command("sync").stdout == "Nothing is left over.\n"
    finally:
        server.stop()


@pytest.mark.slow
def test_a_copied_folder_is_delivered_too_and_stored_once(offline, tmp_path):
    run_id = offline.run(TRAIN, "100", "0", TRACKER_EXIT_SECONDS="0").stdout.split()[0]
    shutil.copytree(offline.journals, tmp_path / "copy")
    server = serve(tmp_path, offline)
    try:
        assert offline.command("sync", str(tmp_path / "copy"), "--keep").returncode == 0
        stored = Stored(server.client())
        server.client().put(f"/api/v1/runs/{run_id}/tags/edited/", {"value": "by hand"})
        before = stored.run(run_id)
        for folder in (offline.journals, tmp_path / "copy"):
            assert offline.command("sync", str(folder)).returncode == 0
        assert {**stored.run(run_id), "heartbeat_time": 0} == {**before, "heartbeat_time": 0}
        check(stored, run_id, 100)
    finally:
        server.stop()


@pytest.mark.slow
def test_a_server_that_comes_late_gets_it_all_while_training_goes_on(offline, tmp_path):
    process = offline.start(TRAIN, "100", "0.03", "until it is told to end")
    run_id = process.stdout.readline().strip()
    until_it_says(process, "Training goes on")
    server = serve(tmp_path, offline)
    try:
        _, told = process.communicate("\n", timeout=PATIENCE_SECONDS)
        check(Stored(server.client()), run_id, 100)
        assert "answers again" in told
        assert offline.left() == []
    finally:
        server.stop()


@pytest.mark.slow
def test_a_server_that_goes_in_the_middle_and_comes_back_loses_nothing(tmp_path):
    server = RealServer(tmp_path / "home")
    server.home.mkdir()
    scripts = Scripts(tmp_path, server.url)
    server.start()
    process = scripts.start(TRAIN, "150", "0.02", "until it is told to end")
    run_id = process.stdout.readline().strip()
    time.sleep(0.8)
    server.kill()
    until_it_says(process, "Training goes on")
    server.start()
    try:
        out, _ = process.communicate("\n", timeout=PATIENCE_SECONDS)
        assert float(out) < 0.5
        check(Stored(server.client()), run_id, 150)
    finally:
        server.stop()


def test_sync_says_what_it_could_not_deliver(offline):
    offline.run(TRAIN, "10", "0", TRACKER_EXIT_SECONDS="0")
    done = offline.command("sync", "--wait", "0")
    assert done.returncode == 1
    assert "can't be reached" in done.stderr
    assert "entries are left in" in done.stderr
    assert len(offline.left()) == 1


def test_sync_leaves_alone_what_is_being_logged(scripts):
    process = scripts.start("import time, tracker\ntracker.start_run()\nprint('on', flush=True)\ntime.sleep(200)")
    process.stdout.readline()
    done = scripts.command("sync")
    assert "its program is still running" in done.stderr
    process.terminate()
    process.communicate()


def trashed(process, stored):
    """The run that a script says it has begun, in the trash now."""
    run_id = process.stdout.readline().strip()
    until(lambda: stored.client.get(f"/api/v1/runs/{run_id}/").status == 200)
    stored.client.send("DELETE", f"/api/v1/runs/{run_id}/")
    return run_id


def test_a_run_in_the_trash_keeps_its_journal_until_it_is_restored(scripts, stored):
    code = """
    import tracker
    with tracker.start_run(experiment="trashed") as run:
        print(run.run_id, flush=True)
        input()
        run.log_metric("late", 1.0)
    """
    process = scripts.start(code, TRACKER_EXIT_SECONDS="3600")
    run_id = trashed(process, stored)
    _, told = process.communicate("\n", timeout=PATIENCE_SECONDS)
    assert "is in the trash. Restore it" in told
    assert len(scripts.left()) == 1
    stored.client.post(f"/api/v1/runs/{run_id}/restore/")
    assert scripts.command("sync").returncode == 0
    assert stored.points(run_id, "late") == [(0, 1.0)]


def test_a_run_that_was_restored_takes_all_at_its_end(scripts, stored):
    code = """
    import tracker
    with tracker.start_run(experiment="trashed") as run:
        print(run.run_id, flush=True)
        input()
        run.log_metric("late", 1.0)
        print(tracker.flush(30), flush=True)
        input()
    """
    process = scripts.start(code)
    run_id = trashed(process, stored)
    process.stdin.write("\n")
    process.stdin.flush()
    assert process.stdout.readline() == "False\n"
    stored.client.post(f"/api/v1/runs/{run_id}/restore/")
    process.communicate("\n", timeout=PATIENCE_SECONDS)
    assert not scripts.left()
    assert stored.run(run_id)["status"] == "FINISHED"


@pytest.mark.parametrize("answer", [b"hello\n", b"HTTP/1.1 500 Oops\r\nContent-Length: 2\r\n\r\n{}", b""])
def test_a_server_that_talks_nonsense_harms_no_training(tmp_path, answer):
    with ParrotServer(answer) as server:
        scripts = Scripts(tmp_path, server.uri)
        done = scripts.run(TRAIN, "50", "0", TRACKER_EXIT_SECONDS="1")
    assert done.returncode == 0
    assert len(scripts.left()) == 1


def serve(tmp_path, scripts):
    """A server where the scripts believe one to be."""
    server = RealServer(tmp_path / "home")
    server.home.mkdir(exist_ok=True)
    server.url = scripts.uri
    server.port = int(scripts.uri.rpartition(":")[2])
    return server.start()


def check(stored, run_id, count):
    found = stored.run(run_id)
    assert (found["name"], found["status"], found["params"]) == ("away", "FINISHED", {"lr": "0.1"})
    assert stored.points(run_id, "loss") == [(step, 1 / (step + 1)) for step in range(count)]
    assert stored.file(run_id, "model.bin") == "weights"
    assert stored.file(run_id, "empty") == ""


def until_it_says(process, text):
    """Wait until a script says something on standard error."""
    patience = threading.Timer(PATIENCE_SECONDS, process.kill)
    patience.start()
    try:
        assert any(text in line for line in process.stderr), f"it never says {text!r}"
    finally:
        patience.cancel()
