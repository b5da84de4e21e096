"""A backup or a restore that is killed leaves all or nothing."""

import itertools
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress

import pytest

from tests.server import ROOT, RealServer
from tests.trackerweb.backup.trackers import contents, places, rows
from trackerweb.backup import check, make
from trackerweb.progress import Progress

pytestmark = pytest.mark.slow

#: What a command writes between two of its ends.
STRIDE_BYTES = 20 << 20


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
