"""What clients before 1.0 ask below `preview/`.

As 0.4.1 asked it, with fields in camel case and bodies on GETs; and as 0.8 and 0.9 did, with `run_uuid`.
"""

from typing import Any

import pytest

from runs.models import Run
from tests.api import Api
from tests.factories import make_experiment, make_run
from tests.mlflow_api.face import fine, spoken

pytestmark = pytest.mark.django_db

PREVIEW = "/api/2.0/preview/mlflow/"
MISSING = (404, "RESOURCE_DOES_NOT_EXIST")
INVALID = (400, "INVALID_PARAMETER_VALUE")
#: Every field that 0.4.1 knows, by message: it breaks on any other.
KNOWN = {
    "run": {"info", "data"},
    "info": {
        "run_uuid", "experiment_id", "name", "source_type", "source_name", "user_id", "status", "start_time",
        "end_time", "source_version", "entry_point_name", "tags", "artifact_uri",
    },
    "data": {"metrics", "params"},
    "experiment": {"experiment_id", "name", "artifact_location"},
}  # fmt: skip
api = Api()


def ask(method: str, path: str, **body: Any) -> Any:
    return fine(api.send(method, PREVIEW + path, body or None))


def new_run(**fields: Any) -> str:
    said = {
        "experimentId": "0",
        "userId": "ada",
        "sourceType": "LOCAL",
        "sourceName": "train.py",
        "startTime": "1543000000000",
    }
    return ask("POST", "runs/create", **(said | fields))["run"]["info"]["run_uuid"]


def assert_known(run: Any) -> None:
    assert set(run) <= KNOWN["run"]
    assert set(run["info"]) <= KNOWN["info"]
    assert set(run["data"]) <= KNOWN["data"]
    assert all(set(metric) == {"key", "value", "timestamp"} for metric in run["data"]["metrics"])


def test_a_run_of_the_first_clients_is_told_in_the_fields_that_they_know():
    made = ask(
        "POST", "runs/create", experimentId="0", userId="ada", runName="first", sourceType="PROJECT",
        sourceName="git://x", entryPointName="main", startTime="1543000000000", sourceVersion="abc",
        tags=[{"key": "k", "value": "v"}],
    )["run"]  # fmt: skip
    assert_known(made)
    run_id = made["info"]["run_uuid"]
    ask("POST", "runs/log-metric", runUuid=run_id, key="m", value=0.5)
    ask("POST", "runs/log-parameter", runUuid=run_id, key="p", value="1")
    ask("POST", "runs/update", runUuid=run_id, status="FINISHED", endTime="1543000001000")
    run = ask("GET", "runs/get", runUuid=run_id)["run"]
    assert_known(run)
    assert run["info"] == {
        "run_uuid": run_id,
        "experiment_id": "0",
        "name": "first",
        "source_type": "PROJECT",
        "source_name": "git://x",
        "user_id": "ada",
        "status": "FINISHED",
        "start_time": 1543000000000,
        "end_time": 1543000001000,
        "source_version": "abc",
        "entry_point_name": "main",
        "tags": [{"key": "k", "value": "v"}],
        "artifact_uri": f"mlflow-artifacts:/0/{run_id}/artifacts",
    }
    assert run["data"]["params"] == [{"key": "p", "value": "1"}]


def test_numbers_of_enums_are_read():
    run_id = new_run(sourceType=4)
    ask("POST", "runs/update", runUuid=run_id, status=4)
    assert (Run.objects.get().source_type, Run.objects.get().status) == ("LOCAL", "FAILED")


def test_a_point_without_a_time_is_logged_now_and_one_in_seconds_is_kept_in_milliseconds():
    run_id = new_run()
    ask("POST", "runs/log-metric", runUuid=run_id, key="now", value=1)
    ask("POST", "runs/log-metric", run_uuid=run_id, key="then", value=1, timestamp=1543000000)
    ask("POST", "runs/log-metric", run_uuid=run_id, key="ms", value=1, timestamp=1543000000123)
    times = dict(Run.objects.get().metrics.values_list("key", "last_time"))
    assert times["now"] > 1_700_000_000_000
    assert (times["then"], times["ms"]) == (1543000000000, 1543000000123)


