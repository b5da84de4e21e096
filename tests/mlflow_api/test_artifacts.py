"""Files over MLflow's protocol: of runs, and of models, by the proxy and by query."""

import http.client
from urllib.parse import quote, urlsplit

import pytest
from django.test import Client

from registry.creating import create_model
from runs.models import Run
from tests.api import Api
from tests.factories import make_artifact, make_experiment, make_run
from tests.mlflow_api.face import get, not_got, spoken
from tests.runs.artifacts.test_paths import HOSTILE

pytestmark = pytest.mark.django_db

PROXY = "/api/2.0/mlflow-artifacts/artifacts"
MISSING = (404, "RESOURCE_DOES_NOT_EXIST")
INVALID = (400, "INVALID_PARAMETER_VALUE")
api = Api()
client = Client(raise_request_exception=False)


def put(address: str, content: bytes = b"content") -> int:
    return client.put(f"{PROXY}/{quote(address)}", content, content_type="text/plain").status_code


def read(address: str) -> bytes:
    response = client.get(f"{PROXY}/{quote(address)}")
    assert response.status_code == 200
    return b"".join(response)


def listed(path: str) -> list[str]:
    answer = api.get(f"{PROXY}?path={quote(path)}")
    assert answer.status == 200
    return [item["path"] for item in answer.body.get("files", [])]


@pytest.fixture
def root() -> str:
    return f"0/{make_run(run_id='r1').run_id}/artifacts"


def test_a_file_goes_in_and_comes_out(root):
    assert put(f"{root}/a/ü b.txt", b"hello") == 200
    response = client.get(f"{PROXY}/{root}/a/{quote('ü b.txt')}")
    assert b"".join(response) == b"hello"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Disposition"].startswith("attachment")
    assert Run.objects.get().artifact_bytes == 5


def test_the_answer_to_a_file_is_empty(root):
    assert client.put(f"{PROXY}/{root}/a", b"x", content_type="text/plain").content == b""


def test_an_empty_file_is_a_file(root):
    assert put(f"{root}/empty", b"") == 200
    assert read(f"{root}/empty") == b""


def test_a_file_is_replaced(root):
    put(f"{root}/a", b"old")
    put(f"{root}/a", b"new")
    assert read(f"{root}/a") == b"new"


def test_the_proxy_lists_names_and_the_run_lists_paths(root):
    for path in ("b.txt", "a/c.txt", "a/d/e.txt"):
        put(f"{root}/{path}")
    assert listed(root) == ["a", "b.txt"]
    assert listed(f"{root}/a") == ["c.txt", "d"]
    assert get("artifacts/list", run_id="r1", path="a") == {
        "root_uri": "mlflow-artifacts:/0/r1/artifacts",
        "files": [{"path": "a/c.txt", "is_dir": False, "file_size": 7}, {"path": "a/d", "is_dir": True}],
    }


def test_nothing_lies_in_a_file_or_where_no_run_is(root):
    put(f"{root}/a")
    assert listed(f"{root}/a") == listed("0/nobody/artifacts") == listed("") == []
    assert "files" not in get("artifacts/list", run_id="r1", path="a")
    assert not_got("artifacts/list", run_id="nobody") == MISSING


def test_many_files_are_listed_whole():
    run = make_run(run_id="r1")
    for number in range(1001):
        run.artifacts.create(path=f"{number:05}", blob=make_artifact(run, "x").blob, creation_time=1)
    assert len(listed("0/r1/artifacts")) == 1002


def test_a_part_of_a_file_is_sent(root):
    put(f"{root}/a", b"0123456789")
    response = client.get(f"{PROXY}/{root}/a", headers={"Range": "bytes=2-4"})
    assert (response.status_code, b"".join(response)) == (206, b"234")


def test_a_file_or_a_folder_is_deleted_and_what_is_not_there_is_deleted_already(root):
    for path in ("a/b", "a/c", "d"):
        put(f"{root}/{path}")
    for address in (f"{root}/a", f"{root}/a", f"{root}/d"):
        assert api.delete(f"{PROXY}/{address}") == (200, {})
    assert listed(root) == []


