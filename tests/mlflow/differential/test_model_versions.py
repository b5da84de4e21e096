"""Versions of registered models, asked of MLflow and of us."""

import pytest

from tests.mlflow.compare import alike
from tests.mlflow.differential.registry import (
    VERSIONS,
    create_version,
    model,
    tell,
    tell_version,
    version,
)
from tests.mlflow.speaker import Speaker

TAGS = [{"key": "b", "value": "1"}, {"key": "a", "value": ""}]
STAGES = ["None", "Staging", "Production", "Archived", "staging", "PRODUCTION"]


@alike
def test_create(server: Speaker):
    name = model(server)
    tell_version(server, name, version(server, name))
    tell(server, name)


@alike
def test_create_with_everything(server: Speaker):
    name, run = model(server), server.run()
    number = version(server, name, run_id=run, run_link="https://x/run", description="d", tags=TAGS)
    tell_version(server, name, number)


@alike
def test_versions_count_up(server: Speaker):
    name = model(server)
    for _ in range(3):
        version(server, name)
    tell(server, name)


@alike
def test_a_number_is_used_once(server: Speaker):
    name = model(server)
    for _ in range(2):
        number = version(server, name)
        server.ask("DELETE", f"{VERSIONS}/delete", {"name": name, "version": number})
    version(server, name)


@alike
def test_create_of_what_is_not_there(server: Speaker):
    create_version(server, "nobody")


@alike
def test_get_what_is_not_there(server: Speaker):
    name = model(server)
    for number in ("1", "abc", "", "-1", "1.5", "9" * 15):
        tell_version(server, name, number)
    tell_version(server, "nobody", "1")


@alike
def test_get_without_a_version(server: Speaker):
    server.get("model-versions/get", name=model(server))


@alike
def test_describe(server: Speaker):
    name = model(server)
    number = version(server, name, description="old")
    server.ask("PATCH", f"{VERSIONS}/update", {"name": name, "version": number, "description": "new"})
    tell_version(server, name, number)


@alike
def test_take_the_description_away(server: Speaker):
    name = model(server)
    number = version(server, name, description="old")
    server.ask("PATCH", f"{VERSIONS}/update", {"name": name, "version": number})
    tell_version(server, name, number)
    server.ask("PATCH", f"{VERSIONS}/update", {"name": name, "version": number, "description": ""})
    tell_version(server, name, number)


@alike
def test_describe_what_is_not_there(server: Speaker):
    name = model(server)
    server.ask("PATCH", f"{VERSIONS}/update", {"name": name, "version": "1", "description": "new"})
    server.ask("PATCH", f"{VERSIONS}/update", {"name": name, "description": "new"})


@alike
def test_delete(server: Speaker):
    name = model(server)
    number = version(server, name, tags=TAGS)
    for _ in range(2):
        server.ask("DELETE", f"{VERSIONS}/delete", {"name": name, "version": number})
    tell_version(server, name, number)
    tell(server, name)


@alike
def test_delete_what_is_not_there(server: Speaker):
    name = model(server)
    server.ask("DELETE", f"{VERSIONS}/delete", {"name": name, "version": "1"})
    server.ask("DELETE", f"{VERSIONS}/delete", {"name": name, "version": "x"})
    server.ask("DELETE", f"{VERSIONS}/delete", {"name": name})


@alike
def test_a_deleted_version_takes_nothing(server: Speaker):
    name = model(server)
    number = version(server, name)
    server.ask("DELETE", f"{VERSIONS}/delete", {"name": name, "version": number})
    server.post("model-versions/set-tag", name=name, version=number, key="k", value="v")
    server.post("model-versions/transition-stage", name=name, version=number, stage="Staging")
    server.post("registered-models/alias", name=name, alias="a", version=number)


@pytest.mark.parametrize("stage", STAGES)
@alike
def test_move_to_a_stage(server: Speaker, stage):
    name = model(server)
    number = version(server, name)
    server.post("model-versions/transition-stage", name=name, version=number, stage=stage)
    tell_version(server, name, number)
    tell(server, name)