def test_the_last_value_the_history_and_a_param_are_told():
    run_id = new_run()
    for timestamp, value in ((1, 1.5), (2, 0.5)):
        ask("POST", "runs/log-metric", runUuid=run_id, key="m", value=value, timestamp=timestamp)
    ask("POST", "runs/log-parameter", runUuid=run_id, key="p", value="x")
    assert ask("GET", "metrics/get", runUuid=run_id, metricKey="m")["metric"]["value"] == 0.5
    history = ask("GET", "metrics/get-history", runUuid=run_id, metricKey="m")["metrics"]
    assert [point["value"] for point in history] == [1.5, 0.5]
    assert set(history[0]) == {"key", "value", "timestamp"}
    assert ask("GET", "params/get", runUuid=run_id, paramName="p") == {"parameter": {"key": "p", "value": "x"}}


def test_what_is_not_there_is_not_found():
    run_id = new_run()
    assert spoken(api.send("GET", f"{PREVIEW}metrics/get", {"runUuid": run_id, "metricKey": "m"})) == MISSING
    assert spoken(api.send("GET", f"{PREVIEW}params/get", {"runUuid": run_id, "paramName": "p"})) == MISSING
    assert spoken(api.send("GET", f"{PREVIEW}runs/get", {"runUuid": "nobody"})) == MISSING


def test_experiments_are_listed_and_told_with_their_runs():
    made = ask("POST", "experiments/create", name="e")["experiment_id"]
    make_run(make_experiment("other"))
    run = make_run(Run._meta.get_field("experiment").related_model.objects.get(pk=made))
    listed = ask("GET", "experiments/list")["experiments"]
    assert [item["name"] for item in listed] == ["Default", "e", "other"]
    told = ask("GET", "experiments/get", experimentId=made)
    assert [info["run_uuid"] for info in told["runs"]] == [run.run_id]
    for item in (*listed, told["experiment"]):
        assert set(item) == KNOWN["experiment"]


def expression(kind: str, key: str, type_name: str, comparator: str, value: Any) -> dict[str, Any]:
    return {kind: {"key": key, type_name: {"comparator": comparator, "value": value}}}


@pytest.fixture
def _two() -> None:
    make_run(name="low", metrics={"m": 0.1}, params={"p": "it's"})
    make_run(name="high", metrics={"m": 0.9}, params={"p": "b"})


@pytest.mark.usefixtures("_two")
@pytest.mark.parametrize(
    ("expressions", "names"),
    [
        ([], {"low", "high"}),
        ([expression("metric", "m", "float", "<", 0.5)], {"low"}),
        ([expression("metric", "m", "double", ">=", 0.1)], {"low", "high"}),
        ([expression("parameter", "p", "string", "=", "it's")], {"low"}),
        ([expression("parameter", "p", "string", "!=", "b"), expression("metric", "m", "float", ">", 0.5)], set()),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_runs_are_found_by_clauses(expressions, names, method):
    body = ask(method, "runs/search", experimentIds=["0"], andedExpressions=expressions)
    for run in body.get("runs", []):
        assert_known(run)
    assert {run["info"]["name"] for run in body.get("runs", [])} == names


@pytest.mark.parametrize(
    "item", [{}, {"metric": {}}, {"metric": {"key": "m"}}, {"parameter": {"string": {"value": "x"}}}]
)
def test_a_clause_that_says_too_little_is_refused(item):
    assert spoken(api.post(f"{PREVIEW}runs/search", {"experimentIds": ["0"], "andedExpressions": [item]})) == INVALID


def test_later_clients_get_the_later_fields_too():
    run_id = new_run(tags=[{"key": "k", "value": "v"}])
    run = ask("GET", "runs/get", run_uuid=run_id)["run"]
    assert run["info"]["lifecycle_stage"] == "active"
    assert run["info"]["source_name"] == "train.py"
    assert {"key": "k", "value": "v"} in run["data"]["tags"]
    (experiment,) = fine(api.get(f"{PREVIEW}experiments/list?view_type=ACTIVE_ONLY"))["experiments"]
    assert experiment["lifecycle_stage"] == "active"


def test_clients_of_1x_list_experiments():
    make_experiment("e")
    listed = fine(api.get("/api/2.0/mlflow/experiments/list?view_type=ACTIVE_ONLY"))["experiments"]
    assert [item["name"] for item in listed] == ["Default", "e"]


def test_files_are_listed_by_run_uuid():
    run_id = new_run()
    assert ask("GET", "artifacts/list", runUuid=run_id) == {"root_uri": f"mlflow-artifacts:/0/{run_id}/artifacts"}


def test_camel_case_is_read_on_every_address_as_protocol_buffers_read_it():
    made = fine(api.post("/api/2.0/mlflow/runs/create", {"experimentId": "0", "runName": "n", "userId": "u"}))["run"]
    assert (made["info"]["run_name"], made["info"]["user_id"]) == ("n", "u")
