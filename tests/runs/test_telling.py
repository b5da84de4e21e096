"""Strangers are told how runs end, and which fell silent: inside the transaction that makes it true, and once."""

import math
from contextlib import suppress

import pytest
from django.test import Client

from runs import ingest, silence
from runs.creating import put_run
from runs.models import Run
from tests.api import Api
from tests.factories import log, make_experiment, make_run
from tests.importing.conftest import Done
from tests.importing.eras import MlrunsFolder
from trackerweb import events
from trackerweb.clock import now_ms
from trackerweb.transactions import write_transaction

pytestmark = pytest.mark.django_db
api = Api()


@pytest.fixture(autouse=True)
def told():
    """All that is told, as (event, data)."""
    heard = []

    def hear(event, data, **kwargs):
        heard.append((event, data() if callable(data) else data))

    events.happened.connect(hear)
    yield heard
    events.happened.disconnect(hear)


def names(told):
    return [event for event, _ in told]


def running(**fields):
    return make_run(run_id="r1", status="RUNNING", end_time=None, heartbeat_time=now_ms(), **fields)


@pytest.mark.parametrize(
    ("status", "event"), [("FINISHED", "run.finished"), ("FAILED", "run.failed"), ("KILLED", "run.killed")]
)
def test_a_batch_that_ends_a_run_is_told(told, status, event):
    running()
    api.post("/api/v1/runs/r1/log/", {"status": status})
    assert names(told) == [event]


def test_what_is_told_of_a_run(told):
    experiment = make_experiment("e")
    run = make_run(experiment, run_id="r1", name="n", status="RUNNING", metrics={"loss": [0.5, 0.25], "a": [math.inf]})
    batch = {"status": "FAILED", "end_time": run.start_time + 5, "failure": "ValueError: no"}
    api.post("/api/v1/runs/r1/log/", batch | {"metrics": {"acc": {"values": [0.9]}}})
    ((_, data),) = told
    assert data == {
        "run_id": "r1",
        "run_name": "n",
        "experiment_id": str(experiment.pk),
        "experiment_name": "e",
        "status": "FAILED",
        "start_time": run.start_time,
        "end_time": run.start_time + 5,
        "failure": "ValueError: no",
        "url_path": "/runs/r1/",
        "metrics": {"a": math.inf, "acc": 0.9, "loss": 0.25},
    }


def test_what_is_told_has_an_end(told):
    run = running(metrics={f"m{number:03}": [1.0] for number in range(80)})
    ingest.store("r1", ingest.Batch(status="FAILED", failure="x" * 50_000 + "the end"))
    ((_, data),) = told
    assert len(data["metrics"]) == 50
    assert len(data["failure"]) == 10_000
    assert data["failure"].endswith("the end")
    assert run.run_id == data["run_id"]


def test_the_end_again_is_no_news(told):
    running()
    for _ in range(2):
        api.post("/api/v1/runs/r1/log/", {"status": "FINISHED"})
    api.post("/api/2.0/mlflow/runs/update", {"run_id": "r1", "status": "FINISHED"})
    assert names(told) == ["run.finished"]


def test_a_batch_that_is_sent_twice_is_told_once(told):
    running()
    batch = {"writer": "ab", "seq": 1, "status": "FINISHED"}
    api.post("/api/v1/runs/r1/log/", batch)
    api.patch("/api/v1/runs/r1/", {"status": "RUNNING"})
    api.post("/api/v1/runs/r1/log/", batch)
    assert names(told) == ["run.finished"]


def test_a_run_that_is_resumed_ends_again(told):
    running()
    for status in ("FINISHED", "RUNNING", "FAILED"):
        api.post("/api/v1/runs/r1/log/", {"status": status})
    assert names(told) == ["run.finished", "run.failed"]


def test_an_end_by_mlflow_is_told(told):
    running(metrics={"loss": [0.5]})
    api.post("/api/2.0/mlflow/runs/update", {"run_id": "r1", "status": "FINISHED", "end_time": 5})
    ((event, data),) = told
    assert (event, data["end_time"], data["metrics"]) == ("run.finished", 5, {"loss": 0.5})


