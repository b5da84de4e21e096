"""Datasets of runs, asked of MLflow and of us."""

from typing import Any

import pytest

from tests.mlflow.compare import alike, differs
from tests.mlflow.speaker import API, Speaker

SEARCH = "/ajax-api/2.0/mlflow/experiments/search-datasets"


def dataset(name: str = "digits", context: str | None = "training", **fields: Any) -> dict[str, Any]:
    """An input as a client sends it."""
    content = {"name": name, "digest": f"digest of {name}", "source_type": "local", "source": "{}"} | fields
    tags = [] if context is None else [{"key": "mlflow.data.context", "value": context}]
    return {"dataset": content, "tags": tags}


def use(server: Speaker, run: str, *datasets: dict[str, Any]) -> None:
    server.post("runs/log-inputs", run_id=run, datasets=list(datasets))


@alike
def test_a_dataset(server: Speaker):
    run = server.run()
    use(server, run, dataset(schema='{"a": 1}', profile='{"rows": 5}'))
    server.tell(run)


@alike
def test_a_dataset_without_tags(server: Speaker):
    run = server.run()
    use(server, run, dataset(context=None))
    server.tell(run)


@alike
def test_a_dataset_with_more_tags(server: Speaker):
    run, item = server.run(), dataset()
    item["tags"] += [{"key": "a", "value": "1"}, {"key": "b", "value": ""}]
    use(server, run, item)
    server.tell(run)


@alike
def test_two_datasets(server: Speaker):
    run = server.run()
    use(server, run, dataset("only"))
    server.tell(run)
    server.post("runs/search", experiment_ids=[server.tell(run)["run"]["info"]["experiment_id"]])


@alike
def test_the_same_dataset_twice(server: Speaker):
    run = server.run()
    use(server, run, dataset(), dataset())
    use(server, run, dataset(context="validation"))
    server.tell(run)


@alike
def test_the_same_dataset_of_two_runs(server: Speaker):
    experiment = server.experiment()
    for run in (server.run(experiment), server.run(experiment)):
        use(server, run, dataset())
        server.tell(run)


@pytest.mark.parametrize("missing", ["name", "digest", "source_type", "source"])
@differs("datasets that say too little", theirs=200, ours=400)
def test_a_dataset_that_says_too_little(server: Speaker, missing):
    item = dataset()
    del item["dataset"][missing]
    return server.ask("POST", API + "runs/log-inputs", {"run_id": server.run(), "datasets": [item]}).status


@pytest.mark.parametrize(("field", "length"), [("name", 501), ("digest", 37), ("source", 65_536)])
@alike
def test_a_dataset_that_says_too_much(server: Speaker, field, length):
    use(
        server, server.run(), dataset(**{field: "x" * length}) if field != "name" else dataset("x" * length, digest="d")
    )


@alike
def test_a_tag_that_says_too_much(server: Speaker):
    item = dataset()
    item["tags"] = [{"key": "k" * 256, "value": "1"}]
    use(server, server.run(), item)
    item["tags"] = [{"key": "k", "value": "v" * 501}]
    use(server, server.run(), item)


@differs("datasets that say too little", theirs=200, ours=400)
def test_an_input_without_a_dataset(server: Speaker):
    return server.ask("POST", API + "runs/log-inputs", {"run_id": server.run(), "datasets": [{"tags": []}]}).status


@alike
def test_no_datasets(server: Speaker):
    run = server.run()
    server.post("runs/log-inputs", run_id=run)
    server.post("runs/log-inputs", run_id=run, datasets=[])
    server.tell(run)


@alike
def test_datasets_of_a_run_that_is_not_there(server: Speaker):
    server.post("runs/log-inputs", run_id="nobody", datasets=[dataset()])
    server.post("runs/log-inputs", datasets=[dataset()])


@alike
def test_the_datasets_of_an_experiment(server: Speaker):
    experiment = server.experiment()
    use(server, server.run(experiment), dataset("a"))
    server.ask("POST", SEARCH, {"experiment_ids": [experiment]})


@alike
def test_the_datasets_of_an_experiment_without_any(server: Speaker):
    server.ask("POST", SEARCH, {"experiment_ids": [server.experiment()]})


@alike
def test_the_datasets_of_no_experiment(server: Speaker):
    server.ask("POST", SEARCH, {"experiment_ids": []})
    server.ask("POST", SEARCH, {})


@alike
def test_the_datasets_of_too_many_experiments(server: Speaker):
    server.ask("POST", SEARCH, {"experiment_ids": [str(number) for number in range(21)]})


@alike
def test_a_trashed_run_tells_its_datasets(server: Speaker):
    run = server.run()
    use(server, run, dataset())
    server.post("runs/delete", run_id=run)
    server.tell(run)
    server.ask("POST", API + "runs/log-inputs", {"run_id": run, "datasets": [dataset("late")]})
