"""Projects, each run by a real MLflow and by us."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.mlflow.projects.cases import CASES, DIFFERENT, Case
from tests.server import ROOT, HttpClient

PATIENCE_SECONDS = 600


@dataclass(frozen=True)
class Outcome:
    """What became of a run: FINISHED, FAILED, or refused before it began."""

    became: str
    exit_status: int | None
    error: str
    command: str | None
    said: str | None
    params: dict[str, str]
    tags: dict[str, str]


class Workplace:
    """A folder in which both run the same projects, and where both log to."""

    def __init__(self, folder: Path, mlflow_python: Path, uri: str) -> None:
        self.here, self._folder, self._uri = folder / "here", folder, uri
        self.pythons = {"mlflow": mlflow_python, "tracker": Path(sys.executable)}
        self.here.mkdir()
        (self.here / "my data").mkdir()
        for name in ("data.csv", "say.py"):
            (self.here / name).touch()

    def told(self, name: str, case: Case) -> dict[str, Any]:
        """A case as the scripts are told it; its folder is made."""
        folder = self._folder / "projects" / name.replace(" ", "-").replace("'", "")
        case.write(folder)
        parameters = {key: value.replace("{here}", str(self.here)) for key, value in case.parameters.items()}
        return {"folder": str(folder), "entry_point": case.entry_point, "parameters": parameters}

    def environment(self) -> dict[str, str]:
        """What both run in: `python` is this one, whoever runs it."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("TRACKER_", "MLFLOW_"))}
        return kept | {
            "PATH": f"{Path(sys.executable).parent}:{kept['PATH']}", "PYTHONPATH": str(ROOT),
            "MLFLOW_TRACKING_URI": f"sqlite:///{self._folder}/mlflow.db", "MLFLOW_DISABLE_TELEMETRY": "true",
            "DO_NOT_TRACK": "true", "TRACKER_URI": self._uri, "TRACKER_JOURNAL": str(self._folder / "journals"),
            "TRACKER_CAPTURE": "none",
        }  # fmt: skip

    def run(self, who: str, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run Python code of one of the two."""
        environment = self.environment()
        if who == "tracker":
            # Whatever leads to its own server would lead us there too.
            del environment["MLFLOW_TRACKING_URI"]
        return subprocess.run(
            [self.pythons[who], *words], cwd=self.here, env=environment, capture_output=True, text=True,
            timeout=PATIENCE_SECONDS,
        )  # fmt: skip

    def answers(self, who: str, script: str, cases: Path, name: str) -> list[dict[str, Any]]:
        """What a script says of all cases."""
        done = self.run(who, str(Path(__file__).parent / script), str(cases))
        assert done.returncode == 0, done.stderr[-4000:]
        found: list[dict[str, Any]] = json.loads((cases.parent / name).read_text())
        return found


def _of_mlflow(answer: dict[str, Any]) -> Outcome:
    ran = answer["command"] is not None
    return Outcome(
        answer["status"] if ran else "refused", answer["exit_status"], answer["error"], answer["command"],
        answer["said"], answer.get("params", {}) if ran else {}, answer.get("tags", {}) if ran else {},
    )  # fmt: skip


def _of_us(answer: dict[str, Any], client: HttpClient) -> Outcome:
    run_id = answer["run_id"]
    if run_id is None:
        return Outcome("refused", None, answer["error"], None, answer["said"], {}, {})
    native = client.get(f"/api/v1/runs/{run_id}/").body
    run = client.get(f"/api/2.0/mlflow/runs/get?run_id={run_id}").body["run"]
    params, tags = ({item["key"]: item["value"] for item in run["data"].get(kind, [])} for kind in ("params", "tags"))
    # Who runs it is a field with us, and a tag of MLflow's client.
    tags = {"mlflow.user": run["info"]["user_id"]} | tags
    command = native["environment"]["project"]["command"]
    return Outcome(run["info"]["status"], answer["exit_status"], answer["error"], command, answer["said"], params, tags)


@pytest.fixture(scope="session")
def workplace(mlflow_python, tracker, tmp_path_factory):
    """Where both run their projects."""
    return Workplace(tmp_path_factory.mktemp("projects"), mlflow_python, tracker)


@pytest.fixture(scope="session")
def outcomes(workplace, tracker, tmp_path_factory):
    """What became of each case, with MLflow and with us, by its name."""
    cases = CASES | {name: different[0] for name, different in DIFFERENT.items()}
    file = tmp_path_factory.mktemp("cases") / "cases.json"
    file.write_text(json.dumps([workplace.told(name, case) for name, case in cases.items()]))
    client = HttpClient(tracker)
    theirs = map(_of_mlflow, workplace.answers("mlflow", "oracle_script.py", file, "answers.json"))
    ours = [_of_us(answer, client) for answer in workplace.answers("tracker", "our_script.py", file, "ours.json")]
    return dict(zip(cases, zip(theirs, ours, strict=True), strict=True))
