"""Searches of logged models, asked of MLflow and of us."""

import pytest

from tests.mlflow.compare import alike, differs
from tests.mlflow.differential.logged import MODELS, model, search, three
from tests.mlflow.speaker import Speaker


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


@differs("models that a run took", theirs=False, ours=True)
def test_search_tells_the_models_that_a_run_took(server: Speaker):
    run = server.run()
    server.post("runs/log-inputs", run_id=run, models=[{"model_id": "m-a"}])
    experiment = server.tell(run)["run"]["info"]["experiment_id"]
    return "model_inputs" in server.post("runs/search", experiment_ids=[experiment])["runs"][0]["inputs"]


@differs("what breaks MLflow", theirs=500, ours=200)
def test_search_by_a_time_with_its_kind(server: Speaker):
    return search(server, filter="attributes.creation_timestamp > 5").status
