"""Models that are logged, to a real server: delivered later, killed on the way, registered once, loaded again."""

import json
import signal
import uuid

import numpy as np
import pytest

import tracker
from tests.server import RealServer, free_port
from tests.tracker.conftest import Scripts
from tracker import models
from tracker.errors import InvalidModel, InvalidValue, Refused, RunEnded, Unavailable
from tracker.models import sklearn as ours


@pytest.fixture
def logged(here, tmp_path, monkeypatch):
    """Logs in this process, with a cache of its own."""
    monkeypatch.setenv("TRACKER_CACHE", str(tmp_path / "cache"))
    return here


def name_of_its_own():
    return f"iris-{uuid.uuid4().hex[:8]}"


def test_a_model_is_loaded_from_the_server(logged, iris, classifier):
    with tracker.start_run(experiment="models") as run:
        info = tracker.log_model(classifier, "classifier", input_example=iris[0][:2], params={"C": 1.0}, step=3)
    tracker.flush(30)
    loaded = models.load_model(info.uri)
    assert np.array_equal(loaded.predict(iris[0]), classifier.predict(iris[0]))
    assert (loaded.metadata.model_id, loaded.metadata.run_id) == (info.model_id, run.run_id)
    assert info.signature == loaded.signature


def test_the_server_knows_what_was_said_of_it(logged, stored, classifier):
    with tracker.start_run(experiment="models") as run:
        info = run.log_model(
            classifier, "classifier", params={"C": 1.0}, tags={"kind": "linear"}, model_type="classifier"
        )
    tracker.flush(30)
    told = stored.client.get(f"/api/v1/models/{info.model_id}/").body
    assert (told["name"], told["status"], told["model_type"]) == ("classifier", "LOGGED_MODEL_READY", "classifier")
    assert (told["params"], told["tags"]) == ({"C": "1.0"}, {"kind": "linear"})
    assert told["source_run_id"] == run.run_id


@pytest.mark.parametrize("uri", ["models:/{name}/1", "models:/{name}@best", "models:/{name}/latest"])
def test_a_registered_model_is_loaded_by_its_names(uri, logged, classifier):
    name = name_of_its_own()
    with tracker.start_run(experiment="models"):
        ours.log_model(classifier, "classifier", registered_model_name=name, aliases=["best"])
    tracker.flush(30)
    assert np.array_equal(ours.load_model(uri.format(name=name)).coef_, classifier.coef_)


def test_a_registered_model_is_loaded_by_its_stage(logged, stored, classifier):
    name = name_of_its_own()
    with tracker.start_run(experiment="models"):
        ours.log_model(classifier, "classifier", registered_model_name=name)
    tracker.flush(30)
    with pytest.raises(Refused):
        models.load_model(f"models:/{name}/Production")
    stored.client.send("PATCH", f"/api/v1/registered-models/{name}/versions/1/", {"stage": "Production"})
    assert models.load_model(f"models:/{name}/production").unwrap().C == classifier.C


def test_a_model_is_loaded_by_its_run(logged, tmp_path, classifier):
    models.save_model(classifier, tmp_path / "saved")
    with tracker.start_run(experiment="models") as run:
        run.log_artifacts(tmp_path / "saved", "as/files")
        run.log_model(classifier, "logged")
    tracker.flush(30)
    assert models.load_model(f"runs:/{run.run_id}/as/files").metadata.run_id is None
    assert models.load_model(f"runs:/{run.run_id}/logged").metadata.run_id == run.run_id
    with pytest.raises(InvalidModel, match="holds no files"):
        models.load_model(f"runs:/{run.run_id}/nothing")


def test_a_run_that_is_not_active_may_be_named(logged, stored, classifier):
    with tracker.start_run(experiment="models") as run:
        pass
    info = models.log_model(classifier, "later", run_id=run.run_id)
    tracker.flush(30)
    assert tracker.active_run() is None
    assert stored.client.get(f"/api/v1/models/{info.model_id}/").body["source_run_id"] == run.run_id


def test_what_was_brought_once_is_not_brought_again(logged, tmp_path, classifier):
    with tracker.start_run(experiment="models"):
        info = tracker.log_model(classifier, "classifier")
    tracker.flush(30)
    models.load_model(info.uri)
    (folder,) = (tmp_path / "cache" / "models").iterdir()
    before = (folder / "MLmodel").stat().st_mtime_ns
    models.load_model(info.uri)
    assert (folder / "MLmodel").stat().st_mtime_ns == before
    (folder / "model.skops").write_bytes(b"cut")
    assert models.load_model(info.uri).unwrap().C == classifier.C


