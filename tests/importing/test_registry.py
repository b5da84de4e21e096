"""Registered models of a store of MLflow come in, and go out again."""

import pytest
from django.core.management import call_command

from registry import sources
from registry.models import LoggedModel, ModelVersion, RegisteredModel
from tests.factories import make_model, make_run, register
from tests.importing.conftest import Done
from tests.importing.eras import write, write_meta

pytestmark = pytest.mark.django_db
MODEL = "m-" + "a" * 32


@pytest.fixture
def net(mlruns):
    """The folder of a registered model with three versions: of a run, of a logged model, and a deleted one."""
    experiment = mlruns.experiment()
    run = mlruns.run(experiment, "a1")
    write(run / "artifacts" / "net" / "MLmodel", "flavors: {}")
    model = experiment / "models" / MODEL
    write_meta(model, {"model_id": MODEL, "experiment_id": "1", "name": "net", "status": 2, "creation_timestamp": 5})
    write(model / "artifacts" / "MLmodel", "flavors: {}")
    folder = mlruns.root / "models" / "net"
    write_meta(folder, {"name": "net", "description": "What it is", "creation_timestamp": 7, "aliases": {"old": 1}})
    write(folder / "tags" / "team", "red")
    write(folder / "aliases" / "champion", "2")
    first = {
        "source": "file:///gone/1/a1/artifacts/net",
        "run_id": "a1",
        "current_stage": "Production",
        "user_id": "ada",
    }
    write_meta(folder / "version-1", {"version": 1, "status": "READY", "description": "first"} | first)
    write(folder / "version-1" / "tags" / "k", "v")
    location = f"file:///gone/1/models/{MODEL}/artifacts"
    write_meta(folder / "version-2", {"version": 2, "source": f"models:/{MODEL}", "storage_location": location})
    write_meta(folder / "version-3", {"version": 3, "source": "x", "current_stage": "Deleted_Internal"})
    return folder


def test_a_registered_model_comes_in_with_all_it_has(mlruns, net):
    assert Done(mlruns.root).counts["versions"] == 3
    found = RegisteredModel.objects.named("net")
    assert (found.description, found.creation_time) == ("What it is", 7)
    assert dict(found.tags.values_list("key", "value")) == {"team": "red"}
    assert dict(found.aliases.values_list("alias", "model_version__version")) == {"champion": 2, "old": 1}
    first = ModelVersion.objects.numbered("net", 1)
    assert (first.stage, first.run_id, first.user, first.description) == ("Production", "a1", "ada", "first")
    assert dict(first.tags.values_list("key", "value")) == {"k": "v"}


def test_its_files_are_those_that_came_over(mlruns, net):
    Done(mlruns.root)
    run_files, model_files = (sources.files_of(ModelVersion.objects.numbered("net", number)) for number in (1, 2))
    assert (run_files.owner.run_id, run_files.path, run_files.is_there) == ("a1", "net", True)
    assert (model_files.owner, model_files.is_there) == (LoggedModel.objects.by_id(MODEL), True)
    assert ModelVersion.objects.numbered("net", 2).model_id == MODEL


def test_a_deleted_version_keeps_its_number(mlruns, net):
    Done(mlruns.root)
    assert not ModelVersion.objects.active().filter(version=3).exists()
    assert register(make_model(), "net").version == 4


def test_again_brings_what_is_new_and_leaves_what_was_changed_here(mlruns, net):
    Done(mlruns.root)
    RegisteredModel.objects.named("net").change(description="mine")
    write_meta(net / "version-4", {"version": 4, "source": "s3://bucket/4"})
    assert Done(mlruns.root).counts["versions"] == 1
    assert RegisteredModel.objects.named("net").description == "mine"


def test_a_number_that_is_taken_here_is_reported(mlruns, net):
    register(make_model(), "net")
    done = Done(mlruns.root)
    assert "another one has this number" in done.reasons("refusal", "models/net")[0]
    assert done.counts["versions"] == 2


@pytest.mark.parametrize(
    ("path", "content", "said"),
    [
        ("meta.yaml", "name: [", "no YAML"),
        ("version-1/meta.yaml", "version: x", "no whole number"),
        ("aliases/champion", "two", "leads to no number"),
        ("aliases/latest", "1", "means a version by itself"),
        ("version-2/meta.yaml", "version: !!bool q", "YAML tag"),
        ("aliases/lost", "9", "there is no version 9"),
    ],
)
def test_what_is_wrong_with_one_part_is_reported(mlruns, net, path, content, said):
    write(net / path, content)
    assert any(said in reason for reason in Done(mlruns.root).reasons("refusal"))


def test_an_odd_address_of_one_version_costs_no_other(mlruns, net):
    write_meta(net / "version-4", {"version": 4, "source": "http://["})
    assert Done(mlruns.root).counts["versions"] == 4


def test_a_name_that_can_not_be_is_reported(mlruns, net):
    write_meta(net, {"name": "a/b"})
    assert "'/'" in Done(mlruns.root).reasons("refusal", "models/net")[0]


def test_what_goes_out_comes_in_the_same(tmp_path, settings):
    model = make_model(make_run(run_id="b1"), files={"MLmodel": "flavors: {}"})
    register(model, "iris", "champion", tags={"k": "v"}, description="d")
    register(make_model(), "iris").trash()
    before = _told()
    call_command("export_mlruns", str(tmp_path / "out"))
    RegisteredModel.objects.all().delete()
    LoggedModel.objects.all().delete()
    Done(tmp_path / "out")
    assert _told() == before


def _told():
    names = ("version", "source", "run_id", "model_id", "description", "stage", "status", "creation_time")
    return {
        "model": list(RegisteredModel.objects.values("name", "description", "creation_time", "lifecycle_stage")),
        "aliases": list(RegisteredModel.objects.values_list("aliases__alias", "aliases__model_version__version")),
        "versions": list(ModelVersion.objects.order_by("version").values(*names, "lifecycle_stage", "tags__value")),
        "files": [place.is_there for item in ModelVersion.objects.active() if (place := sources.files_of(item))],
    }
