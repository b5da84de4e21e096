"""What the tests of registered models begin with."""

import hashlib
from typing import Any

from tests.mlflow.speaker import API, Answer, Speaker

MODELS, VERSIONS = API + "registered-models", API + "model-versions"
ELSEWHERE = "s3://bucket/model"


def name_of(server: Speaker, suffix: str = "") -> str:
    """A name of this test alone: registered models have no experiment to live in."""
    return f"test {hashlib.sha256(server.name.encode()).hexdigest()[:12]}{suffix}"


def model(server: Speaker, suffix: str = "", **fields: Any) -> str:
    """The name of a new registered model."""
    name = name_of(server, suffix)
    server.ask("POST", f"{MODELS}/create", {"name": name} | fields)
    return name


def tell(server: Speaker, name: str) -> Answer:
    """All of a registered model."""
    server.get("registered-models/get", name=name)
    return server.ask("GET", f"{API}registered-models/get-latest-versions", {"name": name})


def create_version(server: Speaker, name: str, source: str = ELSEWHERE, **fields: Any) -> Answer:
    """The answer to a new version."""
    return server.ask("POST", f"{VERSIONS}/create", {"name": name, "source": source} | fields)


def version(server: Speaker, name: str, source: str = ELSEWHERE, **fields: Any) -> str:
    """The number of a new version."""
    return str(create_version(server, name, source, **fields).body["model_version"]["version"])


def tell_version(server: Speaker, name: str, number: str) -> None:
    """All of a version."""
    server.get("model-versions/get", name=name, version=number)
    server.get("model-versions/get-download-uri", name=name, version=number)


def logged_model(server: Speaker, experiment: str | None = None, **fields: Any) -> str:
    """The id of a new model."""
    told = server.post("logged-models", **{"experiment_id": experiment or server.experiment(), "name": "m"} | fields)
    return str(told["model"]["info"]["model_id"])