def test_an_end_by_mlflow_before_one_is_told(told):
    running()
    api.post("/api/2.0/preview/mlflow/runs/update", {"run_uuid": "r1", "status": "KILLED"})
    assert names(told) == ["run.killed"]


def test_an_end_by_the_native_api_is_told(told):
    running()
    api.patch("/api/v1/runs/r1/", {"status": "FAILED"})
    assert names(told) == ["run.failed"]


def test_an_end_by_the_admin_is_told(told):
    run = running()
    form = {"name": run.name, "note": "", "status": "KILLED"}
    assert Client().post(f"/admin/runs/run/{run.pk}/change/", form).status_code == 302
    assert names(told) == ["run.killed"]


def test_a_run_that_is_put_ended_is_told_once(told):
    for _ in range(2):
        api.put("/api/v1/runs/r1/", {"status": "FINISHED"})
    assert names(told) == ["run.finished"]


@pytest.mark.parametrize("fields", [{"name": "other"}, {"note": "x"}, {"status": "RUNNING"}, {"status": "SCHEDULED"}])
def test_other_changes_are_not_told(told, fields):
    running()
    api.patch("/api/v1/runs/r1/", fields)
    log(Run.objects.get(), params={"a": "1"}, tags={"a": "1"}, metrics={"a": [1.0]})
    put_run("r2")
    assert told == []


def test_trash_and_restore_are_not_told(told):
    run = make_run(run_id="r1")
    run.trash()
    run.restore()
    assert told == []


def test_imports_are_not_told(told, tmp_path):
    folder = MlrunsFolder(tmp_path / "mlruns")
    folder.run(folder.experiment(), "a1", status=3)
    running_one = folder.run(folder.experiment(), "b2", status=1, end_time=None)
    Done(folder.root)
    assert Run.objects.get(run_id="a1").status == "FINISHED"
    meta = running_one / "meta.yaml"
    meta.write_text(meta.read_text().replace("status: 1", "status: 4"))
    Done(folder.root)
    assert told == []


def test_what_is_refused_is_not_told(told):
    running(params={"lr": "1"})
    api.post("/api/v1/runs/r1/log/", {"status": "FINISHED", "params": {"lr": "2"}})
    assert told == []


def test_it_is_told_before_the_transaction_ends(told):
    running()
    with suppress(ZeroDivisionError), write_transaction():
        ingest.store("r1", ingest.Batch(status="FINISHED"))
        assert names(told) == ["run.finished"]
        raise ZeroDivisionError
    assert Run.objects.get().status == "RUNNING"


@pytest.fixture
def silent(settings):
    """A run that has been silent for longer than it may be."""
    settings.TRACKER_STALE_AFTER_MS = 1_000
    return make_run(run_id="r1", status="RUNNING", end_time=None, has_heartbeat=True, heartbeat_time=now_ms() - 2_000)


def look():
    events.looking.send(sender=None)


def test_a_silence_is_told_once(told, silent):
    for _ in range(3):
        look()
    ((event, data),) = told
    assert (event, data["run_id"], data["status"]) == ("run.stale", "r1", "RUNNING")


def test_the_next_silence_is_told_again(told, silent):
    look()
    Run.objects.update(heartbeat_time=now_ms() - 1_500)
    look()
    look()
    assert names(told) == ["run.stale", "run.stale"]


@pytest.mark.parametrize(
    "fields",
    [{"has_heartbeat": False}, {"status": "FINISHED"}, {"lifecycle_stage": "deleted"}, {"heartbeat_time": 2**62}],
)
def test_other_runs_are_not_told(told, silent, fields):
    Run.objects.update(**fields)
    look()
    assert told == []


def test_two_that_look_at_once_tell_once(silent):
    assert silence._is_news(silent)
    assert not silence._is_news(silent)


def test_many_silences_are_told_bit_by_bit(told, silent, monkeypatch):
    monkeypatch.setattr(silence, "A_LOOK", 2)
    for _ in range(2):
        make_run(status="RUNNING", has_heartbeat=True, heartbeat_time=now_ms() - 2_000)
    look()
    assert len(told) == 2
    look()
    assert len(told) == 3