def test_the_cache_is_this_users_alone(logged, tmp_path, classifier):
    with tracker.start_run(experiment="models"):
        info = tracker.log_model(classifier, "classifier")
    tracker.flush(30)
    models.load_model(info.uri)
    assert (tmp_path / "cache" / "models").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("models:/", "names no model"),
        ("models:/name", "names no version"),
        ("models:/name/x", "'x' in"),
        ("models:/name/1/file", "names no model"),
        ("runs:/abc", "names no model"),
        ("gs://bucket/model", "download it first"),
        ("file://host/model", "another machine"),
    ],
)
def test_an_address_that_names_no_model_is_refused(uri, said, logged):
    with pytest.raises(InvalidValue, match=said):
        models.load_model(uri)


def test_a_model_that_is_not_there_is_said_so(logged):
    with pytest.raises(Refused):
        models.load_model(f"models:/m-{'0' * 32}")


def test_file_addresses_are_folders(tmp_path, classifier):
    models.save_model(classifier, tmp_path / "a model")
    assert models.load_model((tmp_path / "a model").as_uri()).unwrap().C == classifier.C


@pytest.mark.parametrize(
    "options",
    [
        {"name": "a/b"},
        {"name": ""},
        {"name": "m", "registered_model_name": "a/b"},
        {"name": "m", "registered_model_name": ".."},
        {"name": "m", "registered_model_name": "x", "aliases": ["v3"]},
        {"name": "m", "registered_model_name": "x", "aliases": ["a b"]},
        {"name": "m", "params": {"": 1}},
        {"name": "m", "flavor": "none"},
        {"name": "m", "nonsense": 1},
    ],
)
def test_what_can_not_be_logged_leaves_nothing(options, logged, classifier):
    with tracker.start_run(experiment="models") as run:
        before = (run.journal_folder / "journal").read_bytes()
        with pytest.raises(InvalidValue):
            run.log_model(classifier, **options)
        assert (run.journal_folder / "journal").read_bytes() == before
        assert list((run.journal_folder / "files").iterdir()) == []


def test_a_run_that_has_ended_takes_no_model(logged, classifier):
    with tracker.start_run(experiment="models") as run:
        pass
    with pytest.raises(RunEnded):
        run.log_model(classifier, "late")


def test_another_rank_logs_no_model(logged, monkeypatch, classifier):
    monkeypatch.setenv("RANK", "1")
    with tracker.start_run(experiment="models") as run:
        assert run.log_model(classifier, "classifier").uri.startswith("models:/m-")
    assert not logged.exists() or not list(logged.glob(f"{run.run_id}*"))


LOG = """
import json, os, sys
import tracker
from sklearn.linear_model import LogisticRegression
model = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
with tracker.start_run(experiment="models") as run:
    info = tracker.log_model(model, "m", registered_model_name=sys.argv[1], aliases=["best"])
    run.log_metric("x", 1.0)
    print(json.dumps([run.run_id, info.model_id]), flush=True)
    if sys.argv[2:]:
        os.kill(os.getpid(), int(sys.argv[2]))
"""


@pytest.mark.slow
def test_a_server_that_is_down_gets_the_model_later(tmp_path):
    (tmp_path / "home").mkdir()
    server = RealServer(tmp_path / "home")
    scripts, name = Scripts(tmp_path, server.url), name_of_its_own()
    done = scripts.run(LOG, name, TRACKER_EXIT_SECONDS="1")
    run_id, model_id = json.loads(done.stdout)
    assert scripts.left()
    server.start()
    try:
        assert scripts.command("sync").returncode == 0
        client = server.client()
        assert client.get(f"/api/v1/models/{model_id}/").body["status"] == "LOGGED_MODEL_READY"
        version = client.get(f"/api/v1/registered-models/{name}/aliases/best/").body
        assert (version["version"], version["model_id"], version["run_id"]) == (1, model_id, run_id)
        assert scripts.left() == []
    finally:
        server.stop()


@pytest.mark.slow
def test_a_process_that_is_killed_after_the_call_loses_no_model(scripts, stored):
    name = name_of_its_own()
    done = scripts.run(LOG, name, str(int(signal.SIGKILL)))
    assert done.returncode == -signal.SIGKILL
    _, model_id = json.loads(done.stdout)
    scripts.command("sync")
    files = stored.client.get(f"/api/v1/models/{model_id}/artifacts/").body["artifacts"]
    assert {"MLmodel", "model.skops"} <= {file["path"] for file in files}
    assert stored.client.get(f"/api/v1/registered-models/{name}/versions/1/").body["model_id"] == model_id


@pytest.mark.slow
def test_a_model_that_is_sent_twice_is_one_model_and_one_version(scripts, stored):
    name = name_of_its_own()
    scripts.run(LOG, name, str(int(signal.SIGKILL)))
    scripts.command("sync", "--keep")
    for mark in scripts.journals.glob("*/sent.*"):
        mark.unlink()
    scripts.command("sync")
    versions = stored.client.get(f"/api/v1/registered-models/{name}/versions/").body["versions"]
    assert [version["version"] for version in versions] == [1]


