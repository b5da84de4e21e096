"""Logged models, asked of MLflow and of us."""

import json
from typing import Any

import pytest

from tests.mlflow.compare import alike, differs
from tests.mlflow.speaker import API, Answer, Speaker

MODELS = API + "logged-models"


def create(server: Speaker, experiment: str | None = None, **fields: Any) -> Answer:
    return server.ask("POST", MODELS, {"experiment_id": experiment or server.experiment()} | fields)


def model(server: Speaker, experiment: str | None = None, **fields: Any) -> str:
    """The id of a new one."""
    return str(create(server, experiment, **fields).body["model"]["info"]["model_id"])


def tell(server: Speaker, model_id: str) -> Any:
    return server.ask("GET", f"{MODELS}/{model_id}").body


def score(server: Speaker, run: str, model_id: str, value: Any = 0.5, **fields: Any) -> Answer:
    point = {"run_id": run, "key": "acc", "value": value, "timestamp": 5, "step": 1, "model_id": model_id}
    return server.ask("POST", API + "runs/log-metric", point | fields)


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


@alike
def test_a_score(server: Speaker):
    experiment = server.experiment()
    run, made = server.run(experiment), model(server, experiment, name="m")
    score(server, run, made)
    tell(server, made)
    server.tell(run)


@alike
def test_a_score_on_data(server: Speaker):
    experiment = server.experiment()
    run, made = server.run(experiment), model(server, experiment, name="m")
    score(server, run, made, dataset_name="digits", dataset_digest="d1")
    tell(server, made)


@alike
def test_scores_in_a_batch(server: Speaker):
    experiment = server.experiment()
    run, made = server.run(experiment), model(server, experiment, name="m")
    points = [{"key": key, "value": 1, "timestamp": 5, "step": 1, "model_id": made} for key in ("b", "a")]
    server.post("runs/log-batch", run_id=run, metrics=[*points, {"key": "c", "value": 1, "timestamp": 5}])
    tell(server, made)
    server.tell(run)


@alike
def test_a_score_twice(server: Speaker):
    experiment = server.experiment()
    run, made = server.run(experiment), model(server, experiment, name="m")
    for _ in range(2):
        score(server, run, made)
    tell(server, made)


@alike
def test_scores_in_the_order_of_logging(server: Speaker):
    experiment = server.experiment()
    run, made = server.run(experiment), model(server, experiment, name="m")
    for key, step in {"b": 3, "a": 1, "c": 2}.items():
        score(server, run, made, key=key, step=step, timestamp=step)
    server.told.append([metric["key"] for metric in tell(server, made)["model"]["data"]["metrics"]])


@pytest.mark.parametrize("half", [{"dataset_name": "d"}, {"dataset_digest": "d"}])
@alike
def test_a_score_on_half_a_dataset(server: Speaker, half):
    experiment = server.experiment()
    score(server, server.run(experiment), model(server, experiment), **half)
    server.ask(
        "POST",
        API + "runs/log-metric",
        {"run_id": server.run(experiment), "key": "a", "value": 1, "timestamp": 1} | half,
    )


@alike
def test_outputs(server: Speaker):
    run = server.run()
    server.post("runs/outputs", run_id=run, models=[{"model_id": "m-b", "step": 3}, {"model_id": "m-a"}])
    server.tell(run)
    server.post("runs/search", experiment_ids=[server.tell(run)["run"]["info"]["experiment_id"]])


@alike
def test_no_outputs(server: Speaker):
    run = server.run()
    server.post("runs/outputs", run_id=run, models=[])
    server.post("runs/outputs", run_id=run)
    server.post("runs/outputs", models=[{"model_id": "m-a"}])
    server.post("runs/outputs", run_id="nobody", models=[{"model_id": "m-a"}])


@alike
def test_inputs(server: Speaker):
    run = server.run()
    for _ in range(2):
        server.post("runs/log-inputs", run_id=run, models=[{"model_id": "m-a"}, {"model_id": "m-b"}])
    server.tell(run)


