"""Searches of registered models and their versions, asked of MLflow and of us."""

from typing import Any

import pytest

from tests.mlflow.compare import alike, differs
from tests.mlflow.differential.registry import model, version
from tests.mlflow.speaker import Speaker

PROMPT = [{"key": "mlflow.prompt.is_prompt", "value": "true"}]


def three(server: Speaker) -> list[str]:
    """Three registered models, with tags and versions of their own."""
    names = []
    for number, suffix in enumerate((" Alpha", " beta", " gamma")):
        tags = [{"key": "team", "value": ("red", "Blue", "red")[number]}, {"key": "n", "value": str(number)}]
        name = model(server, suffix, tags=tags[: number + 1])
        for at in range(number):
            version(server, name, f"s3://bucket/{suffix.strip()}/{at}", tags=tags)
        names.append(name)
    return names


def found(server: Speaker, what: str, **query: Any) -> Any:
    """Names and versions, in order, of what a search finds."""
    answer = server.get(f"{what}/search", **query)
    items = answer.get("registered_models") or answer.get("model_versions") or []
    return [(item["name"], item.get("version")) for item in items]


@pytest.mark.parametrize(
    "filter_",
    [
        "name = '{beta}'", "name != '{beta}' AND name LIKE '{stem}%'", "name LIKE '{stem}%'",
        "name ILIKE '{stem} ALPHA'", "name LIKE '{stem} _eta'", "name IN ('{beta}', '{gamma}')",
        "name NOT IN ('{beta}') AND name LIKE '{stem}%'", "name LIKE '{stem}%' AND tags.team = 'red'",
        "name LIKE '{stem}%' AND tags.team != 'red'", "name LIKE '{stem}%' AND tags.team ILIKE 'blue'",
        "name LIKE '{stem}%' AND tags.team LIKE 'B%'", "name LIKE '{stem}%' AND tags.nothing = 'x'",
        "name LIKE '{stem}%' AND tags.team = 'red' AND tags.n = '2'", "attribute.name = '{beta}'",
        "tag.team = 'red' AND name = '{gamma}'",
    ],
)  # fmt: skip
@alike
def test_registered_models_that_meet_a_filter(server: Speaker, filter_):
    alpha, beta, gamma = three(server)
    words = {"alpha": alpha, "beta": beta, "gamma": gamma, "stem": alpha.removesuffix(" Alpha")}
    found(server, "registered-models", filter=filter_.format(**words))


@pytest.mark.parametrize(
    "filter_", ["name", "name =", "name = beta", "name > 'a'", "nope = 'a'", "tags.a > 'b'", "metrics.a = 1", "= 'a'"]
)
@alike
def test_registered_models_by_a_filter_that_can_not_be(server: Speaker, filter_):
    server.get("registered-models/search", filter=filter_)


@pytest.mark.parametrize(
    "order_by",
    [
        ["name DESC"], ["name ASC"], ["name"], ["last_updated_timestamp DESC", "name"], ["timestamp ASC"],
        ["nope"], ["version"], ["name sideways"], ["tags.a"],
    ],
)  # fmt: skip
@alike
def test_registered_models_in_an_order(server: Speaker, order_by):
    stem = three(server)[0].removesuffix(" Alpha")
    server.get("registered-models/search", filter=f"name LIKE '{stem}%'", order_by=order_by)


@alike
def test_registered_models_page_by_page(server: Speaker):
    stem, token = three(server)[0].removesuffix(" Alpha"), {}
    for _ in range(3):
        told = server.get("registered-models/search", filter=f"name LIKE '{stem}%'", max_results=1, **token)
        token = {"page_token": told["next_page_token"]} if "next_page_token" in told else {}


@pytest.mark.parametrize("limit", [1001, "x"])
@alike
def test_registered_models_with_a_limit_that_can_not_be(server: Speaker, limit):
    server.get("registered-models/search", max_results=limit)


@alike
def test_registered_models_by_a_token_that_is_none(server: Speaker):
    server.get("registered-models/search", page_token="nonsense")


@alike
def test_prompts_are_left_out(server: Speaker):
    stem = model(server, " a").removesuffix(" a")
    model(server, " prompt", tags=PROMPT)
    model(server, " no prompt", tags=[{"key": "mlflow.prompt.is_prompt", "value": "false"}])
    near = f"name LIKE '{stem}%'"
    found(server, "registered-models", filter=near)
    for said in ("= 'true'", "!= 'true'", "= 'false'"):
        found(server, "registered-models", filter=f"{near} AND tags.`mlflow.prompt.is_prompt` {said}")


