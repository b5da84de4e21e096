"""A backup is restored where nothing is that would be lost."""

import shutil

import pytest

from tests.server import RealServer, free_port
from tests.trackerweb.backup.trackers import is_empty, restored, rows
from tests.trackerweb.test_startup import manage
from trackerweb.backup import NotPossible
from trackerweb.home_lock import InUse, without_server

pytestmark = pytest.mark.slow


def test_a_tracker_with_runs_is_never_overwritten(home, backup):
    before = rows(home)
    with pytest.raises(NotPossible, match="holds runs or experiments"):
        restored(backup, home)
    assert rows(home) == before


def test_an_experiment_besides_default_counts_as_data(backup, tmp_path):
    server = RealServer(tmp_path).start()
    server.client().post("/api/v1/experiments/", {"name": "mine"})
    server.stop()
    with pytest.raises(NotPossible, match="holds runs or experiments"):
        restored(backup, tmp_path)


def test_a_tracker_that_was_only_started_gives_way(filled, backup, tmp_path):
    RealServer(tmp_path).start().kill()
    assert (tmp_path / "tracker.sqlite3-wal").exists()
    restored(backup, tmp_path)
    assert rows(tmp_path) == rows(filled)


@pytest.mark.parametrize("command", ["runserver", "serve"])
def test_nothing_is_restored_under_a_running_server(backup, tmp_path, command):
    server = RealServer(tmp_path, command).start()
    try:
        with pytest.raises(InUse, match="Stop it first"):
            restored(backup, tmp_path)
    finally:
        server.stop()


def test_no_server_starts_while_a_backup_is_restored(tmp_path):
    with without_server(tmp_path):
        status, said = manage(tmp_path, "runserver", str(free_port()))
    assert (status, "A backup is being restored here" in said) == (1, True)


def test_a_database_that_is_not_ours_is_left(backup, tmp_path):
    (tmp_path / "tracker.sqlite3").write_text("something else entirely, longer than a header of SQLite would be")
    with pytest.raises(NotPossible, match="can't be replaced"):
        restored(backup, tmp_path)


def test_a_log_without_its_database_would_be_replayed_and_is_refused(backup, tmp_path):
    (tmp_path / "tracker.sqlite3-wal").write_bytes(b"old")
    with pytest.raises(NotPossible, match="without its database"):
        restored(backup, tmp_path)


def test_a_full_disk_is_said_before_anything_is_written(backup, tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(100, 99, 1))
    with pytest.raises(NotPossible, match="Make room first"):
        restored(backup, tmp_path / "new")
    assert is_empty(tmp_path / "new")


def test_checking_verifies_all_and_writes_nothing(backup, tmp_path):
    (tmp_path / "empty").mkdir()
    status, said = manage(tmp_path / "empty", "restore", "--check-only", str(backup))
    assert (status, "is whole: 3 runs, 2 files." in said) == (0, True)
    assert is_empty(tmp_path / "empty")
