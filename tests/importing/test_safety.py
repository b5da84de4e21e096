"""A folder from a stranger is data: nothing in it leads out of it, is run, or costs more than it holds."""

import os

import pytest

from registry import sources
from registry.models import ModelVersion, RegisteredModel
from runs.models import Run
from tests.importing.conftest import Done
from tests.importing.eras import write, write_meta

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(mlruns):
    """The folder of a run."""
    return mlruns.run(mlruns.experiment(), "a1")


@pytest.fixture
def secret(tmp_path):
    """What nobody may read by way of an import."""
    write(tmp_path / "secret" / "key", "s3cr3t")
    return tmp_path / "secret"


@pytest.mark.parametrize("place", ["params/key", "tags/key", "metrics/key", "artifacts/key", "inputs/x/meta.yaml"])
def test_a_link_to_a_file_is_not_followed(mlruns, run, secret, place):
    (run / place).parent.mkdir(parents=True, exist_ok=True)
    (run / place).symlink_to(secret / "key")
    done = Done(mlruns.root)
    stored = Run.objects.get()
    assert not stored.params.exists()
    assert not stored.artifacts.exists()
    assert not stored.tags.filter(key="key").exists()
    assert any("link" in reason for reason in done.reasons("refusal", "1/a1"))


@pytest.mark.parametrize("place", ["a1/artifacts/all", "a1/params/all", "b1"])
def test_a_link_to_a_folder_is_not_followed(mlruns, run, secret, place):
    (mlruns.root / "1" / place).symlink_to(secret, target_is_directory=True)
    done = Done(mlruns.root)
    assert not Run.objects.get().artifacts.exists()
    assert not Run.objects.get().params.exists()
    assert any("link" in reason for reason in done.reasons("refusal", "1"))


def test_a_run_forged_among_artifacts_is_a_file(mlruns, run):
    write(run / "artifacts" / "b1" / "meta.yaml", "run_id: b1\nexperiment_id: artifacts\n")
    write(run / "artifacts" / "meta.yaml", "experiment_id: a1\nname: forged\n")
    Done(mlruns.root)
    assert [stored.run_id for stored in Run.objects.all()] == ["a1"]
    assert Run.objects.get().artifacts.count() == 2


@pytest.mark.parametrize("uri", ["file:///etc", "/etc", "../../secret", "file://localhost/etc/../etc"])
def test_files_come_from_the_runs_own_folder_whatever_its_address_says(mlruns, secret, uri):
    run = mlruns.run(mlruns.experiment(), "a1", artifact_uri=uri)
    write(run / "artifacts" / "own.txt", "own")
    Done(mlruns.root)
    assert list(Run.objects.get().artifacts.values_list("path", flat=True)) == ["own.txt"]


@pytest.mark.parametrize("name", ["a\\..\\b", "C:evil", "a\nb", "%2e%2e", "\u202egpj.exe"])
def test_a_file_whose_name_could_lead_elsewhere_is_refused_alone(mlruns, run, name):
    write(run / "artifacts" / name, "x")
    write(run / "artifacts" / "good", "x")
    done = Done(mlruns.root)
    assert list(Run.objects.get().artifacts.values_list("path", flat=True)) == ["good"]
    assert done.reasons("refusal", "1/a1/artifacts")


def test_a_name_that_is_no_text_is_refused_alone(mlruns, run):
    (run / "artifacts").mkdir(exist_ok=True)
    with open(os.fsencode(run / "artifacts") + b"/caf\xe9", "wb"):
        pass
    assert "no UTF-8" in Done(mlruns.root).reasons("refusal")[0]


@pytest.mark.parametrize("place", ["artifacts/pipe", "metrics/pipe", "params/pipe", "meta.yaml"])
def test_a_pipe_is_not_waited_for(mlruns, run, place):
    (run / place).unlink(missing_ok=True)
    os.mkfifo(run / place)
    Done(mlruns.root)


def test_aliases_that_would_fill_the_memory_are_refused(mlruns, run):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    write(run / "meta.yaml", "\n".join(lines))
    assert "stands for more than" in Done(mlruns.root).reasons("refusal", "1/a1")[0]


def test_folders_within_folders_end_somewhere(mlruns, run):
    deep = run / "artifacts" / "/".join(["d"] * 150)
    write(deep / "x", "x")
    assert "nested deeper" in Done(mlruns.root).reasons("refusal")[0]


def test_a_line_without_end_is_not_read_whole(mlruns, run):
    write(run / "metrics" / "loss", b"1" * (3 << 20))
    assert "too long" in Done(mlruns.root).reasons("refusal", "1/a1/metrics/loss")[0]


def test_a_registry_leads_nowhere(mlruns, run, secret):
    folder = mlruns.root / "models" / "net"
    folder.mkdir(parents=True)
    (folder / "meta.yaml").symlink_to(secret / "key")
    assert "link" in Done(mlruns.root).reasons("refusal", "models/net/meta.yaml")[0]
    assert not RegisteredModel.objects.exists()


@pytest.mark.parametrize(
    "place",
    [
        "file:///etc", "/etc/passwd", "mlflow-artifacts:/1/a1/artifacts/../../../etc", "http://10.0.0.1/x",
        "file:///x/1/a1/artifacts/%2e%2e/b1", "mlflow-artifacts:/1/nobody/artifacts/m", "models:/m-" + "0" * 32,
        "runs:/nobody/m", "\\\\h\\x",
    ],
)  # fmt: skip
def test_a_version_leads_to_no_file_but_those_that_came_along(mlruns, run, place):
    write_meta(mlruns.root / "models" / "net", {"name": "net"})
    told = {"version": 1, "source": place, "storage_location": place}
    write_meta(mlruns.root / "models" / "net" / "version-1", told)
    Done(mlruns.root)
    found = sources.files_of(ModelVersion.objects.get())
    assert found is None or not found.is_there
