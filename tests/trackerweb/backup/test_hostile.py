"""Backups that were cut, changed or made to do harm are refused, and nothing is left of them."""

import hashlib
import json
import os
import random
import sqlite3
import stat
import time
import zipfile
from contextlib import closing

import pytest

from tests.trackerweb.backup.trackers import FILES, blob, contents, is_empty, restored, rows
from trackerweb.backup import BadBackup, check
from trackerweb.progress import Progress

pytestmark = pytest.mark.slow


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
