"""Logged models themselves, asked of MLflow and of us."""

import pytest

from tests.mlflow.compare import alike, differs
from tests.mlflow.differential.logged import MODELS, create, model, search, tell
from tests.mlflow.speaker import Speaker


@alike
def test_create(server: Speaker):
    tell(server, model(server, name="m"))


@alike
def test_create_with_everything(server: Speaker):
    experiment = server.experiment()
    run = server.run(experiment)
    params, tags = [{"key": "b", "value": "1"}, {"key": "a", "value": ""}], [{"key": "t", "value": "x"}]
    tell(server, model(server, experiment, name="m", model_type="tree", source_run_id=run, params=params, tags=tags))


@alike
def test_create_without_a_name(server: Speaker):
    tell(server, model(server))


@alike
def test_create_without_an_experiment(server: Speaker):
    server.ask("POST", MODELS, {"name": "m"})


@alike
def test_create_in_an_experiment_that_is_not_there(server: Speaker):
    create(server, "999999")
    create(server, "abc")


@alike
def test_create_in_a_trashed_experiment(server: Speaker):
    experiment = server.experiment()
    server.post("experiments/delete", experiment_id=experiment)
    create(server, experiment)


@pytest.mark.parametrize("name", ["a/b", "a:b", "a.b", "a%b", 'a"b', "a'b"])
@alike
def test_create_with_a_name_that_can_not_be(server: Speaker, name):
    create(server, name=name)


@pytest.mark.parametrize("name", ["ünï 💥", "a b", " ", "<x>"])
@alike
def test_create_with_an_odd_name(server: Speaker, name):
    tell(server, model(server, name=name))


@alike
def test_two_models_of_one_name(server: Speaker):
    experiment = server.experiment()
    for _ in range(2):
        model(server, experiment, name="same")


@alike
def test_get_what_is_not_there(server: Speaker):
    tell(server, "m-" + "0" * 32)
    tell(server, "nobody")


@pytest.mark.parametrize(
    "status", [1, 2, 3, "LOGGED_MODEL_READY", "LOGGED_MODEL_UPLOAD_FAILED", "LOGGED_MODEL_PENDING"]
)
@alike
def test_finalize(server: Speaker, status):
    made = model(server, name="m")
    server.ask("PATCH", f"{MODELS}/{made}", {"model_id": made, "status": status})
    tell(server, made)


@pytest.mark.parametrize("status", [0, 9, "nope"])
@alike
def test_finalize_with_a_status_that_nobody_knows(server: Speaker, status):
    made = model(server, name="m")
    server.ask("PATCH", f"{MODELS}/{made}", {"model_id": made, "status": status})


@alike
def test_finalize_without_a_status(server: Speaker):
    made = model(server)
    server.ask("PATCH", f"{MODELS}/{made}", {"model_id": made})


@alike
def test_finalize_what_is_not_there(server: Speaker):
    server.ask("PATCH", f"{MODELS}/m-0", {"model_id": "m-0", "status": 2})


@alike
def test_finalize_again(server: Speaker):
    made = model(server, name="m")
    for status in (2, 3, 1):
        server.ask("PATCH", f"{MODELS}/{made}", {"model_id": made, "status": status})


@alike
def test_params(server: Speaker):
    made = model(server, name="m")
    for key in ("b", "a"):
        server.ask("POST", f"{MODELS}/{made}/params", {"model_id": made, "params": [{"key": key, "value": "1"}]})
    tell(server, made)


@alike
def test_no_params(server: Speaker):
    made = model(server, name="m")
    server.ask("POST", f"{MODELS}/{made}/params", {"model_id": made})
    tell(server, made)


@alike
def test_params_of_what_is_not_there(server: Speaker):
    server.ask("POST", f"{MODELS}/m-0/params", {"model_id": "m-0", "params": [{"key": "a", "value": "1"}]})


@alike
def test_tags(server: Speaker):
    made = model(server, name="m", tags=[{"key": "a", "value": "1"}])
    server.ask("PATCH", f"{MODELS}/{made}/tags", {"tags": [{"key": "a", "value": "2"}, {"key": "b", "value": "3"}]})
    tell(server, made)


