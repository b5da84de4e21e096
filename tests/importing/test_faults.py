"""Folders with faults: one bad run stops none of the others, and each fault is told with its place and reason."""

import math
import os

import pytest

from runs.models import Run
from tests.factories import NOON
from tests.importing.conftest import Done, series
from tests.importing.eras import MlrunsFolder, append, write, write_meta

pytestmark = pytest.mark.django_db


@pytest.fixture
def experiment(mlruns):
    """An experiment with one run that is well."""
    folder = mlruns.experiment()
    mlruns.point(mlruns.run(folder, "good"), "loss", 0.5)
    return folder


def test_an_experiment_of_0_4_1_and_one_of_today_lie_side_by_side(tmp_path):
    """MLflow 3.17 shows nothing of it: missing lifecycle_stage."""
    old, new = MlrunsFolder(tmp_path / "mlruns", "0.4.1"), MlrunsFolder(tmp_path / "mlruns")
    run = old.run(old.experiment("1", "old"), "a1")
    old.param(run, "lr", "0.1")
    old.point(run, "loss", 0.5)
    new.run(new.experiment("2", "new"), "b1")
    Done(tmp_path / "mlruns")
    assert Run.objects.by_id("a1").params.get().value == "0.1"
    assert series("a1", "loss") == [(0, NOON, 0.5)]
    assert Run.objects.by_id("b1").experiment.name == "new"


def test_equal_lines_are_one_point(mlruns, experiment):
    """MLflow's migration of the whole store fails on them."""
    for _ in range(2):
        mlruns.point(experiment / "good", "twice", 0.25, 3)
    done = Done(mlruns.root)
    assert series("good", "twice") == [(3, NOON, 0.25)]
    assert "1 points came twice" in done.reasons("repair", "1/good")[0]


def test_a_point_on_a_dataset_keeps_its_step_whatever_the_name_of_the_dataset(mlruns, experiment):
    """MLflow 3.17 loses the step, and with a space in the name the whole run."""
    append(experiment / "good" / "metrics" / "acc", f"{NOON} 0.9 7 my own data d1\n{NOON} 0.8 6 data d1\n")
    done = Done(mlruns.root)
    assert series("good", "acc") == [(6, NOON, 0.8), (7, NOON, 0.9)]
    assert any("'my own data'" in reason for reason in done.reasons("note"))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (f"{NOON}", "1 fields are no point"),
        (f"{NOON} 1 2 3", "4 fields are no point"),
        (f"{NOON} abc 2", "is no number"),
        (f"soon 1.0 {2}", "is no whole number"),
        (f"{NOON} 1.0 99999999999999999999", "beyond 64 bits"),
        ("\ufffd\ufffd", "no point"),
    ],
)
def test_a_line_that_is_no_point_costs_that_line(mlruns, experiment, line, reason):
    append(experiment / "good" / "metrics" / "loss", f"{line}\n\n{NOON} 0.25 1\n")
    done = Done(mlruns.root)
    assert series("good", "loss") == [(0, NOON, 0.5), (1, NOON, 0.25)]
    assert reason in done.reasons("refusal", "1/good/metrics/loss")[0]


@pytest.mark.parametrize(
    ("meta", "reason"),
    [
        ("", "It is empty"),
        ("{", "no YAML"),
        ("- a\n", "holds no fields"),
        ("a: &x {k: 1}\nb: {<<: *x}\n", "YAML merge"),
        ("a: &a [*a]\n", "nested deeper"),
        ("a: !!python/object/apply:os.system ['true']\n", "YAML tag"),
        (b"a: \xff\xfe\n", "no YAML"),
        ("a: " + "[" * 50 + "]" * 50, "nested deeper"),
        ("run_id: other\nexperiment_id: '1'\n", "of the run 'other'"),
        ("a: 1\n" * 300_000, "are read at most"),
    ],
)
def test_a_run_whose_meta_is_broken_is_refused_alone(mlruns, experiment, meta, reason):
    write(experiment / "bad" / "meta.yaml", meta)
    done = Done(mlruns.root)
    assert reason in done.reasons("refusal", "1/bad")[0]
    assert done.counts["refused_runs"] == 1
    assert Run.objects.get().run_id == "good"


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("status", 9, ("FINISHED", NOON)),
        ("status", "FAILED", ("FAILED", NOON)),
        ("start_time", "soon", ("FINISHED", NOON + 60_000)),
        ("start_time", None, ("FINISHED", NOON + 60_000)),
    ],
)
def test_an_odd_field_is_mended_and_told(mlruns, experiment, field, value, expected):
    mlruns.run(experiment, "odd", **{field: value})
    Done(mlruns.root)
    run = Run.objects.by_id("odd")
    assert (run.status, run.start_time) == expected


def test_a_run_in_another_experiments_folder_is_taken_for_what_it_lies_in(mlruns, experiment):
    mlruns.run(experiment, "moved", experiment_id="9")
    done = Done(mlruns.root)
    assert Run.objects.by_id("moved").experiment.pk == 1
    assert "of experiment '9'" in done.reasons("repair", "1/moved")[0]


def test_empty_folders_that_git_and_zip_drop_are_not_missed(mlruns, experiment):
    bare = mlruns.run(experiment, "bare")
    for part in ("metrics", "params", "tags", "artifacts"):
        (bare / part).rmdir()
    assert Done(mlruns.root).counts["new_runs"] == 2


