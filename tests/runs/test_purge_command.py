"""`manage.py purge`: what it says, what it takes, what it keeps."""

import argparse
import os
import subprocess
import sys
from io import StringIO

import pytest
from django.core.management import call_command

from runs.artifacts import store
from runs.management.commands.purge import days
from runs.models import Blob, Run
from runs.purging import DAY_MS
from tests.factories import make_run
from tests.server import ROOT
from trackerweb.clock import now_ms

pytestmark = pytest.mark.django_db


def purge(*options):
    out = StringIO()
    call_command("purge", *options, stdout=out)
    return out.getvalue().replace("\xa0", " ")


@pytest.fixture
def old_run(settings, tmp_path):
    """A run with a file, in the trash for 40 days."""
    settings.TRACKER_HOME = tmp_path
    run = make_run(metrics={"loss": [1.0] * 5})
    store.put(run, "plots/a.txt", [b"kept?"])
    store.put(run, "plots/a.txt.part", [b"kept too?"])
    run.trash()
    Run.objects.filter(pk=run.pk).update(deleted_time=now_ms() - 40 * DAY_MS)
    return run


def test_a_dry_run_says_what_would_go_and_leaves_it(old_run):
    assert "Would delete 0 experiments and 1 run with 5 points and 2 files" in purge("--dry-run")
    assert Run.objects.trashed().count() == 1


def test_what_is_old_enough_goes(old_run):
    make_run().trash()
    assert "14 bytes of files are free" in purge("--older-than", "30d")
    assert Run.objects.count() == 1
    assert not Blob.objects.exists()


def test_what_is_younger_stays(old_run):
    purge("--older-than", "41d")
    assert Run.objects.trashed().count() == 1


def test_files_are_kept_on_request(old_run, tmp_path):
    assert "Kept 2 files" in purge("--keep-artifacts")
    folder = tmp_path / "kept" / old_run.run_id / "plots"
    assert {place.name: place.read_bytes() for place in folder.iterdir()} == {
        "a.txt": b"kept?",
        "a.txt.part": b"kept too?",
    }
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    ("text", "expected"), [("30d", 30), ("30", 30), ("2w", 14), ("12h", 0.5), ("90m", 0.0625), ("0d", 0)]
)
def test_ages_are_read(text, expected):
    assert days(text) == pytest.approx(expected)


@pytest.mark.parametrize("text", ["", "d", "soon", "-1d", "nan", "1e9d", "3 months"])
def test_what_is_no_age_is_refused_with_the_remedy(text):
    with pytest.raises(argparse.ArgumentTypeError, match="0d for all of the trash"):
        days(text)


@pytest.mark.slow
def test_compacting_leaves_a_whole_database(tmp_path):
    environment = os.environ | {"TRACKER_HOME": str(tmp_path)}
    for command in (["migrate", "--verbosity", "0"], ["purge", "--older-than", "0d", "--compact"]):
        subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=environment, check=True)


@pytest.mark.parametrize("command", ["purge", "check_data"])
def test_a_mistyped_home_is_refused_and_nothing_is_made_there(tmp_path, command):
    home = tmp_path / "mistyped"
    environment = os.environ | {"TRACKER_HOME": str(home)}
    done = subprocess.run([sys.executable, "manage.py", command], cwd=ROOT, env=environment, capture_output=True)
    assert done.returncode == 1
    assert b"No database is at" in done.stderr
    assert b"Traceback" not in done.stderr
    assert not list(home.glob("tracker.sqlite3*"))