@alike
def test_outputs_of_a_trashed_run(server: Speaker):
    run = server.run()
    server.post("runs/delete", run_id=run)
    server.post("runs/outputs", run_id=run, models=[{"model_id": "m-a"}])


def description(**fields: Any) -> str:
    said = {"run_id": "r", "artifact_path": "m", "utc_time_created": "t", "model_uuid": "u", "flavors": {"f": {"a": 1}}}
    return json.dumps(said | fields)


@alike
def test_the_history_of_models(server: Speaker):
    run = server.run()
    for said in ({"artifact_path": "one"}, {"artifact_path": "two"}, {"model_uuid": None}):
        server.post("runs/log-model", run_id=run, model_json=description(**said))
    server.tell(run)


@pytest.mark.parametrize("text", ["", "x", "{}", '{"flavors": {}}'])
@alike
def test_the_history_of_what_is_no_model(server: Speaker, text):
    server.post("runs/log-model", run_id=server.run(), model_json=text)


@alike
def test_the_history_of_a_run_that_is_not_there(server: Speaker):
    server.post("runs/log-model", run_id="nobody", model_json=description())
    server.post("runs/log-model", model_json=description())


@alike
def test_files(server: Speaker):
    made = model(server, name="m")
    place = tell(server, made)["model"]["info"]["artifact_uri"].removeprefix("mlflow-artifacts:/")
    for path in ("MLmodel", "data/model.pkl"):
        server.ask("PUT", f"/api/2.0/mlflow-artifacts/artifacts/{place}/{path}", b"x", "text/plain")
    server.ask("GET", f"{MODELS}/{made}/artifacts/directories")
    server.ask("GET", f"{MODELS}/{made}/artifacts/directories?artifact_directory_path=data")
    server.ask("GET", f"/ajax-api/2.0/mlflow/logged-models/{made}/artifacts/files?artifact_file_path=MLmodel")
    server.ask("GET", f"/api/2.0/mlflow-artifacts/artifacts/{place}/data/model.pkl")


@alike
def test_no_files(server: Speaker):
    server.ask("GET", f"{MODELS}/{model(server)}/artifacts/directories")
    server.ask("GET", f"{MODELS}/m-0/artifacts/directories")
    server.ask("GET", f"{MODELS}/{model(server)}/artifacts/directories?artifact_directory_path=../x")


def three(server: Speaker) -> str:
    """An experiment with models that differ in everything."""
    experiment = server.experiment()
    run = server.run(experiment)
    for number, name in enumerate(["alpha", "Beta", "gamma delta"]):
        made = model(
            server,
            experiment,
            name=name,
            model_type=f"type{number}",
            source_run_id=run,
            params=[{"key": "lr", "value": f"0.{number}"}],
            tags=[{"key": "team", "value": f"Team {name}"}],
        )
        score(server, run, made, number, dataset_name=f"data{number}", dataset_digest="d")
    return experiment


def search(server: Speaker, experiment: str | None = None, **fields: Any) -> Answer:
    """What is found; by name when no order is said, for their times are all the same."""
    order = [] if "order_by" in fields else [{"field_name": "name", "ascending": True}]
    body = {"experiment_ids": [experiment or three(server)], "order_by": order} | fields
    return server.ask("POST", MODELS + "/search", body)


@alike
def test_search_all(server: Speaker):
    search(server)


@alike
def test_search_nothing(server: Speaker):
    search(server, server.experiment())
    search(server, "999999")


@alike
def test_search_without_an_experiment(server: Speaker):
    server.ask("POST", MODELS + "/search", {})
    server.ask("POST", MODELS + "/search", {"experiment_ids": []})


@pytest.mark.parametrize(
    "text",
    [
        "name = 'Beta'",
        "name != 'Beta'",
        "name LIKE '%a'",
        "name ILIKE 'beta'",
        "name IN ('alpha', 'Beta')",
        "name NOT IN ('alpha')",
    ],
)
@alike
def test_search_by_name(server: Speaker, text):
    search(server, filter=text)


