"""Journals that come from anyone, and what happens to a journal under a training that goes on."""

import json
import uuid

import pytest

from tests.tracker.servers import ScriptedServer
from tracker.journal import shelf
from tracker.journal.writing import JournalWriter

pytestmark = pytest.mark.slow


@pytest.fixture
def forged(scripts):
    """Makes a journal of a run that no other test has."""
    name = uuid.uuid4().hex

    def make(*entries, **header):
        told = {"run_id": name, "writer": "ab12", "uri": scripts.uri, "opened": 0, "is_owner": False, "run": {}}
        writer = JournalWriter(scripts.journals / f"{name}.ab12", told | header)
        for entry in ({}, *entries):
            writer.append(json.dumps(entry))
        writer.release()
        return writer.folder

    make.run_id = name
    return make


@pytest.mark.parametrize("content", ["../../../secret", "/etc/passwd", "..", ".", "", "a/b", "link"])
def test_no_file_outside_of_the_journal_is_sent_or_deleted(scripts, stored, tmp_path, forged, content):
    (tmp_path / "secret").write_text("secret")
    folder = forged({"file": {"path": "a.txt", "content": content, "size": 1}}, {"tags": {"t": "1"}})
    (folder / "files/link").symlink_to(tmp_path / "secret")
    done = scripts.command("sync")
    assert "is not in" in done.stderr
    assert stored.client.get(f"/api/v1/runs/{forged.run_id}/artifacts/a.txt").status == 404
    assert stored.run(forged.run_id)["tags"] == {"t": "1"}
    assert (tmp_path / "secret").read_text() == "secret"


def test_the_token_goes_to_no_server_that_a_journal_names(scripts, forged):
    with ScriptedServer() as server:
        forged(uri=server.uri)
        scripts.command("sync", "--wait", "0", TRACKER_TOKEN="hush")
    assert server.asked
    assert all("Authorization" not in headers for _, _, _, headers, _ in server.asked)


@pytest.mark.parametrize("run_id", ["../../etc", "a/../b", "x?y=1", "a b", ""])
def test_a_run_id_leads_nowhere_else(scripts, forged, run_id):
    forged({"tags": {"t": "1"}}, run_id=run_id)
    done = scripts.command("sync")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "entry", [{"m": 1}, {"m": {"a": 1}}, {"params": []}, {"tags": {"a": 1}}, {"console": [1]}, {"file": 7}, {"s": "x"}]
)
def test_an_entry_of_odd_shape_is_told_and_not_a_traceback(scripts, forged, entry):
    forged(entry, {"tags": {"after": "1"}})
    done = scripts.command("sync")
    assert "Traceback" not in done.stderr


def test_a_folder_that_is_deleted_under_a_training_loses_nothing(scripts, stored):
    code = """
    import os, shutil, tracker
    with tracker.start_run(experiment="deleted") as run:
        run.log_metric("x", 1.0)
        shutil.rmtree(os.environ["TRACKER_JOURNAL"])
        for step in range(100):
            run.log_metric("x", 1.0)
    """
    done = scripts.run(code)
    assert done.returncode == 0, done.stderr
    (run,) = stored.named("deleted")
    assert (run["status"], run["metrics"]["x"]["count"]) == ("FINISHED", 101)


def test_a_read_only_copy_is_delivered(scripts, stored, forged):
    folder = forged({"tags": {"t": "1"}})
    for place in (folder / "lock", folder):
        place.chmod(0o500)
    scripts.command("sync", "--keep")
    folder.chmod(0o700)
    assert stored.run(forged.run_id)["tags"] == {"t": "1"}
    assert shelf.journals(scripts.journals)
