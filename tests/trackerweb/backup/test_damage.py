"""What is damaged at the source is named, and the rest is kept."""

import sqlite3
from contextlib import closing

import pytest

from tests.trackerweb.backup.trackers import FILES, blob, contents, rows
from tests.trackerweb.test_startup import manage

pytestmark = pytest.mark.slow


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