@pytest.mark.parametrize(
    "text", ["attributes.name = 'Beta'", "model_type = 'type1'", "attributes.model_type LIKE 'type%'"]
)
@alike
def test_search_by_an_attribute(server: Speaker, text):
    search(server, filter=text)


@alike
def test_search_by_source(server: Speaker):
    experiment = server.experiment()
    run = server.run(experiment)
    model(server, experiment, name="m", source_run_id=run)
    search(server, experiment, filter=f"source_run_id = '{run}'")
    search(server, experiment, filter="source_run_id = 'nobody'")


@alike
def test_search_by_id(server: Speaker):
    experiment = server.experiment()
    made = model(server, experiment, name="m")
    search(server, experiment, filter=f"model_id = '{made}'")


@pytest.mark.parametrize("name", ["creation_time", "creation_timestamp", "last_updated_timestamp"])
@pytest.mark.parametrize("operator", [">", "<", ">=", "!="])
@alike
def test_search_by_time(server: Speaker, name, operator):
    search(server, filter=f"{name} {operator} 1000")


@pytest.mark.parametrize(
    "text",
    ["params.lr = '0.1'", "params.lr != '0.1'", "params.lr LIKE '0.%'", "params.`lr` = '0.2'", "params.lr = 0.1"],
)
@alike
def test_search_by_a_param(server: Speaker, text):
    search(server, filter=text)


@pytest.mark.parametrize("text", ["tags.team = 'Team Beta'", "tags.team ILIKE 'team%'", "tags.nothing = 'a'"])
@alike
def test_search_by_a_tag(server: Speaker, text):
    search(server, filter=text)


@pytest.mark.parametrize("operator", ["=", "!=", "<", "<=", ">", ">="])
@alike
def test_search_by_a_metric(server: Speaker, operator):
    search(server, filter=f"metrics.acc {operator} 1")


@alike
def test_search_by_several(server: Speaker):
    search(server, filter="metrics.acc > 0 AND params.lr LIKE '0.%' and tags.team != 'Team Beta'")


@pytest.mark.parametrize("text", ["name > 'a'", "metrics.acc LIKE 'a'", "things.a = 'b'", "name"])
@alike
def test_search_by_what_makes_no_sense(server: Speaker, text):
    search(server, filter=text)


@alike
def test_search_by_data(server: Speaker):
    experiment = three(server)
    search(server, experiment, datasets=[{"dataset_name": "data1", "dataset_digest": "d"}])
    search(server, experiment, datasets=[{"dataset_name": "data1", "dataset_digest": "other"}])
    search(server, experiment, filter="metrics.acc >= 1", datasets=[{"dataset_name": "data2", "dataset_digest": "d"}])


@alike
def test_search_by_data_without_a_name(server: Speaker):
    search(server, datasets=[{}])


@pytest.mark.parametrize("ascending", [True, False])
@pytest.mark.parametrize("field", ["name", "model_type", "metrics.acc"])
@alike
def test_search_in_an_order(server: Speaker, field, ascending):
    search(server, order_by=[{"field_name": field, "ascending": ascending}])


@alike
def test_search_in_the_order_of_scores_on_data(server: Speaker):
    term = {"field_name": "metrics.acc", "dataset_name": "data1", "dataset_digest": "d", "ascending": True}
    search(server, order_by=[term, {"field_name": "name", "ascending": True}])


@alike
def test_search_in_two_orders(server: Speaker):
    search(server, order_by=[{"field_name": "metrics.nothing"}, {"field_name": "name", "ascending": False}])


@pytest.mark.parametrize("field", ["colour", "params.lr", "tags.team"])
@alike
def test_search_in_an_order_that_makes_no_sense(server: Speaker, field):
    search(server, order_by=[{"field_name": field}])