@pytest.mark.slow
def test_a_server_that_is_killed_on_the_way_gets_all_models(tmp_path):
    (tmp_path / "home").mkdir()
    server = RealServer(tmp_path / "home").start()
    scripts, name = Scripts(tmp_path, server.url), name_of_its_own()
    code = LOG.replace(
        "    info =", '    for number in range(20):\n        tracker.log_model(model, f"m{number}")\n    info ='
    )
    process = scripts.start(code, name, TRACKER_EXIT_SECONDS="2")
    try:
        for _ in range(3):
            process.poll()
            server.kill()
            server.start()
        process.communicate(timeout=120)
        assert scripts.command("sync").returncode == 0
        found = server.client().get("/api/v1/models/?limit=100").body["models"]
        assert sorted(model["name"] for model in found) == sorted(["m", *(f"m{number}" for number in range(20))])
        assert {model["status"] for model in found} == {"LOGGED_MODEL_READY"}
    finally:
        server.stop()


@pytest.fixture
def forged(scripts):
    """A journal that anyone may have written."""
    from tracker.journal.writing import JournalWriter

    run_id = uuid.uuid4().hex

    def make(*entries):
        header = {"run_id": run_id, "writer": "ab12", "uri": scripts.uri, "opened": 0, "is_owner": False, "run": {}}
        writer = JournalWriter(scripts.journals / f"{run_id}.ab12", header)
        for entry in ({}, *entries):
            writer.append(json.dumps(entry))
        (writer.folder / "files" / "000001").write_text("content")
        writer.release()
        return writer.folder

    make.run_id = run_id
    return make


ODD_ENTRIES = [
    {"model": {}},
    {"model": 1},
    {"model": {"model_id": "../../runs"}},
    {"model": {"model_id": 7}},
    {"model_ready": {"model_id": ".."}},
    {"model_ready": []},
    {"file": {"path": "a", "content": "000001", "model": ".."}},
    {"file": {"path": "a", "content": "000001", "model": {"model_id": "x"}}},
]


def test_entries_of_odd_shape_are_passed_over(scripts, stored, forged):
    forged(*ODD_ENTRIES, {"tags": {"after": "1"}}, {"file": {"path": "b", "content": "000001"}})
    done = scripts.command("sync")
    assert "Traceback" not in done.stderr
    assert stored.file(forged.run_id, "b") == "content"
    assert stored.run(forged.run_id)["tags"] == {"after": "1"}


def test_a_model_that_the_server_refuses_is_set_aside_and_the_rest_arrives(scripts, stored, forged):
    model_id = f"m-{uuid.uuid4().hex}"
    folder = forged(
        {"model": {"model_id": model_id, "name": "a/b"}},
        {"file": {"path": "MLmodel", "content": "000001", "model": model_id}},
        {"model_ready": {"model_id": model_id}},
        {"model": {"model_id": f"{model_id[:-1]}0", "name": "good"}},
    )
    done = scripts.command("sync")
    assert "refused" in done.stderr
    refused = [json.loads(line)["entry"] for line in (folder / "refused").read_text().splitlines()]
    assert [next(iter(entry)) for entry in refused] == ["model", "model_ready"]
    assert (folder / "refused-files" / "000001").read_text() == "content"
    assert stored.client.get(f"/api/v1/models/{model_id[:-1]}0/").body["name"] == "good"


def test_a_name_that_the_server_refuses_keeps_the_model(scripts, stored, forged):
    model_id = f"m-{uuid.uuid4().hex}"
    folder = forged(
        {"model": {"model_id": model_id, "name": "good"}},
        {"model_ready": {"model_id": model_id, "register": {"name": "a:b", "aliases": []}}},
    )
    scripts.command("sync")
    assert stored.client.get(f"/api/v1/models/{model_id}/").body["status"] == "LOGGED_MODEL_READY"
    assert (folder / "refused").exists()


def test_a_server_that_is_not_there_is_said_so(monkeypatch):
    monkeypatch.setenv("TRACKER_URI", f"http://127.0.0.1:{free_port()}")
    with pytest.raises(Unavailable):
        models.load_model("models:/name/1")


def test_an_alias_is_led_to_a_version(stored, logged, classifier):
    with tracker.start_run(experiment="models") as run:
        for _ in range(2):
            run.log_model(classifier, "classifier", registered_model_name="aliased", aliases=["champion"])
    tracker.flush(30)
    models.set_alias("aliased", "champion", 1)
    address = "/api/v1/registered-models/aliased/"
    assert stored.client.get(address).body["aliases"] == {"champion": 1}
    with pytest.raises(Refused, match="No version 9"):
        models.set_alias("aliased", "champion", 9)
