"""`/api/v1/registered-models/…`: names, versions and aliases."""

import pytest

from registry.models import AliasMove, RegisteredModel
from tests.api import Api, assert_error
from tests.factories import make_artifact, make_model, make_run, register

pytestmark = pytest.mark.django_db
api = Api()
IRIS = "/api/v1/registered-models/iris/"


def test_made_read_changed():
    assert api.post("/api/v1/registered-models/", {"name": "iris", "tags": {"team": "red"}}).status == 201
    assert_error(api.post("/api/v1/registered-models/", {"name": "iris"}), 409, field="name")
    assert api.patch(IRIS, {"description": "flowers", "tags": {"k": "v"}}).body["description"] == "flowers"
    assert api.get(IRIS).body["tags"] == {"k": "v", "team": "red"}
    assert api.patch(IRIS, {"name": "iris 2"}).body["name"] == "iris 2"
    assert_error(api.get(IRIS), 404, field="name")


def test_registering_a_model_twice_is_one_version():
    model = make_model(make_run(run_id="r1", user="ada"))
    address = f"{IRIS}versions/of/{model.model_id}/"
    for _ in range(2):
        answer = api.put(address, {"aliases": ["champion"]})
    assert (answer.status, answer.body["version"], answer.body["aliases"]) == (200, 1, ["champion"])
    assert (answer.body["run_id"], answer.body["user"]) == ("r1", "ada")
    assert api.get(IRIS).body["aliases"] == {"champion": 1}


def test_nothing_is_registered_when_an_alias_can_not_be():
    answer = api.put(f"{IRIS}versions/of/{make_model().model_id}/", {"aliases": ["latest"]})
    assert_error(answer, 400, field="alias")
    assert not RegisteredModel.objects.exists()


def test_a_model_in_the_trash_is_not_registered():
    model = make_model()
    model.trash()
    assert_error(api.put(f"{IRIS}versions/of/{model.model_id}/", {}), 409)


def test_versions_newest_first_and_filtered():
    for number in range(3):
        register(make_model(), "iris", tags={"n": str(number)})
    versions = api.get(f"{IRIS}versions/").body["versions"]
    assert [item["version"] for item in versions] == [3, 2, 1]
    found = api.get(f"{IRIS}versions/?filter=tags.n+=+'1'").body["versions"]
    assert [item["version"] for item in found] == [2]


def test_versions_are_found_by_their_aliases():
    register(make_model(), "iris", "champion", "best")
    register(make_model(), "iris")
    for said, numbers in {
        "alias = 'champion'": [1],
        "alias IS NULL": [2],
        "alias IN ('best', 'champion')": [1],
    }.items():
        found = api.get(f"{IRIS}versions/?filter={said}").body["versions"]
        assert [item["version"] for item in found] == numbers, said


def test_an_alias_keeps_where_it_led():
    for _ in range(2):
        register(make_model(), "iris")
    alias = f"{IRIS}aliases/champion/"
    for version in (1, 2, 2):
        assert api.put(alias, {"version": version}).body["version"] == version
    assert api.delete(alias).status == 204
    assert_error(api.get(alias), 404, field="alias")
    moves = api.get(f"{IRIS}alias-moves/").body["moves"]
    assert [(move["before"], move["after"]) for move in moves] == [(2, None), (1, 2), (None, 1)]


def test_latest_of_all_and_of_a_stage():
    for _ in range(2):
        register(make_model(), "iris")
    api.patch(f"{IRIS}versions/1/", {"stage": "Production"})
    assert api.get(f"{IRIS}latest/").body["version"] == 2
    assert api.get(f"{IRIS}latest/?stage=production").body["version"] == 1
    assert api.get(f"{IRIS}aliases/latest/").body["version"] == 2
    assert_error(api.get(f"{IRIS}latest/?stage=Staging"), 404)


def test_archiving_what_was_in_the_stage():
    for _ in range(2):
        register(make_model(), "iris")
    for version in (1, 2):
        api.patch(f"{IRIS}versions/{version}/", {"stage": "Production", "archive_others": True})
    assert [api.get(f"{IRIS}versions/{number}/").body["stage"] for number in (1, 2)] == ["Archived", "Production"]


def test_a_version_in_the_trash_loses_its_aliases_and_keeps_its_number():
    register(make_model(), "iris", "champion")
    api.delete(f"{IRIS}versions/1/")
    assert_error(api.get(f"{IRIS}versions/1/"), 404)
    assert AliasMove.objects.filter(after=None).count() == 1
    assert register(make_model(), "iris").version == 2


def test_a_trashed_name_is_free_and_can_come_back():
    register(make_model(), "iris")
    old = RegisteredModel.objects.get()
    api.delete(IRIS)
    assert_error(api.get(IRIS), 404)
    assert api.post("/api/v1/registered-models/", {"name": "iris"}).status == 201
    api.patch(IRIS, {"name": "other"})
    old.refresh_from_db()
    old.restore()
    assert api.get(f"{IRIS}versions/1/").status == 200


@pytest.mark.parametrize("name", ["a:b", "%20", "..", "a%00b", "a%0ab", "x" * 501])
def test_names_that_no_address_could_hold_are_refused(name):
    assert_error(api.get(f"/api/v1/registered-models/{name}/"))


def test_files_of_a_version_that_is_made_of_a_model():
    register(make_model(files={"MLmodel": "flavors: {}", "data/a": "1"}), "iris")
    listed = api.get(f"{IRIS}versions/1/artifacts/").body["artifacts"]
    assert [item["path"] for item in listed] == ["MLmodel", "data"]
    assert api.get(f"{IRIS}versions/1/artifacts/data/a").body == b"1"


def test_files_of_a_version_that_is_a_folder_of_a_run():
    run = make_run()
    for path in ("model/MLmodel", "model/data/a", "other"):
        make_artifact(run, path)
    api.post("/api/v1/registered-models/", {"name": "iris"})
    api.post(f"{IRIS}versions/", {"source": f"runs:/{run.run_id}/model", "run_id": run.run_id})
    listed = api.get(f"{IRIS}versions/1/artifacts/").body["artifacts"]
    assert [item["path"] for item in listed] == ["MLmodel", "data"]
    below = api.get(f"{IRIS}versions/1/artifacts/?path=data").body
    assert ([item["path"] for item in below["artifacts"]], below["path"]) == (["data/a"], "data")
    assert api.get(f"{IRIS}versions/1/artifacts/MLmodel").status == 200
    assert_error(api.get(f"{IRIS}versions/1/artifacts/other"), 404)
    assert_error(api.get(f"{IRIS}versions/1/artifacts/../other"))


def test_files_of_a_model_that_a_run_names_since_mlflow_3():
    run = make_run()
    make_model(run, name="model", files={"MLmodel": "flavors: {}"})
    api.post("/api/v1/registered-models/", {"name": "iris"})
    api.post(f"{IRIS}versions/", {"source": f"runs:/{run.run_id}/model", "run_id": run.run_id})
    assert api.get(f"{IRIS}versions/1/artifacts/MLmodel").status == 200


def test_files_elsewhere_are_named_and_not_fetched():
    api.post("/api/v1/registered-models/", {"name": "iris"})
    assert api.post(f"{IRIS}versions/", {"source": "s3://bucket/model"}).status == 201
    answer = api.get(f"{IRIS}versions/1/artifacts/")
    assert_error(answer, 404)
    assert "s3://bucket/model" in answer.body["message"]
