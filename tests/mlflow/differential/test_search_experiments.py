"""`experiments/search`, asked of MLflow and of us.

Other tests' experiments are there, too: every filter names its own.
"""

from typing import Any

import pytest

from tests.mlflow.compare import alike, differs
from tests.mlflow.speaker import API, Answer, Speaker

OWN = "name LIKE '{}%'"


def three(server: Speaker) -> list[str]:
    """Experiments with tags, one of them in the trash."""
    made = [server.experiment(tags=[{"key": "team", "value": f"Team {number}"}]) for number in range(3)]
    server.post("experiments/set-experiment-tag", experiment_id=made[1], key="dotted.key", value="x")
    return made


def search(server: Speaker, text: str = "", **fields: Any) -> Answer:
    """What is found of the test's own."""
    own = OWN.format(server.name)
    body = {"max_results": 100, "filter": f"{own} AND {text}" if text else own} | fields
    return server.ask("POST", API + "experiments/search", body)


@alike
def test_all_of_a_name(server: Speaker):
    three(server)
    search(server)


@alike
def test_by_get(server: Speaker):
    three(server)
    server.get("experiments/search", max_results=10, filter=OWN.format(server.name))


@pytest.mark.parametrize("operator", ["=", "!=", "LIKE", "ILIKE"])
@alike
def test_a_name(server: Speaker, operator):
    three(server)
    search(server, f"name {operator} '{server.name} 2'")


@pytest.mark.parametrize("name", ["name", "attribute.name", "`name`"])
@alike
def test_spellings_of_an_attribute(server: Speaker, name):
    three(server)
    search(server, f"{name} = '{server.name} 2'")


@pytest.mark.parametrize("operator", [">", "<", ">=", "<=", "=", "!="])
@pytest.mark.parametrize("name", ["creation_time", "last_update_time"])
@alike
def test_a_time(server: Speaker, name, operator):
    three(server)
    search(server, f"{name} {operator} 1000")


@pytest.mark.parametrize("value", ["'abc'", "abc", "'1000'"])
@alike
def test_a_time_against_no_whole_number(server: Speaker, value):
    search(server, f"creation_time > {value}")


@pytest.mark.parametrize("operator", ["= 'Team 1'", "!= 'Team 1'", "LIKE 'Team%'", "ILIKE 'team 2'"])
@alike
def test_a_tag(server: Speaker, operator):
    three(server)
    search(server, f"tags.team {operator}")


@pytest.mark.parametrize("name", ["tag.team", "tags.`team`", 'tags."team"'])
@alike
def test_spellings_of_a_tag(server: Speaker, name):
    three(server)
    search(server, f"{name} = 'Team 1'")


@pytest.mark.parametrize("name", ["tags.dotted.key", "tags.`dotted.key`"])
@pytest.mark.parametrize("operator", ["IS NULL", "IS NOT NULL", "is not null"])
@alike
def test_a_tag_that_is_there_or_not(server: Speaker, name, operator):
    three(server)
    search(server, f"{name} {operator}")


@alike
def test_an_id(server: Speaker):
    first, second, _ = three(server)
    for text in (
        f"experiment_id = '{first}'",
        f"experiment_id IN ('{first}', '{second}')",
        f"experiment_id != '{first}'",
    ):
        search(server, text)


@pytest.mark.parametrize("text", ["experiment_id = 'abc'", "experiment_id LIKE '1%'", "experiment_id > '1'"])
@alike
def test_an_id_that_can_not_be(server: Speaker, text):
    search(server, text)


@pytest.mark.parametrize(
    "text",
    [
        "colour = 'a'",
        "metrics.a > 1",
        "params.a = 'b'",
        "name > 'a'",
        "tags.a > 'b'",
        "name = 5",
        "name =",
    ],
)
@alike
def test_what_makes_no_sense(server: Speaker, text):
    search(server, text)


@alike
def test_several_conditions(server: Speaker):
    three(server)
    search(server, f"tags.team LIKE 'Team%' AND name != '{server.name} 1' AND creation_time > 5")


@pytest.mark.parametrize(
    "order", ["name", "name ASC", "name DESC", "attribute.name", "creation_time DESC", "last_update_time"]
)
@alike
def test_sorted(server: Speaker, order):
    three(server)
    search(server, order_by=[order, "name"])


@alike
def test_sorted_by_id(server: Speaker):
    three(server)
    search(server, order_by=["experiment_id"])
    search(server, order_by=["experiment_id DESC"])


@pytest.mark.parametrize("order", ["colour", "tags.team", "name SIDEWAYS", "metrics.a", ""])
@alike
def test_an_order_that_makes_no_sense(server: Speaker, order):
    search(server, order_by=[order])


@alike
def test_pages(server: Speaker):
    three(server)
    token = search(server, max_results=2, order_by=["name"]).body["next_page_token"]
    search(server, max_results=2, order_by=["name"], page_token=token)


@alike
def test_a_page_token_that_is_none(server: Speaker):
    search(server, page_token="nonsense")


@pytest.mark.parametrize("size", [0, -1, 50_001, None])
@alike
def test_a_page_of_an_odd_size(server: Speaker, size):
    search(server, max_results=size)


@pytest.mark.parametrize("view", ["ACTIVE_ONLY", "DELETED_ONLY", "ALL", 1, 2, 3])
@alike
def test_views(server: Speaker, view):
    server.post("experiments/delete", experiment_id=three(server)[0])
    search(server, view_type=view, order_by=["name"])


@alike
def test_nothing_is_found(server: Speaker):
    search(server, "name = 'nobody is called so'")


@pytest.mark.parametrize("text", ["name IN ('a', 'b')", "name IS NULL", "creation_time > 1.5"])
@differs("a richer search language", theirs=True, ours=False)
def test_what_only_we_understand(server: Speaker, text):
    return search(server, text).outcome == (400, "INVALID_PARAMETER_VALUE")
