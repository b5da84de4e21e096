"""Folders of every MLflow, from 0.4.1 on: what each of them wrote comes over whole."""

import math

import pytest

from experiments.models import Experiment
from registry.models import LoggedModel
from runs.models import Run
from tests.factories import NOON
from tests.importing.conftest import Done, series
from tests.importing.eras import ERAS, MlrunsFolder, write, write_meta

pytestmark = pytest.mark.django_db


@pytest.fixture(params=ERAS)
def era(request, tmp_path):
    """A store with one run, of each era."""
    return written(MlrunsFolder(tmp_path / "mlruns", request.param))


def written(store):
    run = store.run(store.experiment(), "a" * 32)
    store.param(run, "lr", "0.1")
    store.param(run, "net/depth", "3")
    for step in range(3):
        store.point(run, "loss", 1 / (step + 1), step, NOON + 1000 * step)
    store.point(run, "val/loss", 2.0)
    write(run / "artifacts" / "notes" / "a.txt", "hello")
    if store.era != "0.4.1":
        store.tag(run, "team", "vision")
    return store


def test_a_run_comes_over_with_its_params_and_files(era):
    done = Done(era.root)
    run = Run.objects.by_id("a" * 32)
    assert (run.status, run.start_time, run.end_time) == ("FINISHED", NOON, NOON + 60_000)
    assert (run.user, run.experiment.name, run.experiment.pk) == ("ada", "digits", 1)
    assert dict(run.params.values_list("key", "value")) == {"lr": "0.1", "net/depth": "3"}
    assert list(run.artifacts.values_list("path", "blob__size")) == [("notes/a.txt", 5)]
    assert done.record.state == "FINISHED"
    counted = {name: done.counts[name] for name in ("experiments", "new_runs", "points", "files")}
    assert counted == {"experiments": 1, "new_runs": 1, "points": 4, "files": 1}


def test_points_come_over_with_milliseconds_whichever_unit_they_had(era):
    done = Done(era.root)
    steps = [0, 0, 0] if era.is_0x else [0, 1, 2]
    expected = [(step, NOON + 1000 * place, 1 / (place + 1)) for place, step in enumerate(steps)]
    assert series("a" * 32, "loss") == expected
    assert series("a" * 32, "val/loss") == [(0, NOON, 2.0)]
    assert bool(done.reasons("repair")) == era.is_0x


def test_a_name_comes_from_where_the_era_kept_it(era):
    Done(era.root)
    assert Run.objects.by_id("a" * 32).name == ("Run 1" if era.era == "0.4.1" else "first")


def test_a_name_is_a_tag_in_between(tmp_path):
    store = MlrunsFolder(tmp_path / "mlruns", "0.8.2")
    run = store.run(store.experiment(), "a1", name="")
    store.tag(run, "mlflow.runName", "tagged")
    Done(store.root)
    assert Run.objects.by_id("a1").name == "tagged"


def test_where_an_old_run_came_from_is_in_its_meta(tmp_path):
    store = MlrunsFolder(tmp_path / "mlruns", "0.4.1")
    store.run(
        store.experiment(), "a1", source_name="train.py", source_version="4f2a", entry_point_name="main", source_type=3
    )
    Done(store.root)
    run = Run.objects.by_id("a1")
    assert (run.source_name, run.git_commit, run.entry_point) == ("train.py", "4f2a", "main")
    assert run.source_type == "PROJECT"


def test_an_end_of_0_is_none_while_it_runs(tmp_path):
    store = MlrunsFolder(tmp_path / "mlruns", "0.4.1")
    store.run(store.experiment(), "a1", end_time=0, status=1)
    Done(store.root)
    run = Run.objects.by_id("a1")
    assert (run.status, run.end_time, run.is_stale) == ("RUNNING", None, False)


def test_a_param_of_several_lines_and_an_empty_one_stay_as_they_are(mlruns):
    run = mlruns.run(mlruns.experiment(), "a1")
    mlruns.param(run, "text", "one\ntwo\n")
    mlruns.param(run, "empty", "")
    Done(mlruns.root)
    params = dict(Run.objects.by_id("a1").params.values_list("key", "value"))
    assert params == {"text": "one\ntwo\n", "empty": ""}


def test_values_that_are_no_numbers_stay_themselves(mlruns):
    run = mlruns.run(mlruns.experiment(), "a1")
    for step, value in enumerate([math.nan, math.inf, -math.inf, 1e-20]):
        mlruns.point(run, "odd", value, step)
    Done(mlruns.root)
    values = [value for _, _, value in series("a1", "odd")]
    assert math.isnan(values[0])
    assert values[1:] == [math.inf, -math.inf, 1e-20]


