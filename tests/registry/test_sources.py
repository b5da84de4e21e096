"""What a version may be made of: the corpus of addresses that led astray elsewhere."""

import pytest

from registry import sources
from registry.models import RegisteredModel
from tests.factories import make_artifact, make_experiment, make_model, make_run, register
from trackerweb.errors import TrackerError

pytestmark = pytest.mark.django_db

ASTRAY = [
    "/etc/passwd",
    "file:///etc",
    "file://localhost/etc",
    "file:/etc",
    "//proc/self/root",
    "etc",
    "./x",
    "../x",
    "C:\\x",
    "\\\\h\\s",
    "http:///#/../..",
    "http://10.0.0.1/x",
    "https://example.com/m",
    "ftp://h/x",
    "sftp://h/x",
    "hdfs://h/x",
    "smb://h/x",
    "mlflow-artifacts://h/0/{run}/artifacts/m",
    "mlflow-artifacts:/0/{run}/artifacts/../../{other}/artifacts/m",
    "mlflow-artifacts:/0/{run}/artifacts/%2e%2e/%2e%2e/{other}/artifacts",
    "mlflow-artifacts:/0/{run}/artifacts/..%252f..",
    "mlflow-artifacts:/0/{other}/artifacts/m",
    "mlflow-artifacts:/0/{run}/artifacts/m#x",
    "mlflow-artifacts:/0/{run}/artifacts/m?x",
    "mlflow-artifacts:/0/{run}/artifacts/a%00b",
    "mlflow-artifacts:/0/{run}/artifacts\\..\\x",
    "runs:/{run}/../{other}/m",
    "runs:/{other}/m",
    "runs:/{run}/m#2",
    "runs:/{run}/m?x",
    "runs://h/{run}/m",
    "runs:/",
    "s3://b/../../etc",
    "s3://b/%2e%2e/x",
    "s3://b",
    "http://[",
    "models://[/x",
    "file://[::1",
    "runs:/[",
    "models:/",
    "models:/a/b/c",
    "models:/nobody/1",
    "models:/nobody@x",
    "models:/iris/²",
    "models:/iris/0000000000000000001",
    "models:/iris/9999999999999999999",
    "models:/iris/1?x",
    "models:/iris/1#x",
    "models:/iris/Nonsense",
    "models:/iris@nobody",
    "models:/m-" + "0" * 32,
    "",
    " ",
]


@pytest.mark.parametrize("address", ASTRAY)
def test_an_address_that_leads_astray_is_refused(address):
    run, other = make_run(), make_run()
    for owner in (run, other):
        make_artifact(owner, "m/MLmodel")
    register(make_model(), "iris")
    with pytest.raises(TrackerError):
        sources.checked(address.format(run=run.run_id, other=other.run_id), run.run_id)


@pytest.mark.parametrize("address", ["s3://bucket/m", "gs://b/m", "dbfs:/m", "wasbs://c@a.blob.core.windows.net/m"])
def test_other_stores_are_kept_and_not_followed(address):
    RegisteredModel.objects.add("iris")
    assert sources.checked(address).storage == address
    version = register(make_model(), "iris")
    version.storage_location = address
    assert sources.files_of(version) is None


def test_a_local_folder_only_below_a_local_place_of_the_run():
    run = make_run(make_experiment(artifact_location="file:///data/plants"))
    below = f"file:///data/plants/{run.run_id}/artifacts/m"
    assert sources.checked(below, run.run_id).storage == below
    for astray in (f"{below}/../../../../etc", "file:///data/plants", f"/data/plants/{run.run_id}x/artifacts/m"):
        with pytest.raises(TrackerError):
            sources.checked(astray, run.run_id)


def test_a_name_with_signs_of_addresses_is_found():
    register(make_model(), "q?x#y")
    assert sources.checked("models:/q?x#y/1").address == "models:/q?x#y/1"
