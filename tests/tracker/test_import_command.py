"""`tracker import` and `tracker export`: folders go to a server, runs come out of it, over HTTP alone."""

import csv
import json
import zipfile

import pytest

from tests.importing.eras import append, write
from tests.importing.test_mlflow_db import Rows
from tests.importing.test_uploads import written
from tests.tracker.servers import ScriptedServer

pytestmark = pytest.mark.slow


def imported(scripts, path):
    done = scripts.command("import", str(path), "--json")
    assert done.returncode == 0, done.stderr
    (told,) = json.loads(done.stdout)["imports"]
    return {name: count for name, count in told["counts"].items() if count}


def test_a_folder_is_sent_and_later_only_what_is_new_of_it(scripts, stored, tmp_path):
    store, run = written(tmp_path, "sent1")
    other = store.run(run.parent, "sent2")
    assert imported(scripts, store.root) == {"new_runs": 2, "points": 1, "files": 1}
    assert stored.run("sent1")["metrics"]["loss"]["last"] == 0.5
    assert imported(scripts, store.root) == {}
    store.point(run, "loss", 0.25, 1)
    store.param(other, "lr", "0.1")
    assert imported(scripts, store.root) == {"grown_runs": 2, "points": 1}
    assert stored.run("sent2")["params"] == {"lr": "0.1"}


def test_an_experiments_folder_and_one_that_holds_mlruns_can_be_named(scripts, stored, tmp_path):
    store, _ = written(tmp_path, "sent3")
    assert imported(scripts, store.root / "1") == {"new_runs": 1, "points": 1, "files": 1}
    assert imported(scripts, tmp_path) == {}


def test_what_was_found_is_said(scripts, tmp_path):
    store, run = written(tmp_path, "sent4")
    append(run / "metrics" / "loss", "broken\n")
    done = scripts.command("import", str(store.root))
    assert done.stdout.endswith("1 new run, 1 point, 1 file.\n")
    assert "refusal: 1/sent4/metrics/loss: The line 'broken' was left out" in done.stderr


def test_links_are_not_followed(scripts, stored, tmp_path):
    store, run = written(tmp_path, "sent5")
    write(tmp_path / "secret", "s3cr3t")
    (run / "artifacts" / "secret").symlink_to(tmp_path / "secret")
    imported(scripts, store.root)
    listed = stored.client.get("/api/v1/runs/sent5/artifacts/").body["artifacts"]
    assert [item["path"] for item in listed] == ["a.txt"]


def test_a_registry_is_sent_too(scripts, shared_server, tmp_path):
    store, _ = written(tmp_path, "sent7")
    write(store.root / "models" / "sent7-net" / "meta.yaml", "name: sent7-net\n")
    write(store.root / "models" / "sent7-net" / "version-1" / "meta.yaml", "version: 1\nsource: s3://bucket/net\n")
    assert imported(scripts, store.root)["versions"] == 1
    assert imported(scripts, store.root) == {}
    write(store.root / "models" / "sent7-net" / "version-2" / "meta.yaml", "version: 2\nsource: s3://bucket/2\n")
    assert imported(scripts, store.root) == {"versions": 1}
    versions = shared_server.client().get("/api/v1/registered-models/sent7-net/versions/").body["versions"]
    assert [version["version"] for version in versions] == [2, 1]


def test_a_database_is_sent_with_the_files_beside_it(scripts, stored, tmp_path):
    rows = Rows(tmp_path / "mlflow.db")
    rows.run("UPDATE runs SET run_uuid = 'sent8'")
    write(tmp_path / "mlartifacts" / "1" / "a1" / "artifacts" / "a.txt", "hello")
    assert imported(scripts, tmp_path / "mlflow.db") == {"new_runs": 1, "files": 1}
    assert stored.run("sent8")["params"] == {}
    assert imported(scripts, tmp_path) == {}


def test_a_path_that_is_nothing_is_told(scripts, tmp_path):
    done = scripts.command("import", str(tmp_path))
    assert done.returncode == 2
    assert "is no folder of MLflow" in done.stderr


def test_what_did_not_arrive_is_sent_again(scripts, stored, tmp_path):
    store, _ = written(tmp_path, "sent6")
    with ScriptedServer([(500, {})]) as broken:
        assert scripts.command("import", str(store.root), "--uri", broken.uri).returncode != 0
    assert imported(scripts, store.root) == {"new_runs": 1, "points": 1, "files": 1}


@pytest.fixture
def run(scripts, tmp_path):
    store, _ = written(tmp_path, "out1")
    imported(scripts, store.root)
    return "out1"


def test_a_search_is_written_as_a_table(scripts, run, tmp_path):
    done = scripts.command("export", str(tmp_path / "runs.csv"), "-e", "sent-out1", "-f", "metrics.loss < 1")
    assert done.returncode == 0, done.stderr
    with (tmp_path / "runs.csv").open(newline="") as file:
        assert [row["run_id"] for row in csv.DictReader(file)] == [run]


def test_a_run_is_written_as_a_zip(scripts, run, tmp_path):
    done = scripts.command("export", str(tmp_path / "run.zip"), "--run", run)
    assert done.returncode == 0, done.stderr
    assert ["mlruns", "1", "out1", "meta.yaml"][2] in {
        name.split("/")[2] for name in zipfile.ZipFile(tmp_path / "run.zip").namelist() if name.count("/") > 2
    }


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["x.xlsx"], "ends with none of"),
        (["x.zip"], "name it with"),
        (["x.csv", "-f", "metrics.loss <"], "too early"),
    ],
)
def test_a_wrong_export_leaves_no_file(scripts, tmp_path, words, reason):
    done = scripts.command("export", str(tmp_path / words[0]), *words[1:])
    assert done.returncode in (1, 2)
    assert reason in done.stderr
    assert not list(tmp_path.glob("x*"))
