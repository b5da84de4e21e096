"""A database of MLflow comes over like its folders do. The rows are those that MLflow 2 and 3 write."""

import math
import sqlite3
import sys

import pytest

from experiments.models import Experiment
from runs.models import Run
from tests.factories import NOON
from tests.importing.conftest import Done, series
from tests.importing.eras import write

pytestmark = pytest.mark.django_db

#: The columns of 2.0; later ones only add to them.
SCHEMA = """
CREATE TABLE experiments (experiment_id INTEGER PRIMARY KEY, name TEXT, artifact_location TEXT, lifecycle_stage TEXT);
CREATE TABLE experiment_tags (key TEXT, value TEXT, experiment_id INTEGER);
CREATE TABLE runs (run_uuid TEXT PRIMARY KEY, name TEXT, source_type TEXT, source_name TEXT, entry_point_name TEXT,
    user_id TEXT, status TEXT, start_time BIGINT, end_time BIGINT, source_version TEXT, lifecycle_stage TEXT,
    artifact_uri TEXT, experiment_id INTEGER, deleted_time BIGINT);
CREATE TABLE params (key TEXT, value TEXT, run_uuid TEXT);
CREATE TABLE tags (key TEXT, value TEXT, run_uuid TEXT);
CREATE TABLE metrics (key TEXT, value FLOAT NOT NULL, timestamp BIGINT, run_uuid TEXT, step BIGINT, is_nan BOOLEAN,
    PRIMARY KEY (key, timestamp, step, run_uuid, value, is_nan));
"""


class Rows:
    """A database with one run."""

    def __init__(self, path):
        self.path = path
        self.run("PRAGMA journal_mode = WAL")
        self.database.executescript(SCHEMA)
        self.run("INSERT INTO experiments VALUES (1, 'digits', 'mlflow-artifacts:/1', 'active')")
        self.run("INSERT INTO experiment_tags VALUES ('mlflow.note.content', 'A note', 1)")
        self.add_run("a1")
        self.run("INSERT INTO params VALUES ('lr', '0.1', 'a1')")
        self.run("INSERT INTO tags VALUES ('team', 'vision', 'a1')")
        self.point("loss", 0.5, 0)

    @property
    def database(self):
        return sqlite3.connect(self.path, isolation_level=None)

    def run(self, sql, *values):
        self.database.execute(sql, values)

    def add_run(self, run_id, stage="active"):
        uri = f"mlflow-artifacts:/1/{run_id}/artifacts"
        row = [run_id, "first", "LOCAL", "", "", "ada", "FINISHED", NOON, NOON + 9, "", stage, uri, 1, None]
        self.run(f"INSERT INTO runs VALUES ({', '.join('?' * 14)})", *row)

    def point(self, key, value, step, is_nan=0):
        self.run("INSERT INTO metrics VALUES (?, ?, ?, 'a1', ?, ?)", key, value, NOON, step, is_nan)


@pytest.fixture
def rows(tmp_path):
    return Rows(tmp_path / "mlflow.db")


def test_a_run_comes_over_with_all_it_has(rows, tmp_path):
    write(tmp_path / "mlartifacts" / "1" / "a1" / "artifacts" / "notes" / "a.txt", "hello")
    done = Done(rows.path)
    run = Run.objects.by_id("a1")
    assert (run.name, run.status, run.start_time, run.end_time, run.user) == (
        "first",
        "FINISHED",
        NOON,
        NOON + 9,
        "ada",
    )
    assert run.params.get().value == "0.1"
    assert run.tags.get(key="team").value == "vision"
    assert series("a1", "loss") == [(0, NOON, 0.5)]
    assert run.artifacts.get().path == "notes/a.txt"
    assert Experiment.objects.named("digits").note == "A note"
    assert not done.reasons("refusal")


def test_only_what_is_new_comes_again(rows):
    Done(rows.path)
    assert Done(rows.path).counts == {"experiments": 1, "same_runs": 1, "notes": 1}
    rows.point("loss", 0.25, 1)
    rows.run("UPDATE tags SET value = 'audio'")
    rows.add_run("b1")
    again = Done(rows.path)
    assert (again.counts["grown_runs"], again.counts["new_runs"], again.counts["points"]) == (1, 1, 1)
    assert Run.objects.by_id("a1").tags.get(key="team").value == "audio"


def test_points_are_looked_at_again_when_rows_are_numbered_anew(rows):
    rows.point("loss", 0.4, 1)
    Done(rows.path)
    rows.run("DELETE FROM metrics WHERE step = 0")
    rows.run("VACUUM")
    rows.point("loss", 0.3, 2)
    Done(rows.path)
    assert (2, NOON, 0.3) in series("a1", "loss")


def test_values_that_no_column_of_theirs_holds_are_themselves_again(rows):
    rows.point("odd", 0.0, 0, is_nan=1)
    rows.point("odd", sys.float_info.max, 1)
    rows.point("odd", -sys.float_info.max, 2)
    done = Done(rows.path)
    values = [value for *_, value in series("a1", "odd")]
    assert math.isnan(values[0])
    assert values[1:] == [math.inf, -math.inf]
    assert "infinity again" in done.reasons("repair")[0]


def test_a_deleted_run_is_in_the_trash(rows):
    rows.add_run("b1", stage="deleted")
    Done(rows.path)
    assert Run.objects.by_id("b1").lifecycle_stage == "deleted"


def test_an_address_of_files_leads_nowhere_but_beside_the_database(rows, tmp_path):
    write(tmp_path / "secret" / "1" / "a1" / "artifacts" / "key", "s3cr3t")
    (tmp_path / "mlruns").mkdir()
    for uri in (f"{tmp_path}/secret/1/a1/artifacts", "../secret/1/a1/artifacts", "/etc", "file:///etc/1/2/3"):
        rows.run("UPDATE runs SET artifact_uri = ?", uri)
        Done(rows.path)
        assert not Run.objects.by_id("a1").artifacts.exists()


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\0" + b"x" * 5000, b"hello"])
def test_a_file_that_is_no_database_is_refused_as_a_whole(tmp_path, content):
    write(tmp_path / "mlflow.db", content)
    assert Done(tmp_path / "mlflow.db").record.state == "FAILED"


def test_another_database_is_refused_as_a_whole(tmp_path):
    sqlite3.connect(tmp_path / "other.db").execute("CREATE TABLE a (b)").connection.commit()
    assert "no database of MLflow" in Done(tmp_path / "other.db").record.error


def test_a_view_in_the_place_of_a_table_is_not_asked(rows):
    rows.run("CREATE VIEW logged_models AS SELECT load_extension('x')")
    assert Done(rows.path).record.state == "FINISHED"
