"""Speaks MLflow's protocol inside the test's process."""

from typing import Any
from urllib.parse import urlencode

from tests.api import Answer, Api

_api = Api()


def post(path: str, /, **body: Any) -> Any:
    """What a route answers, which has to be 200."""
    return fine(_api.post(f"/api/2.0/mlflow/{path}", body))


def get(path: str, /, **query: Any) -> Any:
    """The same of a GET; a list becomes a repeated key."""
    return fine(_api.get(f"/api/2.0/mlflow/{path}?{urlencode(query, doseq=True)}"))


def fine(answer: Answer) -> Any:
    assert answer.status == 200, answer
    return answer.body


def refused(path: str, /, **body: Any) -> tuple[int, str]:
    """The status and error code of a POST that is refused."""
    return spoken(_api.post(f"/api/2.0/mlflow/{path}", body))


def not_got(path: str, /, **query: Any) -> tuple[int, str]:
    """The same of a GET."""
    return spoken(_api.get(f"/api/2.0/mlflow/{path}?{urlencode(query, doseq=True)}"))


def spoken(answer: Answer) -> tuple[int, str]:
    assert set(answer.body) == {"error_code", "message"}, answer
    return answer.status, answer.body["error_code"]


def new_run(**fields: Any) -> str:
    """The id of a run made over the protocol."""
    return post("runs/create", **({"experiment_id": "0"} | fields))["run"]["info"]["run_id"]


def run(run_id: str) -> Any:
    return get("runs/get", run_id=run_id)["run"]


def tags(run_id: str) -> dict[str, str]:
    return {tag["key"]: tag["value"] for tag in run(run_id)["data"].get("tags", [])}
