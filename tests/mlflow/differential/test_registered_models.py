"""Registered models and aliases, asked of MLflow and of us."""

import pytest

from tests.mlflow.compare import alike, differs
from tests.mlflow.differential.registry import MODELS, model, name_of, tell, version
from tests.mlflow.speaker import Speaker

TAGS = [{"key": "b", "value": "1"}, {"key": "a", "value": ""}]


@alike
def test_create(server: Speaker):
    tell(server, model(server))


@alike
def test_create_with_everything(server: Speaker):
    tell(server, model(server, description="what it is", tags=TAGS))


@alike
def test_create_with_a_tag_twice(server: Speaker):
    tell(server, model(server, tags=[{"key": "a", "value": "1"}, {"key": "a", "value": "2"}]))


@alike
def test_create_twice(server: Speaker):
    for _ in range(2):
        model(server)


@alike
def test_create_without_a_name(server: Speaker):
    server.ask("POST", f"{MODELS}/create", {})
    server.ask("POST", f"{MODELS}/create", {"name": ""})


@pytest.mark.parametrize("name", ["a/b", "a:b", "..", ".", " ", "/", "a/../b"])
@alike
def test_create_with_a_name_that_can_not_be(server: Speaker, name):
    server.ask("POST", f"{MODELS}/create", {"name": name})


@pytest.mark.parametrize("suffix", [" ünï 💥", " a b", ".x", "%2f", "'", '"', "\\", "#", "?", "@x", "<b>"])
@alike
def test_create_with_an_odd_name(server: Speaker, suffix):
    tell(server, model(server, suffix))


@alike
def test_names_differ_by_case(server: Speaker):
    for suffix in ("a", "A"):
        model(server, suffix)


@pytest.mark.parametrize("key", ["", "..", "a/../b", "k" * 251, "ok/then", "a b"])
@alike
def test_create_with_the_key_of_a_tag(server: Speaker, key):
    tell(server, model(server, tags=[{"key": key, "value": "v"}]))


@alike
def test_a_value_of_a_tag_that_is_too_long(server: Speaker):
    model(server, tags=[{"key": "k", "value": "x" * 100_001}])


@alike
def test_a_long_value_of_a_tag(server: Speaker):
    tell(server, model(server, tags=[{"key": "k", "value": "x" * 4000}]))


@alike
def test_get_what_is_not_there(server: Speaker):
    tell(server, "nobody")


@alike
def test_get_without_a_name(server: Speaker):
    server.get("registered-models/get")


@pytest.mark.parametrize("name", ["a/b", "a:b", ".."])
@alike
def test_get_by_a_name_that_can_not_be(server: Speaker, name):
    server.get("registered-models/get", name=name)


@alike
def test_describe(server: Speaker):
    name = model(server, description="old")
    server.ask("PATCH", f"{MODELS}/update", {"name": name, "description": "new"})
    tell(server, name)


@alike
def test_take_the_description_away(server: Speaker):
    name = model(server, description="old")
    server.ask("PATCH", f"{MODELS}/update", {"name": name, "description": ""})
    server.ask("PATCH", f"{MODELS}/update", {"name": name})
    tell(server, name)


@alike
def test_describe_what_is_not_there(server: Speaker):
    server.ask("PATCH", f"{MODELS}/update", {"name": "nobody", "description": "new"})


@alike
def test_rename(server: Speaker):
    name = model(server, description="d", tags=TAGS)
    version(server, name)
    server.ask("POST", f"{MODELS}/alias", {"name": name, "alias": "best", "version": "1"})
    server.post("registered-models/rename", name=name, new_name=name_of(server, " new"))
    tell(server, name)
    tell(server, name_of(server, " new"))
    server.get("model-versions/get", name=name_of(server, " new"), version="1")


@alike
def test_rename_to_a_taken_name(server: Speaker):
    server.post("registered-models/rename", name=model(server), new_name=model(server, " other"))


@alike
def test_rename_to_its_own_name(server: Speaker):
    name = model(server)
    server.post("registered-models/rename", name=name, new_name=name)


@pytest.mark.parametrize("new_name", ["", " ", "a/b", "a:b", ".."])
@alike
def test_rename_to_what_can_not_be(server: Speaker, new_name):
    server.post("registered-models/rename", name=model(server), new_name=new_name)


@alike
def test_rename_what_is_not_there(server: Speaker):
    server.post("registered-models/rename", name="nobody", new_name=name_of(server))


@alike
def test_delete(server: Speaker):
    name = model(server)
    version(server, name)
    server.ask("DELETE", f"{MODELS}/delete", {"name": name})
    tell(server, name)
    server.get("model-versions/get", name=name, version="1")


@alike
def test_a_deleted_name_is_free_and_counts_from_one_again(server: Speaker):
    name = model(server)
    version(server, name)
    server.ask("DELETE", f"{MODELS}/delete", {"name": name})
    model(server)
    version(server, name)


@alike
def test_delete_twice(server: Speaker):
    name = model(server)
    for _ in range(2):
        server.ask("DELETE", f"{MODELS}/delete", {"name": name})