def test_all_files_of_a_run_are_deleted_at_its_root(root):
    put(f"{root}/a/b")
    assert api.delete(f"{PROXY}/{root}") == (200, {})
    assert listed(root) == []


def test_a_missing_file_and_a_folder_are_told_apart(root):
    put(f"{root}/a/b")
    assert spoken(api.get(f"{PROXY}/{root}/x")) == MISSING
    assert spoken(api.get(f"{PROXY}/{root}/a")) == INVALID
    assert spoken(api.get(f"{PROXY}/{root}")) == INVALID
    assert spoken(api.get(f"{PROXY}/0/nobody/artifacts/a")) == MISSING


def test_a_file_is_read_by_query(root):
    put(f"{root}/a/b", b"hi")
    assert b"".join(client.get("/get-artifact?run_id=r1&path=a/b")) == b"hi"
    assert b"".join(client.get("/get-artifact?run_uuid=r1&path=a/b")) == b"hi"
    assert spoken(api.get("/get-artifact?run_id=r1&path=x")) == MISSING
    assert spoken(api.get("/get-artifact?run_id=r1")) == INVALID
    assert spoken(api.get("/model-versions/get-artifact?name=m&version=1&path=a")) == MISSING


def test_a_small_file_is_stored_by_query(root):
    address = "/ajax-api/2.0/mlflow/upload-artifact"
    assert client.post(f"{address}?run_uuid=r1&path=a/b", b"hi", content_type="text/plain").status_code == 200
    assert read(f"{root}/a/b") == b"hi"
    for query, content in (("run_uuid=r1", b"x"), ("path=a", b"x"), ("run_uuid=r1&path=a", b"")):
        assert spoken(api.send("POST", f"{address}?{query}", content)) == INVALID
    too_much = b"x" * (10 * 1024 * 1024 + 1)
    assert spoken(api.send("POST", f"{address}?run_uuid=r1&path=a", too_much)) == INVALID


def test_a_run_in_the_trash_takes_no_files_and_shows_its_own(root):
    put(f"{root}/a", b"kept")
    Run.objects.get().trash()
    assert put(f"{root}/b") == 400
    assert read(f"{root}/a") == b"kept"


def test_files_lie_below_the_location_of_the_experiment():
    experiment = make_experiment(artifact_location="mlflow-artifacts:/team/artifacts/x")
    make_run(experiment, run_id="r1")
    assert put("team/artifacts/x/r1/artifacts/a", b"hi") == 200
    assert b"".join(client.get("/get-artifact?run_id=r1&path=a")) == b"hi"


def test_a_model_has_files_of_its_own(root):
    model = create_model(make_experiment("e"))
    address = f"{model.experiment_id}/models/{model.model_id}/artifacts"
    assert put(f"{address}/MLmodel", b"flavors:") == 200
    assert read(f"{address}/MLmodel") == b"flavors:"
    assert listed(address) == ["MLmodel"]
    assert listed(root) == []


@pytest.mark.parametrize("path", HOSTILE)
def test_no_path_leads_elsewhere(root, path):
    put(f"{root}/a", b"ours")
    hostile = quote(path, safe="")
    for answer in (
        api.send("PUT", f"{PROXY}/{root}/{hostile}", b"x"),
        api.get(f"{PROXY}/{root}/{hostile}"),
        api.get(f"{PROXY}?path={root}/{hostile}"),
        api.get(f"/api/2.0/mlflow/artifacts/list?run_id=r1&path={hostile}"),
        api.get(f"/get-artifact?run_id=r1&path={hostile}"),
    ):
        assert answer.status in (400, 404) or answer.body == {}
    assert listed(root) == ["a"]


def test_an_empty_file_that_a_client_sends_in_chunks_is_stored(server):
    """As Python's requests does with every empty file."""
    server.client().put("/api/v1/runs/chunked/")
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=30)
    connection.request("PUT", f"{PROXY}/0/chunked/artifacts/empty", iter([]), encode_chunked=True)
    assert connection.getresponse().status == 200
    assert [item["path"] for item in server.client().get("/api/v1/runs/chunked/artifacts/").body["artifacts"]] == [
        "empty"
    ]