def test_an_experiment_without_meta_is_named_by_its_folder(mlruns, experiment):
    (experiment / "meta.yaml").unlink()
    done = Done(mlruns.root / "..")
    mlruns.run(mlruns.experiment("2", "two"), "b1")
    done = Done(mlruns.root)
    assert Run.objects.by_id("good").experiment.name == "1"
    assert "no meta.yaml" in done.reasons("repair", "1")[0]


def test_an_experiment_id_that_is_no_number_is_no_hindrance(mlruns, experiment):
    mlruns.run(mlruns.experiment("team-a_2", "odd id"), "b1")
    Done(mlruns.root)
    assert Run.objects.by_id("b1").experiment.name == "odd id"


def test_a_text_that_is_no_utf8_is_mended_and_told(mlruns, experiment):
    write(experiment / "good" / "params" / "name", b"caf\xe9\0")
    done = Done(mlruns.root)
    assert Run.objects.get().params.get().value == "caf\ufffd\ufffd"
    assert len(done.reasons("repair", "1/good/params/name")) == 2


def test_a_key_that_cannot_be_shown_costs_that_key(mlruns, experiment):
    mlruns.param(experiment / "good", "a\nb", "1")
    mlruns.param(experiment / "good", "k" * 251, "1")
    mlruns.param(experiment / "good", "lr", "0.1")
    done = Done(mlruns.root)
    assert Run.objects.get().params.get().key == "lr"
    assert len(done.reasons("refusal")) == 2


def test_a_dataset_without_its_description_costs_that_dataset(mlruns, experiment):
    use = {"source_type": "DATASET", "source_id": "../../good", "destination_type": "RUN", "tags": {}}
    write_meta(experiment / "good" / "inputs" / "x", use)
    done = Done(mlruns.root)
    assert "its description is missing" in done.reasons("refusal", "1/good/inputs/x")[0]
    assert Run.objects.count() == 1


def test_parents_in_a_circle_cost_the_circle(mlruns, experiment):
    for child, parent in (("r1", "r2"), ("r2", "r1")):
        mlruns.tag(mlruns.run(experiment, child), "mlflow.parentRunId", parent)
    done = Done(mlruns.root)
    assert Run.objects.count() == 3
    assert "Its parent was left out" in done.reasons("refusal")[0]


def test_a_file_of_metrics_without_points_is_told(mlruns, experiment):
    write(experiment / "good" / "metrics" / "none", "")
    assert "no points" in Done(mlruns.root).reasons("note", "1/good/metrics/none")[0]


def test_what_may_not_be_read_costs_itself(mlruns, experiment, monkeypatch):
    mlruns.param(experiment / "good", "lr", "0.1")
    mlruns.param(experiment / "good", "depth", "3")
    real = os.open

    def refusing(path, *arguments):
        if str(path).endswith("/params/lr"):
            raise PermissionError(13, "Permission denied")
        return real(path, *arguments)

    monkeypatch.setattr("importing.mlruns.folder.os.open", refusing)
    done = Done(mlruns.root)
    monkeypatch.undo()
    assert "Permission denied" in done.reasons("refusal", "1/good/params/lr")[0]
    assert Run.objects.get().params.get().key == "depth"


def test_traces_are_told_and_left(mlruns, experiment):
    write(experiment / "traces" / "tr-1" / "trace_info.yaml", "a: 1\n")
    assert "1 traces" in Done(mlruns.root).reasons("note", "1/traces")[0]


def test_what_is_nothing_fails_as_a_whole_and_says_why(tmp_path):
    for where in (tmp_path, tmp_path / "none"):
        done = Done(where)
        assert done.record.state == "FAILED"
        assert str(where) in done.record.error


def test_nan_orders_and_counts_like_any_value(mlruns, experiment):
    mlruns.point(experiment / "good", "loss", math.nan, 9)
    Done(mlruns.root)
    metric = Run.objects.get().metrics.get(key="loss")
    assert (metric.count, metric.nan_count, metric.last) == (2, 1, None)


@pytest.mark.parametrize(("name", "expected"), [("a\tb", "a\ufffdb"), (" ", "experiment 2"), ("n" * 600, "n" * 500)])
def test_a_name_that_cannot_be_is_mended(mlruns, name, expected):
    mlruns.run(mlruns.experiment("2", name), "b1")
    done = Done(mlruns.root)
    assert Run.objects.by_id("b1").experiment.name == expected
    assert done.reasons("repair", "2")
    assert Done(mlruns.root).counts["same_runs"] == 1


def test_short_lines_are_more_points_than_a_batch_holds_and_come_all(mlruns, experiment):
    append(experiment / "good" / "metrics" / "short", "".join(f"0 1 {step}\n" for step in range(150_000)))
    Done(mlruns.root)
    assert Run.objects.get().metrics.get(key="short").count == 150_000


@pytest.mark.parametrize("content", ['{"console": 1}', '{"environment": [1]}', '{"failure": 5}'])
def test_extras_that_somebody_forged_cost_the_extras(mlruns, experiment, content):
    write(experiment / "good" / "trackerweb.json", f'{{"content": {content}}}')
    done = Done(mlruns.root)
    assert "were left out" in done.reasons("refusal", "1/good")[0]
    assert Run.objects.get().point_count == 1
