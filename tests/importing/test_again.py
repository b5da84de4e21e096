"""Importing again: nothing comes twice, what is new comes, and what people changed here stays."""

import shutil

import pytest

from experiments.models import Experiment
from importing.bringing import runs as bringing
from runs.models import Run
from tests.factories import NOON, make_run
from tests.importing.conftest import Done, series
from tests.importing.eras import append, write, write_meta

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(mlruns):
    """The folder of a run that is being logged to."""
    folder = mlruns.run(mlruns.experiment(), "a1", status=1, end_time=None)
    mlruns.point(folder, "loss", 0.5, 0)
    mlruns.param(folder, "lr", "0.1")
    mlruns.tag(folder, "stage", "one")
    return folder


def test_importing_again_changes_nothing(mlruns, run):
    Done(mlruns.root)
    before = Run.objects.get()
    again = Done(mlruns.root)
    assert again.counts == {"experiments": 1, "same_runs": 1}
    after = Run.objects.get()
    assert vars(after) | {"_state": 0} == vars(before) | {"_state": 0}


def test_only_what_was_added_comes(mlruns, run, monkeypatch):
    Done(mlruns.root)
    mlruns.point(run, "loss", 0.4, 1)
    mlruns.tag(run, "stage", "two")
    write(run / "artifacts" / "a.txt", "new")
    again = Done(mlruns.root)
    assert again.counts == {"experiments": 1, "grown_runs": 1, "points": 1, "files": 1}
    assert series("a1", "loss") == [(0, NOON, 0.5), (1, NOON, 0.4)]
    assert Run.objects.get().tags.get(key="stage").value == "two"


def test_a_line_that_is_being_written_comes_when_it_is_whole(mlruns, run):
    append(run / "metrics" / "loss", f"{NOON} 0.4")
    first = Done(mlruns.root)
    assert "left for next time" in first.reasons("repair")[0]
    assert len(series("a1", "loss")) == 1
    append(run / "metrics" / "loss", "2 1\n")
    Done(mlruns.root)
    assert series("a1", "loss")[1] == (1, NOON, 0.42)


def test_a_run_that_ends_meanwhile_ends_here(mlruns, run):
    Done(mlruns.root)
    meta = (
        (run / "meta.yaml")
        .read_text()
        .replace("status: 1", "status: 4")
        .replace("end_time: null", f"end_time: {NOON + 9}")
    )
    write(run / "meta.yaml", meta)
    Done(mlruns.root)
    ended = Run.objects.get()
    assert (ended.status, ended.end_time) == ("FAILED", NOON + 9)


def test_what_people_changed_here_stays(mlruns, run):
    Done(mlruns.root)
    Run.objects.get().set_tag("stage", "mine")
    Run.objects.get().change(name="renamed")
    Experiment.objects.named("digits").change(name="numbers")
    mlruns.point(run, "loss", 0.4, 1)
    Done(mlruns.root)
    stored = Run.objects.get()
    assert (stored.name, stored.tags.get(key="stage").value, stored.experiment.name) == ("renamed", "mine", "numbers")


def test_an_experiment_renamed_there_is_renamed_here(mlruns, run):
    Done(mlruns.root)
    mlruns.experiment(name="numbers")
    Done(mlruns.root)
    assert Run.objects.get().experiment.name == "numbers"


def test_a_folder_that_was_moved_is_the_same(mlruns, run, tmp_path):
    Done(mlruns.root)
    shutil.move(mlruns.root, tmp_path / "elsewhere")
    assert Done(tmp_path / "elsewhere").counts == {"experiments": 1, "same_runs": 1}


def test_what_is_in_the_trash_here_stays_there(mlruns, run):
    Done(mlruns.root)
    Run.objects.get().trash()
    mlruns.point(run, "loss", 0.4, 1)
    again = Done(mlruns.root)
    assert "in the trash here" in again.reasons("note")[0]
    assert Run.objects.get().point_count == 1


def test_an_import_that_was_killed_goes_on(mlruns, run, monkeypatch):
    mlruns.point(run, "acc", 0.5, 0)
    monkeypatch.setattr(bringing, "BATCH_SERIES", 1)
    store, calls = bringing.ingest.store, []

    def dying(run_id, batch):
        calls.append(batch)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return store(run_id, batch)

    monkeypatch.setattr(bringing.ingest, "store", dying)
    with pytest.raises(KeyboardInterrupt):
        Done(mlruns.root)
    monkeypatch.setattr(bringing.ingest, "store", store)
    assert Run.objects.get().point_count == 1
    Done(mlruns.root)
    assert Run.objects.get().point_count == 2
    assert Done(mlruns.root).counts == {"experiments": 1, "same_runs": 1}


def test_a_run_that_was_logged_here_gets_what_it_lacks(mlruns, run):
    make_run(run_id="a1", name="ours", params={"lr": "0.2"}, tags={"stage": "ours"}, metrics={"acc": 1.0})
    mlruns.param(run, "depth", "3")
    done = Done(mlruns.root)
    stored = Run.objects.get()
    assert dict(stored.params.values_list("key", "value")) == {"lr": "0.2", "depth": "3"}
    assert (stored.name, stored.status, stored.tags.get(key="stage").value) == ("ours", "FINISHED", "ours")
    assert series("a1", "loss") == [(0, NOON, 0.5)]
    assert "'lr' is '0.1' there and '0.2' here" in done.reasons("refusal")[0]


def test_a_rewritten_metric_is_read_anew(mlruns, run):
    mlruns.point(run, "loss", 0.4, 1)
    Done(mlruns.root)
    write(run / "metrics" / "loss", f"{NOON} 9.0 9\n")
    Done(mlruns.root)
    assert (9, NOON, 9.0) in series("a1", "loss")


def test_a_name_that_is_here_already_is_the_same_experiment(mlruns, run):
    here = Experiment.objects.add("digits", note="ours")
    mlruns.tag(mlruns.root / "1", "team", "vision")
    mlruns.tag(mlruns.root / "1", "mlflow.note.content", "theirs")
    Done(mlruns.root)
    assert Run.objects.get().experiment == here
    assert Experiment.objects.named("digits").all_tags() == {"team": "vision", "mlflow.note.content": "ours"}


def test_a_child_may_come_before_its_parent(mlruns, run):
    child = mlruns.run(mlruns.root / "1", "0c")
    mlruns.tag(child, "mlflow.parentRunId", "a1")
    Done(mlruns.root)
    assert Run.objects.by_id("0c").parent_run_id == "a1"


def test_new_meta_of_a_dataset_use_comes_once(mlruns, run):
    mlruns.dataset(mlruns.root / "1", run)
    Done(mlruns.root)
    write_meta(run / "inputs" / "in2", {"source_type": "MODEL", "source_id": "m-1", "tags": {}})
    Done(mlruns.root)
    assert Run.objects.get().dataset_uses.count() == 1
    assert Run.objects.get().model_uses.count() == 1