@pytest.mark.parametrize("stage", ["", "nope", "Deleted_Internal", " Staging"])
@alike
def test_move_to_a_stage_that_is_none(server: Speaker, stage):
    name = model(server)
    server.post("model-versions/transition-stage", name=name, version=version(server, name), stage=stage)


@pytest.mark.parametrize("stage", ["Staging", "Production"])
@alike
def test_archive_those_that_were_there(server: Speaker, stage):
    name = model(server)
    first, second = version(server, name), version(server, name)
    for number in (first, second):
        server.post(
            "model-versions/transition-stage",
            name=name, version=number, stage=stage, archive_existing_versions=True,
        )  # fmt: skip
    tell_version(server, name, first)
    tell(server, name)


@alike
def test_two_versions_in_one_stage(server: Speaker):
    name = model(server)
    for number in (version(server, name), version(server, name)):
        server.post("model-versions/transition-stage", name=name, version=number, stage="Production")
    tell(server, name)


@alike
def test_move_what_is_not_there(server: Speaker):
    server.post("model-versions/transition-stage", name=model(server), version="1", stage="Staging")


@pytest.mark.parametrize("stages", [["Production"], ["None", "Staging"], ["nope"], [], ["production"]])
@alike
def test_latest_versions_in_stages(server: Speaker, stages):
    name = model(server)
    for stage in ("None", "Staging", "Production", "Production"):
        server.post("model-versions/transition-stage", name=name, version=version(server, name), stage=stage)
    server.post("registered-models/get-latest-versions", name=name, stages=stages)
    server.get("registered-models/get-latest-versions", name=name, stages=stages)


@alike
def test_latest_versions_are_in_the_order_of_their_stages(server: Speaker):
    name = model(server)
    for stage in ("Archived", "Production", "Archived", "None"):
        server.post("model-versions/transition-stage", name=name, version=version(server, name), stage=stage)
    latest = server.get("registered-models/get-latest-versions", name=name)["model_versions"]
    model_ = server.get("registered-models/get", name=name)["registered_model"]
    server.told += [[item["version"] for item in found] for found in (latest, model_["latest_versions"])]


@alike
def test_set_a_tag(server: Speaker):
    name = model(server)
    number = version(server, name, tags=TAGS)
    for key, value in {"a": "new", "c": "", "d": "4"}.items():
        server.post("model-versions/set-tag", name=name, version=number, key=key, value=value)
    tell_version(server, name, number)


@pytest.mark.parametrize("key", ["", "..", "k" * 251, "a:b", "a/b"])
@alike
def test_set_a_tag_with_an_odd_key(server: Speaker, key):
    name = model(server)
    number = version(server, name)
    server.post("model-versions/set-tag", name=name, version=number, key=key, value="v")
    tell_version(server, name, number)


@alike
def test_a_value_of_a_tag_that_is_too_long(server: Speaker):
    name = model(server)
    server.post("model-versions/set-tag", name=name, version=version(server, name), key="k", value="x" * 100_001)


@alike
def test_set_a_tag_of_what_is_not_there(server: Speaker):
    server.post("model-versions/set-tag", name=model(server), version="7", key="k", value="v")


@alike
def test_delete_a_tag(server: Speaker):
    name = model(server)
    number = version(server, name, tags=TAGS)
    for _ in range(2):
        server.ask("DELETE", f"{VERSIONS}/delete-tag", {"name": name, "version": number, "key": "a"})
    tell_version(server, name, number)
    server.ask("DELETE", f"{VERSIONS}/delete-tag", {"name": name, "version": "9", "key": "a"})


@alike
def test_versions_show_in_the_model(server: Speaker):
    name = model(server)
    for number in (version(server, name, description="d", tags=TAGS), version(server, name)):
        server.post("model-versions/set-tag", name=name, version=number, key="n", value=number)
    tell(server, name)
