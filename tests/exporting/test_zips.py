"""A run or an experiment as one zip, which another tracker imports whole."""

import io
import zipfile

import pytest

from experiments.models import Experiment
from importing import archives
from importing.reporting import Report
from registry.creating import create_model
from registry.models import LoggedModel, ModelMetric
from runs import ingest
from runs.artifacts import store
from runs.batches import Batch, ConsoleText, DatasetInput
from runs.models import Run
from tests.factories import NOON, make_artifact, make_experiment, make_run
from tests.importing.conftest import Done, series

pytestmark = pytest.mark.django_db
KEYS = {"val": 1.0, "val/loss": 2.0, "Loss": 3.0, "loss": 4.0, "con": 5.0, "gpu:0": 6.0}


@pytest.fixture
def run():
    """A run that has all that a run can have."""
    made = make_run(
        make_experiment("packed", note="What we tried"), run_id="a1", params={"lr": "0.1"}, tags={"t": "x"},
        metrics=KEYS, failure="Traceback …", note="A note", has_heartbeat=True, status="FAILED", user="ada",
    )  # fmt: skip
    used = DatasetInput(
        name="my data", digest="d1", source_type="local", source="{}", tags={"mlflow.data.context": "t"}
    )
    console = [ConsoleText(stream="stdout", offset=0, text="hello\n")]
    ingest.store("a1", Batch(console=console, environment={"python": "3.11"}, inputs=[used]))
    Run.objects.filter(pk=made.pk).update(status="FAILED", failure="Traceback …")
    make_artifact(made, "plots/a.txt", "hello")
    make_artifact(made, "Plots/A.txt", "HELLO")
    model = create_model(made.experiment, "net", source_run_id="a1", params={"depth": "3"})
    store.put(model, "MLmodel", [b"flavors: {}"])
    for key, name in (("acc", "my data"), ("acc (test)", "my_data")):
        ModelMetric.objects.create(
            model=model, run=made, key=key, step=7, timestamp=NOON, value=0.9, dataset_name=name, dataset_digest="d1"
        )
    return made


def unpacked(client, address, folder):
    answer = client.get(address)
    assert answer.status_code == 200
    (folder / "x.zip").write_bytes(b"".join(answer.streaming_content))
    (folder / "out").mkdir()
    archives.unpack(folder / "x.zip", folder / "out", Report(lambda finding: pytest.fail(str(finding))))
    return folder / "out"


@pytest.mark.parametrize("address", ["/api/v1/export/runs/a1.zip", "/api/v1/export/experiments/{}.zip"])
def test_what_is_packed_comes_out_of_it_whole(client, run, tmp_path, address):
    folder = unpacked(client, address.format(run.experiment_id), tmp_path)
    gone = run.run_id, dict(run.metrics.values_list("key", "last"))
    LoggedModel.objects.all().delete()
    Run.objects.filter(pk=run.pk).update(run_id="gone")
    Experiment.objects.filter(pk=run.experiment_id).update(name="gone")
    done = Done(folder)
    assert not done.reasons("refusal")
    again = Run.objects.by_id("a1")
    assert (again.status, again.failure, again.note, again.has_heartbeat) == ("FAILED", "Traceback …", "A note", True)
    assert (again.user, again.name, again.experiment.note) == ("ada", run.name, "What we tried")
    assert gone == ("a1", dict(again.metrics.values_list("key", "last")))
    assert series("a1", "val/loss") == [(0, series("a1", "val/loss")[0][1], 2.0)]
    assert {file.path: file.blob.size for file in again.artifacts.all()} == {"plots/a.txt": 5, "Plots/A.txt": 5}
    assert again.console.get().text == "hello\n"
    assert again.environment.content == {"python": "3.11"}
    assert again.dataset_uses.get().dataset.name == "my data"
    model = LoggedModel.objects.get()
    assert model.artifacts.get().path == "MLmodel"
    assert dict(model.metrics.values_list("key", "dataset_name")) == {"acc": "my data", "acc (test)": "my_data"}


def test_no_two_names_in_a_zip_are_one_where_case_does_not_count(client, run):
    answer = client.get("/api/v1/export/runs/a1.zip")
    names = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))).namelist()
    assert len({name.casefold() for name in names}) == len(names)
    assert not [name for name in names if ":" in name or "con" in name.split("/")]


def test_a_zip_of_what_is_not_there_is_told(client):
    assert client.get("/api/v1/export/runs/none.zip").status_code == 404
    assert client.get("/api/v1/export/experiments/999.zip").status_code == 404


@pytest.mark.parametrize(
    ("page", "link"), [("/runs/a1/", "export/runs/a1.zip"), ("/experiments/{}/", "export/experiments/{}.zip")]
)
def test_its_page_offers_the_zip(client, run, page, link):
    shown = client.get(page.format(run.experiment_id)).content.decode()
    assert f'href="/api/v1/{link.format(run.experiment_id)}"' in shown