@alike
def test_versions_of_prompts_have_no_source(server: Speaker):
    name = model(server, tags=PROMPT)
    for source in ("dummy-source", "prompt-template", "s3://bucket/x"):
        server.post("model-versions/create", name=name, source=source, tags=PROMPT)
    found(server, "model-versions", filter=f"name = '{name}'")
    found(server, "model-versions", filter=f"name = '{name}' AND tags.`mlflow.prompt.is_prompt` = 'true'")


@pytest.mark.parametrize(
    "filter_",
    [
        "name = '{gamma}'", "name LIKE '{stem}%'", "name ILIKE '{stem} G%'", "name IN ('{beta}', '{gamma}')",
        "name != '{gamma}' AND name LIKE '{stem}%'", "name = '{gamma}' AND version_number = 1",
        "name = '{gamma}' AND version_number > 1", "name = '{gamma}' AND version_number <= 1",
        "name = '{gamma}' AND version_number != 1", "name = '{gamma}' AND version_number >= '2'",
        "name = '{gamma}' AND source_path = 's3://bucket/gamma/1'",
        "name = '{gamma}' AND source_path LIKE '%/1'", "name = '{gamma}' AND run_id = 'nobody'",
        "name = '{gamma}' AND tags.team = 'red'", "name = '{gamma}' AND tags.team != 'red'",
        "name = '{gamma}' AND tags.n ILIKE '2'", "name = '{gamma}' AND run_id IN ('a', 'b')",
        "attribute.name = '{gamma}'",
    ],
)  # fmt: skip
@alike
def test_versions_that_meet_a_filter(server: Speaker, filter_):
    alpha, beta, gamma = three(server)
    words = {"alpha": alpha, "beta": beta, "gamma": gamma, "stem": alpha.removesuffix(" Alpha")}
    asked = {"filter": filter_.format(**words), "order_by": ["name", "version_number"]}
    found(server, "model-versions", **asked)


@pytest.mark.parametrize(
    "filter_",
    ["name", "version_number = 'x'", "version_number LIKE '1'", "nope = 'a'", "tags.a > 'b'", "metrics.a = 1"],
)
@alike
def test_versions_by_a_filter_that_can_not_be(server: Speaker, filter_):
    server.get("model-versions/search", filter=filter_)


@pytest.mark.parametrize(
    "order_by",
    [
        [], ["name", "version_number DESC"], ["version_number"], ["version_number DESC", "name DESC"],
        ["creation_timestamp", "version_number"], ["last_updated_timestamp DESC"], ["nope"],
    ],
)  # fmt: skip
@alike
def test_versions_in_an_order(server: Speaker, order_by):
    name = model(server)
    for _ in range(3):
        version(server, name)
    server.get("model-versions/search", filter=f"name = '{name}'", order_by=order_by)


@alike
def test_versions_of_a_run(server: Speaker):
    name, run = model(server), server.run()
    for fields in ({"run_id": run}, {}, {"run_id": run}):
        version(server, name, **fields)
    found(server, "model-versions", filter=f"run_id = '{run}'", order_by=["version_number"])


@alike
def test_deleted_versions_are_not_found(server: Speaker):
    name = model(server)
    for _ in range(2):
        version(server, name)
    server.ask("DELETE", "/api/2.0/mlflow/model-versions/delete", {"name": name, "version": "1"})
    found(server, "model-versions", filter=f"name = '{name}'")


@alike
def test_versions_page_by_page(server: Speaker):
    name, token = model(server), {}
    for _ in range(3):
        version(server, name)
    for _ in range(3):
        told = server.get("model-versions/search", filter=f"name = '{name}'", max_results=1, **token)
        token = {"page_token": told["next_page_token"]} if "next_page_token" in told else {}


@pytest.mark.parametrize("limit", [200_001, 0, "x"])
@alike
def test_versions_with_a_limit_that_can_not_be(server: Speaker, limit):
    server.get("model-versions/search", max_results=limit)


@differs("what breaks MLflow", theirs=(500, "INTERNAL_ERROR"), ours=(400, "INVALID_PARAMETER_VALUE"))
def test_an_order_that_names_something_twice(server: Speaker):
    return server.ask("GET", "/api/2.0/mlflow/registered-models/search?order_by=name&order_by=name+DESC").outcome


@differs("a richer search language", theirs=(400, "INVALID_PARAMETER_VALUE"), ours=(200, ""))
def test_or_and_absence(server: Speaker):
    return server.ask("GET", "/api/2.0/mlflow/registered-models/search?filter=name+%3D+'a'+OR+tags.x+IS+NULL").outcome
