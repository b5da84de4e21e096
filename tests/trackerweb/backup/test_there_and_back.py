"""What comes out of a backup is what went in."""

import json
import zipfile

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from tests.server import RealServer
from tests.trackerweb.backup.trackers import FILES, contents, places, restored, rows
from tests.trackerweb.test_startup import manage
from trackerweb.backup import NotPossible, make
from trackerweb.home_lock import InUse, held_alone
from trackerweb.progress import Progress

pytestmark = pytest.mark.slow


def test_what_comes_out_is_what_went_in(filled, backup, tmp_path):
    found = restored(backup, tmp_path / "new")
    assert rows(tmp_path / "new") == rows(filled)
    assert contents(tmp_path / "new") == contents(filled)
    assert (found.runs, found.files) == (3, 2)


def test_a_restored_tracker_serves_and_is_well(backup, tmp_path):
    assert manage(tmp_path / "new", "restore", str(backup))[0] == 0
    server = RealServer(tmp_path / "new").start()
    try:
        answer = server.client().get("/api/v1/runs/r1/").body
        assert answer["metrics"]["loss"]["count"] == 6000
        status, said = manage(tmp_path / "new", "check_data")
        assert (status, said) == (0, "All is well.\n")
    finally:
        server.stop()


def test_a_server_may_run_while_it_is_backed_up(home, tmp_path):
    server = RealServer(home).start()
    status, said = manage(home, "backup", str(tmp_path / "live.zip"))
    server.stop()
    assert (status, said.split(": ")[1].split(", ")[:2]) == (0, ["3 runs", "2 files"])
    restored(tmp_path / "live.zip", tmp_path / "new")
    assert contents(tmp_path / "new") == contents(home)


def test_a_backup_is_a_plain_zip_that_says_what_it_holds(backup):
    with zipfile.ZipFile(backup) as archive:
        assert archive.testzip() is None
        manifest = json.loads(archive.read("manifest.json"))
        kinds = {info.filename: info.compress_type for info in archive.infolist()}
    assert manifest["format"] == 1
    assert manifest["database"]["tables"]["runs_run"] == 3
    assert manifest["blobs"] == {"count": 2, "bytes": len(FILES["model.bin"]) + len(FILES["plots/roc.svg"])}
    assert kinds["tracker.sqlite3"] == zipfile.ZIP_DEFLATED
    assert {kind for name, kind in kinds.items() if name.startswith("blobs/")} == {zipfile.ZIP_STORED}


def test_a_backup_without_files_restores_the_rest(home, tmp_path):
    status, said = manage(home, "backup", "--without-artifacts", str(tmp_path / "rows.zip"))
    assert (status, "no files" in said) == (0, True)
    status, said = manage(tmp_path / "new", "restore", str(tmp_path / "rows.zip"))
    assert status == 0
    assert "It was made without files" in said
    assert rows(tmp_path / "new") == rows(home)
    assert contents(tmp_path / "new") == {}


def test_an_older_database_is_backed_up_restored_and_brought_up_to_date(tmp_path):
    manage(tmp_path / "old", "migrate", "runs", "0002", "-v0")
    assert manage(tmp_path / "old", "backup", str(tmp_path / "old.zip"))[0] == 0
    assert manage(tmp_path / "new", "restore", str(tmp_path / "old.zip"))[0] == 0
    server = RealServer(tmp_path / "new").start()
    server.stop()
    assert "runs_blob" in rows(tmp_path / "new")


def test_nothing_is_replaced_unless_forced(home, tmp_path):
    target = tmp_path / "mine.zip"
    target.write_text("precious")
    status, said = manage(home, "backup", str(target))
    assert (status, "is there already" in said, target.read_text()) == (1, True, "precious")
    assert manage(home, "backup", "--force", str(target))[0] == 0
    assert zipfile.is_zipfile(target)


def test_nothing_but_the_backup_stays(home, tmp_path):
    make(places(home), tmp_path / "a.zip", Progress())
    assert sorted(place.name for place in tmp_path.iterdir()) == ["a.zip", "home"]


@pytest.mark.parametrize("target", ["nowhere/a.zip", "home"])
def test_a_place_where_no_file_can_be_is_refused(home, tmp_path, target):
    with pytest.raises(NotPossible, match="is no place for a file"):
        make(places(home), tmp_path / target, Progress(), force=True)


def test_a_folder_without_a_database_is_refused_and_left_without(tmp_path):
    status, said = manage(tmp_path, "backup", str(tmp_path / "a.zip"))
    assert (status, "No database is at" in said) == (1, True)
    assert not (tmp_path / "tracker.sqlite3").exists()


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_postgresql_is_told_its_own_tools(backup, monkeypatch, command):
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", "django.db.backends.postgresql")
    with pytest.raises(CommandError, match="Back up PostgreSQL with pg_dump"):
        call_command(command, str(backup))


def test_two_backups_to_one_file_at_once_are_refused(home, tmp_path):
    (tmp_path / "a.zip.unfinished").mkdir()
    with (
        held_alone(tmp_path / "a.zip.unfinished" / "lock", "unused"),
        pytest.raises(InUse, match="Another backup is writing"),
    ):
        make(places(home), tmp_path / "a.zip", Progress())
