"""A backup holds all of a tracker; what comes out of one is what went in, or nothing."""

import hashlib
import itertools
import json
import os
import random
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import time
import zipfile
from contextlib import closing, suppress

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from runs.artifacts.storage import BlobStorage
from tests.server import ROOT, RealServer, free_port
from tests.trackerweb.test_startup import manage
from trackerweb.backup import BadBackup, NotPossible, Places, check, make, restore
from trackerweb.home_lock import InUse, held_alone, without_server
from trackerweb.progress import Progress

pytestmark = pytest.mark.slow

#: What a command writes between two of its ends.
STRIDE_BYTES = 20 << 20
FILES = {"model.bin": b"weights" * 50_000, "plots/roc.svg": b"<svg/>", "again/model.bin": b"weights" * 50_000}


@pytest.fixture(scope="session")
def filled(tmp_path_factory):
    """A folder that a server has filled, with long series, params, trash and files."""
    home = tmp_path_factory.mktemp("filled")
    server = RealServer(home).start()
    client = server.client()
    columns = {"steps": list(range(6000)), "values": [step % 97 / 7 for step in range(6000)]}
    for number in range(3):
        client.put(f"/api/v1/runs/r{number}/", {"experiment": "one", "params": {"lr": "0.1"}, "tags": {"a": "b"}})
        client.post(f"/api/v1/runs/r{number}/log/", {"metrics": {"loss": columns, "odd": {"values": ["NaN"]}}})
    client.send("DELETE", "/api/v1/runs/r2/")
    for path, content in FILES.items():
        assert client.put(f"/api/v1/runs/r1/artifacts/{path}", content).status == 201
    server.stop()
    return home


@pytest.fixture
def home(filled, tmp_path):
    """A copy of it that a test may change."""
    return shutil.copytree(filled, tmp_path / "home")


@pytest.fixture
def backup(filled, tmp_path):
    """A backup of it."""
    target = tmp_path / "tracker.zip"
    make(places(filled), target, Progress())
    return target


def places(home):
    return Places(home, home / "tracker.sqlite3", BlobStorage(location=home / "artifacts"))


def restored(backup, home):
    return restore(backup, places(home), Progress())


def rows(home):
    """Every row of every table."""
    with closing(sqlite3.connect(home / "tracker.sqlite3")) as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: sorted(database.execute(f"SELECT * FROM {name}").fetchall(), key=repr) for name in names}


def contents(home):
    """Every content by its place."""
    folder = home / "artifacts"
    return {str(place.relative_to(folder)): place.read_bytes() for place in folder.glob("[0-9a-f][0-9a-f]/*")}


def blob(home, content=FILES["model.bin"]):
    sha256 = hashlib.sha256(content).hexdigest()
    return home / "artifacts" / sha256[:2] / sha256


# --- There and back -------------------------------------------------------------------------------------------------


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


# --- Damage at the source -------------------------------------------------------------------------------------------


def test_damaged_and_missing_files_are_named_and_the_rest_is_kept(home, tmp_path):
    blob(home).write_bytes(b"other")
    blob(home, FILES["plots/roc.svg"]).unlink()
    status, said = manage(home, "backup", str(tmp_path / "a.zip"))
    assert status == 1
    assert f"damaged: content {blob(home).name}, 5 bytes" in said
    assert f"missing: content {blob(home, FILES['plots/roc.svg']).name}" in said
    status, said = manage(tmp_path / "new", "restore", str(tmp_path / "a.zip"))
    assert status == 0
    assert "2 files were damaged or missing before it was made" in said
    assert rows(tmp_path / "new") == rows(home)
    assert contents(tmp_path / "new") == {}
    assert (tmp_path / "new" / "artifacts" / "damaged" / blob(home).name).read_bytes() == b"other"


