"""`/api/v1/models/…`: what a client logs, one call after another."""

from urllib.parse import urlencode

import pytest

from registry.models import RunModel
from tests.api import Api, assert_error
from tests.factories import make_experiment, make_model, make_run

pytestmark = pytest.mark.django_db
api = Api()
ID = "m-" + "a" * 32
ADDRESS = f"/api/v1/models/{ID}/"


def test_a_model_lives_where_its_run_does():
    run = make_run(make_experiment("trees"))
    answer = api.put(ADDRESS, {"name": "forest", "source_run_id": run.run_id, "params": {"depth": "3"}, "step": 7})
    assert answer.status == 201
    assert answer.body["experiment_id"] == run.experiment_id
    assert answer.body["params"] == {"depth": "3"}
    assert answer.body["status"] == "LOGGED_MODEL_PENDING"
    assert list(RunModel.objects.values_list("run__run_id", "role", "model_id", "step")) == [
        (run.run_id, "output", ID, 7)
    ]


def test_sent_twice_it_is_one_model_that_gets_what_it_lacks():
    run = make_run()
    api.put(ADDRESS, {"source_run_id": run.run_id, "params": {"a": "1"}})
    answer = api.put(ADDRESS, {"source_run_id": run.run_id, "params": {"a": "1", "b": "2"}, "tags": {"t": "x"}})
    assert answer.status == 200
    assert (answer.body["params"], answer.body["tags"]) == ({"a": "1", "b": "2"}, {"t": "x"})


def test_another_value_of_a_param_is_refused_with_both():
    api.put(ADDRESS, {"params": {"a": "1"}})
    answer = api.put(ADDRESS, {"params": {"a": "2"}})
    assert_error(answer, 409, field="params.a")
    assert "'1'" in answer.body["message"]
    assert "'2'" in answer.body["message"]


@pytest.mark.parametrize("model_id", ["m-1", "x" * 34, "m-" + "A" * 32, "m-" + "a" * 31 + "é"])
def test_an_odd_id_is_refused(model_id):
    assert_error(api.put(f"/api/v1/models/{model_id}/", {}), 400, field="model_id")


def test_a_run_that_is_not_there_is_named():
    assert_error(api.put(ADDRESS, {"source_run_id": "nobody"}), 404, field="run_id")


def test_files_then_ready():
    api.put(ADDRESS, {"name": "forest"})
    assert api.send("PUT", f"{ADDRESS}artifacts/MLmodel", b"flavors: {}").status == 201
    assert api.send("PUT", f"{ADDRESS}artifacts/data/a.bin", b"1234").status == 201
    assert api.patch(ADDRESS, {"status": "READY"}).body["status"] == "LOGGED_MODEL_READY"
    listed = api.get(f"{ADDRESS}artifacts/").body["artifacts"]
    assert [(item["path"], item["is_folder"]) for item in listed] == [("MLmodel", False), ("data", True)]
    assert api.get(f"{ADDRESS}artifacts/MLmodel").body == b"flavors: {}"
    assert api.get(ADDRESS).body["artifact_bytes"] == 15


def test_content_that_the_server_has_is_not_sent_again():
    api.put(ADDRESS, {})
    sha256 = api.send("PUT", f"{ADDRESS}artifacts/a", b"12").body["sha256"]
    assert api.send("PUT", f"{ADDRESS}artifacts/b?sha256={sha256}", b"").status == 201
    assert_error(api.send("PUT", f"{ADDRESS}artifacts/c?sha256={'0' * 64}", b""), 404, "BLOB_UNKNOWN")


@pytest.mark.parametrize("path", ["../x", "a/../../x", "a//b", "%2e%2e/x", "a%00b", "a%5Cb"])
def test_paths_stay_inside(path):
    api.put(ADDRESS, {})
    assert_error(api.send("PUT", f"{ADDRESS}artifacts/{path}", b"1"))


def test_the_trash_and_back():
    model = make_model()
    address = f"/api/v1/models/{model.model_id}/"
    assert api.delete(address).body["lifecycle_stage"] == "deleted"
    assert_error(api.send("PUT", f"{address}artifacts/a", b"1"), 409)
    assert api.post(f"{address}restore/").body["lifecycle_stage"] == "active"


def test_models_are_found_by_their_params():
    found, _ = make_model(params={"depth": "3"}), make_model(params={"depth": "4"})
    answer = api.get("/api/v1/models/?filter=params.depth+=+'3'")
    assert [item["model_id"] for item in answer.body["models"]] == [found.model_id]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("params.n > 9", {"10", "1e2"}), ("params.n <= 9", {"9"}), ("params.n = 10.0", {"10"}),
        ("params.n != 9", {"10", "1e2", "many"}), ("params.n IN (9, 100)", {"9", "1e2"}),
        ("params.n BETWEEN 9 AND 50", {"9", "10"}), ("params.n = '1e2'", {"1e2"}),
    ],
)  # fmt: skip
def test_models_are_found_by_the_number_that_a_param_is(said, found):
    for value in ("9", "10", "1e2", "many"):
        make_model(params={"n": value})
    answer = api.get(f"/api/v1/models/?{urlencode({'filter': said})}")
    assert {item["params"]["n"] for item in answer.body["models"]} == found


def test_models_come_in_pages():
    for _ in range(3):
        make_model()
    first = api.get("/api/v1/models/?limit=2").body
    rest = api.get(f"/api/v1/models/?limit=2&cursor={first['next_cursor']}").body
    assert [len(page["models"]) for page in (first, rest)] == [2, 1]
    assert rest["next_cursor"] is None