def test_notes_tags_and_times_of_an_experiment_come_over(mlruns):
    experiment = mlruns.experiment("7", "sweep")
    mlruns.tag(experiment, "mlflow.note.content", "What we *tried*")
    mlruns.tag(experiment, "team", "vision")
    Done(mlruns.root)
    found = Experiment.objects.named("sweep")
    assert (found.pk, found.note, found.creation_time, found.last_update_time) == (
        7, "What we *tried*", NOON, NOON + 1,
    )  # fmt: skip
    assert found.all_tags()["team"] == "vision"


def test_a_long_id_is_not_kept_and_that_is_told(mlruns):
    mlruns.experiment("932875908253476424", "sweep")
    done = Done(mlruns.root)
    found = Experiment.objects.named("sweep")
    assert found.pk < 1_000_000
    assert f"has the id {found.pk} here" in done.reasons("note")[0]


def test_the_trash_goes_to_the_trash_even_when_its_name_is_taken(mlruns):
    mlruns.run(mlruns.experiment("1", "digits"), "a1")
    old = mlruns.experiment("2", "digits", trashed=True)
    mlruns.run(old, "b1", lifecycle_stage="deleted", deleted_time=NOON)
    Done(mlruns.root)
    assert Experiment.objects.named("digits").pk == 1
    gone = Experiment.objects.trashed().get()
    assert (gone.name, gone.runs.get().run_id) == ("digits", "b1")
    gone.restore("digits, again")
    assert Done(mlruns.root).counts == {"experiments": 2, "same_runs": 2}


def test_a_deleted_run_is_in_the_trash(mlruns):
    mlruns.run(mlruns.experiment(), "a1", lifecycle_stage="deleted", deleted_time=NOON + 5)
    Done(mlruns.root)
    run = Run.objects.by_id("a1")
    assert (run.lifecycle_stage, run.deleted_time) == ("deleted", NOON + 5)


def test_data_that_a_run_used_comes_over(mlruns):
    experiment = mlruns.experiment()
    mlruns.dataset(experiment, mlruns.run(experiment, "a1"), "my data")
    Done(mlruns.root)
    use = Run.objects.by_id("a1").dataset_uses.get()
    assert (use.dataset.name, use.dataset.digest, use.context) == ("my data", "d1", "training")
    assert use.dataset.profile == '{"rows": 2}'


def test_a_model_comes_over_with_how_well_it_did_on_which_data(mlruns):
    experiment = mlruns.experiment()
    mlruns.run(experiment, "a1")
    model = mlruns.model(experiment, "m-" + "1" * 32, "a1")
    write(model / "metrics" / "acc", f"{NOON} 0.9 7 a1 my data d1\n{NOON} 0.8 6 a1\n")
    write(model / "params" / "depth", "3")
    write(model / "tags" / "k", "v")
    write(model / "artifacts" / "MLmodel", "flavors: {}")
    Done(mlruns.root)
    found = LoggedModel.objects.by_id("m-" + "1" * 32)
    assert (found.name, found.status, found.creation_time, found.last_update_time) == (
        "net", "LOGGED_MODEL_READY", NOON, NOON + 5,
    )  # fmt: skip
    told = found.metrics.order_by("step").values_list("step", "value", "dataset_name", "dataset_digest")
    assert list(told) == [(6, 0.8, "", ""), (7, 0.9, "my data", "d1")]
    assert found.artifacts.get().path == "MLmodel"


def test_models_that_a_run_took_and_gave_come_over(mlruns):
    experiment = mlruns.experiment()
    run = mlruns.run(experiment, "a1")
    taken = {"source_type": "MODEL", "source_id": "m-1", "destination_type": "RUN", "tags": {}}
    given = {"destination_type": "MODEL_OUTPUT", "destination_id": "m-2", "source_type": "RUN_OUTPUT", "step": 4}
    write_meta(run / "inputs" / "x", taken)
    write_meta(run / "outputs" / "m-2", given)
    Done(mlruns.root)
    uses = Run.objects.by_id("a1").model_uses.order_by("model_id")
    assert list(uses.values_list("role", "model_id", "step")) == [("input", "m-1", 0), ("output", "m-2", 4)]


def test_an_experiments_folder_alone_can_be_imported(mlruns):
    mlruns.run(mlruns.experiment("1", "one"), "a1")
    mlruns.run(mlruns.experiment("2", "two"), "b1")
    Done(mlruns.root / "2")
    assert [run.run_id for run in Run.objects.all()] == ["b1"]
