import boto3
import numpy as np
import pytest
from moto.server import ThreadedMotoServer
from sklearn.linear_model import LinearRegression

from tests.server import free_port
from tracker import models


@pytest.fixture(scope="session")
def saved(tmp_path_factory):
    """The folder of a model that doubles."""
    place = tmp_path_factory.mktemp("deploying") / "model"
    example = np.array([[1.0], [2.0]])
    models.save_model(LinearRegression().fit(example, [2.0, 4.0]), place, input_example=example)
    return place


@pytest.fixture(scope="session")
def s3_server():
    """The address of a server that speaks S3."""
    server = ThreadedMotoServer(port=free_port(), verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


@pytest.fixture
def bucket(s3_server, monkeypatch, tmp_path):
    """A new bucket, which the environment leads to."""
    told = {"AWS_ENDPOINT_URL": s3_server, "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
    for name, value in (told | {"AWS_DEFAULT_REGION": "us-east-1", "TRACKER_CACHE": str(tmp_path / "cache")}).items():
        monkeypatch.setenv(name, value)
    made = boto3.resource("s3").Bucket(f"models-{free_port()}")
    made.create()
    yield made
    made.objects.all().delete()
