"""Runs where MLflow is: says where MLflow has each project of a JSON list from, and how docker would run it."""

import json
import sys
from types import SimpleNamespace

from mlflow.projects import utils
from mlflow.projects.backend.local import _get_docker_command
from mlflow.projects.utils import _expand_uri, _fetch_project, _is_local_uri, _is_valid_branch_name
from mlflow.tracking._tracking_service.utils import _get_git_url_if_present


def place(uri: str, version: str | None) -> dict[str, object]:
    """What MLflow writes into tags, or the kind of error."""
    try:
        folder = _fetch_project(uri, version)
    except Exception as error:
        return {"error": type(error).__name__}
    # As mlflow.projects.utils._create_run has it.
    return {
        "name": _get_git_url_if_present(_expand_uri(uri)) if _is_local_uri(uri) else _expand_uri(uri),
        "commit": utils.get_git_commit(folder) or "",
        "remote": utils.get_git_repo_url(folder) or "",
        "branch": version if _is_valid_branch_name(folder, version) else "",
    }


def docker(asked: dict) -> list[str]:
    """The words of `docker run`."""
    info = SimpleNamespace(
        run_id=asked["run_id"], experiment_id=asked["experiment_id"], artifact_uri="mlflow-artifacts:/1"
    )
    image = SimpleNamespace(tags=[asked["image"]])
    run = SimpleNamespace(info=info)
    return _get_docker_command(image, run, asked["docker_args"], asked["volumes"], asked["environment"])


asked = json.load(sys.stdin)
told = {"places": [place(*each) for each in asked["places"]], "docker": [docker(each) for each in asked["docker"]]}
sys.stdout.write(json.dumps(told))
