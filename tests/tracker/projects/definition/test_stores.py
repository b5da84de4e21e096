"""What a parameter names in a bucket, or on the tracking server."""

from pathlib import Path

import pytest

import tracker
from tracker.errors import InvalidValue


@pytest.fixture
def bucket(monkeypatch):
    """A bucket of a store, by its client."""
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    address = "http://{}:{}".format(*server.get_host_and_port())
    told = {"ENDPOINT_URL": address, "ACCESS_KEY_ID": "a", "SECRET_ACCESS_KEY": "b", "DEFAULT_REGION": "us-east-1"}
    for name, value in told.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    client = boto3.client("s3")
    client.create_bucket(Bucket="data")
    yield client
    server.stop()


def downloaded(main, tmp_path, uri):
    return Path(main("{data}", "{data: path}").line({"data": uri}, tmp_path, tmp_path / "storage").command.strip("'"))


@pytest.mark.slow
def test_objects_of_a_bucket_are_downloaded(main, tmp_path, bucket):
    for key, content in {"top.csv": b"0", "sets/a.csv": b"1", "sets/deep/b.csv": b"2"}.items():
        bucket.put_object(Bucket="data", Key=key, Body=content)
    assert downloaded(main, tmp_path, "s3://data/top.csv").read_bytes() == b"0"
    assert downloaded(main, tmp_path, "s3://data/sets/a.csv").read_bytes() == b"1"
    folder = downloaded(main, tmp_path, "s3://data/sets")
    assert (folder.name, folder.parent.name) == ("sets", "param_0")
    found = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert found == {"a.csv": b"1", "deep/b.csv": b"2"}
    with pytest.raises(InvalidValue, match="names nothing"):
        downloaded(main, tmp_path, "s3://data/none")


@pytest.fixture
def logged(here, tmp_path, monkeypatch):
    """A run with a folder of files; its id."""
    monkeypatch.setenv("TRACKER_CACHE", str(tmp_path / "cache"))
    with tracker.start_run(experiment="stores") as run:
        run.log_text("1", "sets/a.csv")
        run.log_text("2", "sets/deep/b.csv")
    tracker.flush(20)
    return run.run_id


@pytest.mark.slow
def test_files_of_a_run_are_downloaded(main, tmp_path, logged):
    folder = downloaded(main, tmp_path, f"runs:/{logged}/sets")
    assert (folder.name, folder.parent.name) == ("sets", "param_0")
    assert (folder / "a.csv").read_text() == "1"
    assert (folder / "deep/b.csv").read_text() == "2"
    file = downloaded(main, tmp_path, f"runs:/{logged}/sets/deep/b.csv")
    assert (file.name, file.read_text()) == ("b.csv", "2")
    with pytest.raises(InvalidValue, match="names nothing"):
        downloaded(main, tmp_path, f"runs:/{logged}/none")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("runs:/{run}", "sets/a.csv"),
        ("mlflow-artifacts:/7/{run}/artifacts", "sets/a.csv"),
        ("mlflow-artifacts:/7/{run}/artifacts/sets", "a.csv"),
        ("mlflow-artifacts://{host}/a/place/{run}/artifacts/sets/", "a.csv"),
        ("mlflow-artifacts:/7/{run}/artifacts/sets/a.csv", ""),
        ("{server}/api/v1/runs/{run}/artifacts/", "sets/a.csv"),
        ("{server}/api/v1/runs/{run}/artifacts/sets", "a.csv"),
        ("{server}/api/v1/runs/{run}/artifacts/sets%2Fa.csv", ""),
    ],
)
def test_files_are_downloaded_by_where_their_run_says_that_they_are(main, tmp_path, logged, address, path):
    server = tracker.get_tracking_uri()
    uri = address.format(run=logged, server=server, host=server.partition("//")[2])
    assert (downloaded(main, tmp_path, uri) / path).read_text() == "1"


@pytest.mark.parametrize("address", ["mlflow-artifacts://elsewhere.org/7/a/artifacts/b", "mlflow-artifacts:/7/a/b"])
def test_files_of_other_servers_are_refused(main, tmp_path, address):
    with pytest.raises(InvalidValue, match="mlflow-artifacts:/… of the tracking server"):
        downloaded(main, tmp_path, address)


@pytest.mark.slow
def test_what_a_command_writes_into_a_download_stays_in_it(main, tmp_path, logged):
    (downloaded(main, tmp_path, f"runs:/{logged}/sets") / "a.csv").write_text("changed")
    assert (downloaded(main, tmp_path, f"runs:/{logged}/sets") / "a.csv").read_text() == "1"


@pytest.mark.slow
def test_a_model_is_downloaded(main, tmp_path, here, monkeypatch):
    from sklearn.linear_model import LinearRegression

    monkeypatch.setenv("TRACKER_CACHE", str(tmp_path / "cache"))
    with tracker.start_run(experiment="stores"):
        model = tracker.log_model(LinearRegression().fit([[1.0], [2.0]], [2.0, 4.0]), "doubles")
    tracker.flush(20)
    for uri in (f"models:/{model.model_id}", f"mlflow-artifacts:/7/models/{model.model_id}/artifacts"):
        folder = downloaded(main, tmp_path, uri)
        assert folder.name == "param_0"
        assert (folder / "MLmodel").is_file()
