"""Experiments, asked of MLflow and of us."""

from urllib.parse import quote

import pytest

from tests.mlflow.compare import alike, differs
from tests.mlflow.speaker import API, Speaker


@alike
def test_create(server: Speaker):
    made = server.experiment(tags=[{"key": "b", "value": "1"}, {"key": "a", "value": ""}])
    server.get("experiments/get", experiment_id=made)


@alike
def test_create_with_a_location(server: Speaker):
    made = server.experiment(artifact_location="s3://bucket/some/where/")
    server.get("experiments/get", experiment_id=made)
    server.post("runs/create", experiment_id=made, start_time=1)


@alike
def test_create_twice(server: Speaker):
    for _ in range(2):
        server.post("experiments/create", name=server.name)


@pytest.mark.parametrize("name", ["", None, 5, True, ["a"], {"a": 1}])
@alike
def test_create_with_a_name_that_is_none(server: Speaker, name):
    server.ask("POST", API + "experiments/create", {"name": name})


@alike
def test_create_without_a_name(server: Speaker):
    server.post("experiments/create")


@pytest.mark.parametrize("name", ["ünïcode 💥", "a/b", "a.b:c", "<script>", "' OR 1=1", "%s", "a\\b", "x" * 500])
@alike
def test_create_with_an_odd_name(server: Speaker, name):
    made = server.post("experiments/create", name=f"odd {name}"[:500])["experiment_id"]
    server.get("experiments/get", experiment_id=made)
    server.get("experiments/get-by-name", experiment_name=f"odd {name}"[:500])


@pytest.mark.parametrize("tags", ["a", {"a": 1}, [1], ["a"], [[]]])
@alike
def test_create_with_tags_that_are_none(server: Speaker, tags):
    server.post("experiments/create", name=f"{server.name} tags", tags=tags)


@alike
def test_create_with_a_tag_whose_key_can_not_be(server: Speaker):
    server.post("experiments/create", name=f"{server.name} x", tags=[{"key": "a*b", "value": "1"}])
    server.get("experiments/get-by-name", experiment_name=f"{server.name} x")


@pytest.mark.parametrize("number", ["999999", "-5", "abc", "", "1.5", "1e3", "0x1"])
@alike
def test_get_by_an_id_that_is_not_there(server: Speaker, number):
    server.get("experiments/get", experiment_id=number)


@alike
def test_get_by_an_id_between_blanks(server: Speaker):
    server.get("experiments/get", experiment_id=f" {server.experiment()} ")


@alike
def test_get_the_default_one(server: Speaker):
    body = server.ask("GET", API + "experiments/get?experiment_id=0").body
    assert body["experiment"]["name"] == "Default"


@alike
def test_get_without_an_id(server: Speaker):
    server.get("experiments/get")


@alike
def test_get_by_a_name_that_is_not_there(server: Speaker):
    server.get("experiments/get-by-name", experiment_name="nobody is called so")
    server.get("experiments/get-by-name")


@alike
def test_rename(server: Speaker):
    made = server.experiment()
    server.post("experiments/update", experiment_id=made, new_name=f"{server.name} renamed")
    server.get("experiments/get", experiment_id=made)


@differs("codes of errors", theirs=(400, "BAD_REQUEST"), ours=(400, "RESOURCE_ALREADY_EXISTS"))
def test_rename_to_a_taken_name(server: Speaker):
    first, _ = server.experiment(), server.experiment()
    body = {"experiment_id": first, "new_name": f"{server.name} 2"}
    return server.ask("POST", API + "experiments/update", body).outcome


@alike
def test_rename_to_its_own_name(server: Speaker):
    server.post("experiments/update", experiment_id=server.experiment(), new_name=f"{server.name} 1")


@alike
def test_rename_without_a_name_or_an_id(server: Speaker):
    server.post("experiments/update", experiment_id=server.experiment())
    server.post("experiments/update", new_name="x")
    server.post("experiments/update", experiment_id="999999", new_name="x")


@alike
def test_delete_and_restore(server: Speaker):
    made = server.experiment()
    for action in ("delete", "restore"):
        server.post(f"experiments/{action}", experiment_id=made)
        server.get("experiments/get", experiment_id=made)


@pytest.mark.parametrize("action", ["delete", "restore"])
@alike
def test_delete_or_restore_what_is_not_there(server: Speaker, action):
    server.post(f"experiments/{action}", experiment_id="999999")
    server.post(f"experiments/{action}")
    server.post(f"experiments/{action}", experiment_id="abc")


