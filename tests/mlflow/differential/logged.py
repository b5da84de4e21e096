"""Logged models, and how they are made and asked for."""

from typing import Any

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