@alike
def test_delete_without_a_name(server: Speaker):
    server.ask("DELETE", f"{MODELS}/delete", {})


@alike
def test_set_a_tag(server: Speaker):
    name = model(server, tags=TAGS)
    for key, value in {"a": "new", "c": "", "d": "4"}.items():
        server.post("registered-models/set-tag", name=name, key=key, value=value)
    tell(server, name)


@pytest.mark.parametrize("key", ["", "..", "k" * 251, "a:b"])
@alike
def test_set_a_tag_with_an_odd_key(server: Speaker, key):
    name = model(server)
    server.post("registered-models/set-tag", name=name, key=key, value="v")
    tell(server, name)


@alike
def test_set_a_tag_without_a_value(server: Speaker):
    name = model(server)
    server.post("registered-models/set-tag", name=name, key="k")
    tell(server, name)


@alike
def test_set_a_tag_of_what_is_not_there(server: Speaker):
    server.post("registered-models/set-tag", name="nobody", key="k", value="v")


@alike
def test_delete_a_tag(server: Speaker):
    name = model(server, tags=TAGS)
    for _ in range(2):
        server.ask("DELETE", f"{MODELS}/delete-tag", {"name": name, "key": "a"})
    tell(server, name)


@alike
def test_delete_a_tag_of_what_is_not_there(server: Speaker):
    server.ask("DELETE", f"{MODELS}/delete-tag", {"name": "nobody", "key": "a"})
    server.ask("DELETE", f"{MODELS}/delete-tag", {"name": "nobody"})


@alike
def test_set_an_alias(server: Speaker):
    name = model(server)
    version(server, name)
    server.post("registered-models/alias", name=name, alias="champion", version="1")
    server.get("registered-models/alias", name=name, alias="champion")
    server.get("model-versions/get", name=name, version="1")
    tell(server, name)


@alike
def test_move_an_alias(server: Speaker):
    name = model(server)
    for number in (version(server, name), version(server, name)):
        server.post("registered-models/alias", name=name, alias="champion", version=number)
    server.get("registered-models/alias", name=name, alias="champion")
    tell(server, name)


@alike
def test_two_aliases_of_one_version(server: Speaker):
    name = model(server)
    version(server, name)
    for alias in ("a", "b"):
        server.post("registered-models/alias", name=name, alias=alias, version="1")
    server.get("registered-models/alias", name=name, alias="b")


@pytest.mark.parametrize("alias", ["", "a b", "a/b", "latest", "Latest", "v1", "V22", "a" * 256, "a@b", "ü", "v", "1"])
@alike
def test_set_an_odd_alias(server: Speaker, alias):
    name = model(server)
    version(server, name)
    server.post("registered-models/alias", name=name, alias=alias, version="1")
    tell(server, name)


@pytest.mark.parametrize("number", ["2", "abc", "", "1.5", "-1", "0"])
@alike
def test_set_an_alias_to_a_version_that_is_not_there(server: Speaker, number):
    name = model(server)
    version(server, name)
    server.post("registered-models/alias", name=name, alias="a", version=number)


@alike
def test_set_an_alias_of_what_is_not_there(server: Speaker):
    server.post("registered-models/alias", name="nobody", alias="a", version="1")


@alike
def test_get_an_alias_that_is_not_there(server: Speaker):
    server.get("registered-models/alias", name=model(server), alias="nobody")
    server.get("registered-models/alias", name="nobody", alias="a")


@alike
def test_get_without_an_alias(server: Speaker):
    server.get("registered-models/alias", name=model(server))


@pytest.mark.parametrize("alias", ["latest", "LATEST"])
@alike
def test_latest_is_the_newest_version(server: Speaker, alias):
    name = model(server)
    server.get("registered-models/alias", name=name, alias=alias)
    for _ in range(2):
        version(server, name)
    server.get("registered-models/alias", name=name, alias=alias)


@alike
def test_delete_an_alias(server: Speaker):
    name = model(server)
    version(server, name)
    server.post("registered-models/alias", name=name, alias="a", version="1")
    for _ in range(2):
        server.ask("DELETE", f"{MODELS}/alias", {"name": name, "alias": "a"})
    server.get("registered-models/alias", name=name, alias="a")
    tell(server, name)


@alike
def test_delete_an_alias_of_what_is_not_there(server: Speaker):
    server.ask("DELETE", f"{MODELS}/alias", {"name": "nobody", "alias": "a"})


@alike
def test_deleting_a_version_takes_its_aliases_away(server: Speaker):
    name = model(server)
    version(server, name)
    server.post("registered-models/alias", name=name, alias="a", version="1")
    server.ask("DELETE", "/api/2.0/mlflow/model-versions/delete", {"name": name, "version": "1"})
    server.get("registered-models/alias", name=name, alias="a")
    tell(server, name)


@differs("names of registered models", theirs=(200, ""), ours=(400, "INVALID_PARAMETER_VALUE"))
def test_a_name_with_a_control_character(server: Speaker):
    return server.ask("POST", f"{MODELS}/create", {"name": name_of(server, "\x1b[31m")}).outcome