@alike
def test_delete_twice(server: Speaker):
    made = server.experiment()
    for _ in range(2):
        server.post("experiments/delete", experiment_id=made)


@alike
def test_restore_what_is_not_in_the_trash(server: Speaker):
    server.post("experiments/restore", experiment_id=server.experiment())


@alike
def test_delete_takes_the_runs_along_and_restore_brings_them_back(server: Speaker):
    made = server.experiment()
    run = server.run(made)
    for action in ("delete", "restore"):
        server.post(f"experiments/{action}", experiment_id=made)
        server.tell(run)


@alike
def test_a_trashed_experiment_takes_no_tags(server: Speaker):
    made = server.experiment()
    server.post("experiments/delete", experiment_id=made)
    server.post("experiments/set-experiment-tag", experiment_id=made, key="a", value="b")


@alike
def test_a_trashed_experiment_takes_no_runs(server: Speaker):
    made = server.experiment()
    server.post("experiments/delete", experiment_id=made)
    server.post("runs/create", experiment_id=made)


@alike
def test_tags_are_set_overwritten_and_removed(server: Speaker):
    made = server.experiment()
    for key, value in (("a", "1"), ("b", "2"), ("a", "3"), ("empty", ""), ("with space/and.dot:-", "x")):
        server.post("experiments/set-experiment-tag", experiment_id=made, key=key, value=value)
    server.get("experiments/get", experiment_id=made)
    for _ in range(2):
        server.post("experiments/delete-experiment-tag", experiment_id=made, key="b")
    server.get("experiments/get", experiment_id=made)


@alike
def test_a_tag_needs_a_key_and_an_experiment(server: Speaker):
    made = server.experiment()
    server.post("experiments/set-experiment-tag", experiment_id=made, value="x")
    server.post("experiments/set-experiment-tag", key="a", value="x")
    server.post("experiments/set-experiment-tag", experiment_id="999999", key="a", value="x")
    server.post("experiments/delete-experiment-tag", experiment_id="999999", key="a")
    server.post("experiments/delete-experiment-tag", experiment_id=made)


@pytest.mark.parametrize("key", ["a*b", "../a", "/a", "a//b", "a/../b", ".", "a#b", "k" * 251])
@alike
def test_a_tag_has_a_key_that_can_be(server: Speaker, key):
    server.post("experiments/set-experiment-tag", experiment_id=server.experiment(), key=key, value="x")


@alike
def test_a_tag_has_a_bounded_value(server: Speaker):
    made = server.experiment()
    server.post("experiments/set-experiment-tag", experiment_id=made, key="a", value="x" * 5000)
    server.post("experiments/set-experiment-tag", experiment_id=made, key="a", value="x" * 5001)
    server.get("experiments/get", experiment_id=made)


@alike
def test_a_note_is_a_tag(server: Speaker):
    made = server.experiment()
    server.post("experiments/set-experiment-tag", experiment_id=made, key="mlflow.note.content", value="# Note")
    server.get("experiments/get", experiment_id=made)
    server.post("experiments/delete-experiment-tag", experiment_id=made, key="mlflow.note.content")
    server.get("experiments/get", experiment_id=made)


@alike
def test_numbers_for_texts_and_unknown_fields(server: Speaker):
    made = server.experiment()
    server.ask("POST", API + "experiments/set-experiment-tag", {"experiment_id": int(made), "key": "a", "value": "1"})
    server.post("experiments/set-experiment-tag", experiment_id=made, key="a", value="1", colour="red")
    server.post("experiments/set-experiment-tag", experiment_id=made, key="a", value=None)
    server.get("experiments/get", experiment_id=made)


@differs("names of trashed experiments", theirs=(400, "RESOURCE_ALREADY_EXISTS"), ours=(200, ""))
def test_the_name_of_a_trashed_experiment(server: Speaker):
    server.post("experiments/delete", experiment_id=server.experiment())
    return server.ask("POST", API + "experiments/create", {"name": f"{server.name} 1"}).outcome


@differs("names of trashed experiments", theirs=(200, ""), ours=(404, "RESOURCE_DOES_NOT_EXIST"))
def test_get_a_trashed_experiment_by_name(server: Speaker):
    server.post("experiments/delete", experiment_id=server.experiment())
    name = quote(f"{server.name} 1")
    return server.ask("GET", f"{API}experiments/get-by-name?experiment_name={name}").outcome