def test_a_damaged_database_is_not_backed_up(home, tmp_path):
    with closing(sqlite3.connect(home / "tracker.sqlite3", isolation_level=None)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    size = (home / "tracker.sqlite3").stat().st_size
    with (home / "tracker.sqlite3").open("r+b") as file:
        file.seek(size // 2)
        file.write(b"\xa5" * 8192)
    status, said = manage(home, "backup", str(tmp_path / "a.zip"))
    assert (status, "damaged" in said) == (1, True)
    assert not (tmp_path / "a.zip").exists()


# --- Where it may be restored ---------------------------------------------------------------------------------------


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


def is_empty(home):
    """No database, no content and nothing half."""
    left = {str(place.relative_to(home)) for place in home.rglob("*") if place.is_file()}
    return left <= {"secret_key", "serving.lock", "artifacts/blobs.lock"}


# --- Backups that were cut, changed or made to do harm --------------------------------------------------------------


def refuse(backup, tmp_path, match):
    """Neither checking nor restoring takes it, and nothing is left."""
    with pytest.raises(BadBackup, match=match):
        check(backup, Progress())
    with pytest.raises(BadBackup, match=match):
        restored(backup, tmp_path / "new")
    assert is_empty(tmp_path / "new")


def changed(backup, change):
    """The backup again, its members (name, content) changed by a function."""
    with zipfile.ZipFile(backup) as archive:
        members = [(info.filename, archive.read(info)) for info in archive.infolist()]
    with zipfile.ZipFile(backup, "w") as archive:
        for name, content in change(members):
            archive.writestr(name, content)


def with_manifest(backup, change):
    def edit(members):
        for name, content in members:
            if name == "manifest.json":
                manifest = json.loads(content)
                change(manifest)
                content = json.dumps(manifest).encode()
            yield name, content

    changed(backup, edit)


def with_database(backup, tmp_path, *statements):
    """Change the database in it, and let the manifest say so."""

    def edit(members):
        place = tmp_path / "edited.sqlite3"
        place.write_bytes(dict(members)["tracker.sqlite3"])
        with closing(sqlite3.connect(place)) as database:
            for statement in statements:
                database.execute(statement)
            database.commit()
        content = place.read_bytes()
        manifest = json.loads(dict(members)["manifest.json"])
        manifest["database"] |= {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        told = {"tracker.sqlite3": content, "manifest.json": json.dumps(manifest).encode()}
        return [(name, told.get(name, old)) for name, old in members]

    changed(backup, edit)


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.9, 0.999])
def test_a_cut_backup_is_refused(backup, tmp_path, share):
    os.truncate(backup, int(backup.stat().st_size * share))
    refuse(backup, tmp_path, "is no whole backup")


def test_a_file_that_is_not_there_is_said(tmp_path):
    refuse(tmp_path / "none.zip", tmp_path, "There is no file")


def test_a_changed_byte_anywhere_is_refused_or_harmless(filled, backup, tmp_path):
    """Bytes of the zip's own that mean nothing (dates, versions) may differ; what comes out may not."""
    chance, whole = random.Random(7), backup.read_bytes()
    expected = (rows(filled), contents(filled))
    refused = 0
    for number in range(60):
        place = chance.randrange(len(whole))
        backup.write_bytes(whole[:place] + bytes([whole[place] ^ (1 << chance.randrange(8))]) + whole[place + 1 :])
        home = tmp_path / f"new{number}"
        try:
            restored(backup, home)
        except BadBackup:
            refused += 1
            assert is_empty(home)
        else:
            assert (rows(home), contents(home)) == expected
    assert refused > 50


@pytest.mark.parametrize(
    "name",
    [
        "../evil", "/etc/evil", "blobs/../../evil", "blobs/ab/../../../evil", "C:\\evil", "..\\evil", "evil",
        "blobs/ab/" + "c" * 64, "blobs/" + "a" * 64, "blobs/aa/" + "A" * 64, "tracker.sqlite3/evil", "blobs/aa/",
        "blobs/aa/" + "a" * 64 + "\0.txt",
    ],
)  # fmt: skip
def test_a_name_that_no_backup_holds_is_refused(backup, tmp_path, name):
    placeholder = "n" * len(name)
    changed(backup, lambda members: [*members, (placeholder, b"evil")])
    backup.write_bytes(backup.read_bytes().replace(placeholder.encode(), name.encode()))
    refuse(backup, tmp_path, "which no backup does")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_twice_is_refused(backup, tmp_path):
    changed(backup, lambda members: [*members, ("tracker.sqlite3", b"another")])
    refuse(backup, tmp_path, "twice")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFDIR, stat.S_IFIFO])
def test_what_is_no_plain_file_is_refused(backup, tmp_path, kind):
    name = "blobs/aa/" + "a" * 64
    link = zipfile.ZipInfo(name)
    link.external_attr = (kind | 0o777) << 16
    with zipfile.ZipFile(backup, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    refuse(backup, tmp_path, "is no plain file")


def test_a_member_larger_than_it_says_is_not_unpacked_beyond_that(backup, tmp_path):
    with_manifest(backup, lambda manifest: manifest["database"].update(size=4096))
    refuse(backup, tmp_path, "has not the 4096 bytes")


def test_a_bomb_is_not_unpacked(backup, tmp_path):
    """A gigabyte of zeros in a megabyte, under a name that its database knows as a few bytes."""
    with zipfile.ZipFile(backup) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    name = f"blobs/{blob(tmp_path, FILES['plots/roc.svg']).relative_to(tmp_path / 'artifacts')}"
    with zipfile.ZipFile(backup, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            if member != name:
                archive.writestr(member, content)
        with archive.open(name, "w") as bomb:
            for _ in range(1000):
                bomb.write(bytes(1 << 20))
    began = time.process_time()
    refuse(backup, tmp_path, "has not the 6 bytes")
    assert time.process_time() - began < 10


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"format": 2}, "A newer Trackerweb made it"),
        ({"format": "1"}, "can't be read"),
        ({"database": None}, "can't be read"),
        ({"blobs": None}, "It was changed"),
        ({"blobs": {"count": 3, "bytes": 350_006}}, "It was changed"),
        ({"missing": ["a"]}, "It was changed"),
    ],
)
def test_a_manifest_that_says_something_else_is_refused(backup, tmp_path, change, match):
    with_manifest(backup, lambda manifest: manifest.update(change))
    refuse(backup, tmp_path, match)