@alike
def test_search_in_pages(server: Speaker):
    experiment = three(server)
    token = search(server, experiment, max_results=2).body["next_page_token"]
    search(server, experiment, max_results=2, page_token=token)


@alike
def test_search_passes_over_the_deleted(server: Speaker):
    experiment = server.experiment()
    server.ask("DELETE", f"{MODELS}/{model(server, experiment, name='gone')}", {})
    model(server, experiment, name="there")
    search(server, experiment)


@differs("numbers of models that are none", theirs=0.0, ours="NaN")
def test_a_score_that_is_no_number(server: Speaker):
    experiment = server.experiment()
    run, made = server.run(experiment), model(server, experiment)
    score(server, run, made, "NaN")
    return tell(server, made)["model"]["data"]["metrics"][0]["value"]


@differs("codes of errors", theirs=(400, "BAD_REQUEST"), ours=(400, "RESOURCE_ALREADY_EXISTS"))
def test_a_param_again(server: Speaker):
    made = model(server, params=[{"key": "a", "value": "1"}])
    body = {"model_id": made, "params": [{"key": "a", "value": "2"}]}
    return server.ask("POST", f"{MODELS}/{made}/params", body).outcome


@pytest.mark.parametrize("kind", ["params", "tags"])
@differs("codes of errors", theirs=(400, "BAD_REQUEST"), ours=(400, "INVALID_PARAMETER_VALUE"))
def test_create_with_a_key_twice(server: Speaker, kind):
    return create(server, **{kind: [{"key": "a", "value": "1"}, {"key": "a", "value": "2"}]}).outcome


@differs("codes of errors", theirs=(400, "BAD_REQUEST"), ours=(400, "INVALID_PARAMETER_VALUE"))
def test_a_score_of_a_model_that_is_not_there(server: Speaker):
    return score(server, server.run(), "m-nobody").outcome


@differs("codes of errors", theirs=(400, "BAD_REQUEST"), ours=(400, "RESOURCE_ALREADY_EXISTS"))
def test_outputs_again(server: Speaker):
    body = {"run_id": server.run(), "models": [{"model_id": "m-a"}]}
    server.ask("POST", API + "runs/outputs", body)
    return server.ask("POST", API + "runs/outputs", body).outcome


@differs("batches with an unknown model", theirs=["m"], ours=[])
def test_a_batch_with_a_model_that_is_not_there(server: Speaker):
    run = server.run()
    server.post(
        "runs/log-batch", run_id=run, metrics=[{"key": "m", "value": 1, "timestamp": 1, "model_id": "m-nobody"}]
    )
    return [metric["key"] for metric in server.tell(run)["run"]["data"].get("metrics", [])]


@differs("scores on other data", theirs=400, ours=200)
def test_a_score_at_the_same_step_on_other_data(server: Speaker):
    experiment = server.experiment()
    run, made = server.run(experiment), model(server, experiment)
    score(server, run, made, dataset_name="a", dataset_digest="d")
    return score(server, run, made, dataset_name="b", dataset_digest="d").status


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


@pytest.mark.parametrize("text", ["[]", "5"])
@differs("what breaks MLflow", theirs=500, ours=400)
def test_the_history_of_what_is_no_object(server: Speaker, text):
    return server.ask("POST", API + "runs/log-model", {"run_id": server.run(), "model_json": text}).status


@differs("models that a run took", theirs=False, ours=True)
def test_search_tells_the_models_that_a_run_took(server: Speaker):
    run = server.run()
    server.post("runs/log-inputs", run_id=run, models=[{"model_id": "m-a"}])
    experiment = server.tell(run)["run"]["info"]["experiment_id"]
    return "model_inputs" in server.post("runs/search", experiment_ids=[experiment])["runs"][0]["inputs"]


@differs("what breaks MLflow", theirs=500, ours=200)
def test_search_by_a_time_with_its_kind(server: Speaker):
    return search(server, filter="attributes.creation_timestamp > 5").status