@alike
def test_a_tag_twice(server: Speaker):
    made = model(server, name="m")
    server.ask("PATCH", f"{MODELS}/{made}/tags", {"tags": [{"key": "a", "value": "1"}, {"key": "a", "value": "2"}]})
    tell(server, made)


@alike
def test_no_tags(server: Speaker):
    server.ask("PATCH", f"{MODELS}/{model(server)}/tags", {"tags": []})
    server.ask("PATCH", f"{MODELS}/{model(server)}/tags", {})


@alike
def test_tags_of_what_is_not_there(server: Speaker):
    server.ask("PATCH", f"{MODELS}/m-0/tags", {"tags": [{"key": "a", "value": "1"}]})


@alike
def test_a_tag_removed(server: Speaker):
    made = model(server, name="m", tags=[{"key": "a", "value": "1"}])
    for _ in range(2):
        server.ask("DELETE", f"{MODELS}/{made}/tags/a", {})
    tell(server, made)
    server.ask("DELETE", f"{MODELS}/m-0/tags/a", {})


@alike
def test_delete(server: Speaker):
    made = model(server, name="m")
    for _ in range(2):
        server.ask("DELETE", f"{MODELS}/{made}", {})
    tell(server, made)
    server.ask("GET", f"{MODELS}/{made}?allow_deleted=true")
    server.ask("GET", f"{MODELS}/{made}?allow_deleted=false")


@alike
def test_delete_what_is_not_there(server: Speaker):
    server.ask("DELETE", f"{MODELS}/m-0", {})


@alike
def test_a_model_of_a_trashed_experiment_is_still_told(server: Speaker):
    experiment = server.experiment()
    made = model(server, experiment, name="m")
    server.post("experiments/delete", experiment_id=experiment)
    tell(server, made)
    search(server, experiment)


@differs("codes of errors", theirs=(400, "BAD_REQUEST"), ours=(400, "RESOURCE_ALREADY_EXISTS"))
def test_a_param_again(server: Speaker):
    made = model(server, params=[{"key": "a", "value": "1"}])
    body = {"model_id": made, "params": [{"key": "a", "value": "2"}]}
    return server.ask("POST", f"{MODELS}/{made}/params", body).outcome


@pytest.mark.parametrize("kind", ["params", "tags"])
@differs("codes of errors", theirs=(400, "BAD_REQUEST"), ours=(400, "INVALID_PARAMETER_VALUE"))
def test_create_with_a_key_twice(server: Speaker, kind):
    return create(server, **{kind: [{"key": "a", "value": "1"}, {"key": "a", "value": "2"}]}).outcome


@differs("models in the trash", theirs=200, ours=400)
def test_a_deleted_model_takes_no_tags(server: Speaker):
    made = model(server)
    server.ask("DELETE", f"{MODELS}/{made}", {})
    return server.ask("PATCH", f"{MODELS}/{made}/tags", {"tags": [{"key": "a", "value": "1"}]}).status


@differs("models in the trash", theirs=200, ours=400)
def test_a_model_of_a_trashed_experiment_takes_no_tags(server: Speaker):
    experiment = server.experiment()
    made = model(server, experiment)
    server.post("experiments/delete", experiment_id=experiment)
    return server.ask("PATCH", f"{MODELS}/{made}/tags", {"tags": [{"key": "a", "value": "1"}]}).status


@pytest.mark.parametrize("kind", ["params", "tags"])
@differs("keys of nothing", theirs=200, ours=400)
def test_create_with_an_empty_key(server: Speaker, kind):
    return create(server, **{kind: [{"value": "1"}]}).status


@differs("long names of models", theirs=200, ours=400)
def test_create_with_a_long_name(server: Speaker):
    return create(server, name="x" * 501).status


@differs("the model of an address", theirs=400, ours=200)
def test_params_without_the_id_in_the_body(server: Speaker):
    return server.ask("POST", f"{MODELS}/{model(server)}/params", {"params": []}).status