@pytest.mark.parametrize("text", [b"", b"[]", b"\xff", b"[" * 100_000, b'{"format": 1e999}'])
def test_a_manifest_that_is_none_is_refused(backup, tmp_path, text):
    changed(backup, lambda members: [(name, text if name == "manifest.json" else old) for name, old in members])
    refuse(backup, tmp_path, "can't be read")


@pytest.mark.parametrize("name", ["manifest.json", "tracker.sqlite3"])
def test_a_backup_without_its_parts_is_refused(backup, tmp_path, name):
    changed(backup, lambda members: [member for member in members if member[0] != name])
    refuse(backup, tmp_path, f"{name} is missing")


def test_a_backup_without_one_of_its_files_is_refused(backup, tmp_path):
    changed(backup, lambda members: [member for member in members if not member[0].startswith("blobs/")][:2])
    refuse(backup, tmp_path, "It holds 0 of 2 contents")


def test_a_file_that_the_database_does_not_know_is_refused(backup, tmp_path):
    sha256 = hashlib.sha256(b"stowaway").hexdigest()
    changed(backup, lambda members: [*members, (f"blobs/{sha256[:2]}/{sha256}", b"stowaway")])
    refuse(backup, tmp_path, "which its database does not know")


@pytest.mark.parametrize(
    ("statement", "match"),
    [
        ("DELETE FROM runs_param WHERE key = 'lr'", "The table runs_param has not the rows"),
        ("CREATE TRIGGER evil AFTER INSERT ON runs_run BEGIN DELETE FROM runs_run; END", "the trigger 'evil'"),
        ("CREATE VIEW evil AS SELECT 1", "the view 'evil'"),
        ("CREATE TABLE extra (a)", "The table extra has not the rows"),
        ("UPDATE django_migrations SET name = '9999_future' WHERE app = 'runs'", "runs.9999_future"),
    ],
)
def test_a_changed_database_is_refused(backup, tmp_path, statement, match):
    with_database(backup, tmp_path, statement)
    refuse(backup, tmp_path, match)


def test_another_database_is_refused(backup, tmp_path):
    changed(backup, lambda members: [(name, b"x" * 9999 if "sqlite" in name else old) for name, old in members])
    refuse(backup, tmp_path, "tracker.sqlite3 has not the")


# --- Killed ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def heavy(home):
    """The same with many files, so that there is time to be killed in."""
    server = RealServer(home).start()
    client = server.client()
    for number in range(150):
        client.put(f"/api/v1/runs/r1/artifacts/many/{number}", number.to_bytes(4, "big") * 200_000)
    server.stop()
    return home


def killed(folder, home, *arguments):
    """Run a command again and again and kill it, each time when it has written more below a folder, until it ends."""
    for enough in itertools.count(1, STRIDE_BYTES):
        process = subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=os.environ | {"TRACKER_HOME": str(home)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while process.poll() is None and size_of(folder) < enough:
            time.sleep(0.001)
        process.kill()
        if process.wait() == 0:
            return
        assert process.returncode == -signal.SIGKILL
        yield


def size_of(folder):
    """Bytes of the files below a folder that somebody is writing to."""
    sizes = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):
                sizes += os.stat(os.path.join(place, name)).st_size
    return sizes


def test_a_killed_backup_leaves_a_whole_one_or_none_and_the_next_clears_up(heavy, tmp_path):
    target = tmp_path / "out" / "a.zip"
    target.parent.mkdir()
    midway = 0
    for _ in killed(target.parent, heavy, "backup", "--force", str(target)):
        if target.exists():
            check(target, Progress())
            target.unlink()
        midway += (target.parent / "a.zip.unfinished").exists()
    assert midway > 2
    assert [place.name for place in target.parent.iterdir()] == ["a.zip"]
    check(target, Progress())


def test_a_killed_restore_leaves_all_or_no_database_and_the_next_one_restores(heavy, tmp_path):
    make(places(heavy), tmp_path / "a.zip", Progress())
    whole = (rows(heavy), contents(heavy))
    new = tmp_path / "new"
    midway = 0
    for _ in killed(new, new, "restore", str(tmp_path / "a.zip")):
        if (new / "tracker.sqlite3").exists():
            assert (rows(new), contents(new)) == whole
            shutil.rmtree(new)
        midway += (new / "restoring").exists()
    assert midway > 2
    assert (rows(new), contents(new)) == whole
    assert not (new / "restoring").exists()
