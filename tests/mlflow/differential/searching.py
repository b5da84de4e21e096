"""An experiment to be searched, and how it is."""

from typing import Any

from tests.mlflow.speaker import API, Speaker


def three(server: Speaker, start: int = 1000) -> str:
    """An experiment with runs that differ in everything."""
    experiment = server.experiment()
    for number, name in enumerate(["alpha", "Beta", "gamma delta"]):
        run = server.run(experiment, run_name=name, start_time=start + number, user_id=f"user{number}")
        server.log(run, loss=0.1 * number, **{"val/acc": 1 - number})
        server.post(
            "runs/log-batch",
            run_id=run,
            params=[{"key": "lr", "value": f"0.{number}"}, {"key": "a b", "value": "x"}],
            tags=[{"key": "team", "value": f"Team {name}"}, {"key": "dotted.key", "value": str(number)}],
        )
        server.post("runs/update", run_id=run, status=["FINISHED", "FAILED", "RUNNING"][number], end_time=2000 + number)
    return experiment


def search(server: Speaker, experiment: str | None = None, **fields: Any) -> Any:
    """What is found, by name."""
    body = {"experiment_ids": [experiment or three(server)]} | fields
    return server.ask("POST", API + "runs/search", body)


def names(server: Speaker, **fields: Any) -> Any:
    """The names of what is found, or how the search is refused."""
    answer = search(server, **fields)
    if answer.status != 200:
        return answer.outcome
    return [run["info"]["run_name"] for run in answer.body.get("runs", [])]
