"""Orders, pages and views of `runs/search`, asked of MLflow and of us."""

import pytest

from tests.mlflow.compare import alike, differs
from tests.mlflow.differential.searching import search, three
from tests.mlflow.speaker import API, Speaker


@pytest.mark.parametrize("direction", ["", " ASC", " DESC", " asc", " desc"])
@alike
def test_sorted_by_a_metric(server: Speaker, direction):
    search(server, order_by=[f"metrics.loss{direction}"])


@alike
def test_sorted_by_a_metric_of_an_odd_name(server: Speaker):
    search(server, order_by=["metrics.`val/acc` DESC"])
    search(server, order_by=['metrics."val/acc"'])


@pytest.mark.parametrize("key", ["params.lr", "tags.team", "tag.`dotted.key`", "attributes.status", "param.lr"])
@alike
def test_sorted_by_a_text(server: Speaker, key):
    search(server, order_by=[f"{key} DESC"])
    search(server, order_by=[key])


@pytest.mark.parametrize(
    "key", ["start_time", "attributes.start_time", "end_time", "created", "Created", "run_id", "status"]
)
@alike
def test_sorted_by_an_attribute(server: Speaker, key):
    answer = server.ask("POST", API + "runs/search", {"experiment_ids": [three(server)], "order_by": [key]})
    if key == "run_id":
        server.told[-1] = sorted(run["info"]["run_name"] for run in answer.body["runs"])


@alike
def test_sorted_by_name(server: Speaker):
    search(server, order_by=["attributes.run_name"])


@alike
def test_sorted_by_two(server: Speaker):
    search(server, order_by=["tags.nothing", "metrics.loss DESC"])


@alike
def test_sorted_with_numbers_that_are_none(server: Speaker):
    experiment = server.experiment()
    for number, value in enumerate([1, "NaN", 3, None]):
        run = server.run(experiment, start_time=1000 + number)
        if value is not None:
            server.post("runs/log-metric", run_id=run, key="m", value=value, timestamp=1)
    for order in ("metrics.m", "metrics.m DESC"):
        search(server, experiment, order_by=[order])


@alike
def test_ties_are_broken_by_start(server: Speaker):
    search(server, order_by=["params.`a b`"])


@pytest.mark.parametrize("order", ["colour", "metrics.loss SIDEWAYS", "things.a", "metrics.loss, params.lr", ""])
@alike
def test_an_order_that_makes_no_sense(server: Speaker, order):
    search(server, order_by=[order])


@alike
def test_pages(server: Speaker):
    experiment, token = three(server), ""
    for _ in range(3):
        more = {"page_token": token} if token else {}
        token = search(server, experiment, max_results=1, **more).body.get("next_page_token", "")


@alike
def test_pages_of_an_order(server: Speaker):
    experiment, token = three(server), ""
    for _ in range(2):
        more = {"page_token": token} if token else {}
        token = search(server, experiment, max_results=2, order_by=["metrics.loss DESC"], **more).body.get(
            "next_page_token", ""
        )


@alike
def test_a_page_token_that_is_none(server: Speaker):
    search(server, page_token="nonsense")


@pytest.mark.parametrize("size", [0, -1, 50_001])
@alike
def test_a_page_of_an_odd_size(server: Speaker, size):
    search(server, max_results=size)


@alike
def test_a_page_of_a_size_in_text(server: Speaker):
    search(server, max_results="2")


@pytest.mark.parametrize("view", ["ACTIVE_ONLY", "DELETED_ONLY", "ALL", 1, 2, 3])
@alike
def test_views(server: Speaker, view):
    experiment = three(server)
    run = search(server, experiment).body["runs"][0]["info"]["run_id"]
    server.post("runs/delete", run_id=run)
    search(server, experiment, run_view_type=view)


@differs("filters and orders of nothing", theirs=200, ours=400)
def test_an_order_without_a_key(server: Speaker):
    return search(server, order_by=["metrics."]).status
