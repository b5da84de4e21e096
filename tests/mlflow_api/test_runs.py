"""Runs over MLflow's protocol: `runs/create`, `get`, `update`, `delete`, `restore`, `search`."""

import pytest

from runs.models import Run
from tests.factories import make_experiment, make_run
from tests.mlflow_api.face import get, new_run, not_got, post, refused, run, tags

pytestmark = pytest.mark.django_db

INVALID = (400, "INVALID_PARAMETER_VALUE")
MISSING = (404, "RESOURCE_DOES_NOT_EXIST")


def test_a_new_run_has_both_spellings_of_its_id_and_a_place_for_its_files():
    info = post("runs/create", experiment_id="0", user_id="ada", start_time="1795521600000")["run"]["info"]
    assert info["run_id"] == info["run_uuid"]
    assert info["artifact_uri"] == f"mlflow-artifacts:/0/{info['run_id']}/artifacts"
    assert (info["user_id"], info["status"], info["start_time"]) == ("ada", "RUNNING", 1795521600000)
    assert "end_time" not in info


def test_files_of_an_experiment_that_lives_elsewhere_stay_there():
    experiment = make_experiment(artifact_location="s3://bucket/folder")
    info = post("runs/create", experiment_id=str(experiment.pk))["run"]["info"]
    assert info["artifact_uri"] == f"s3://bucket/folder/{info['run_id']}/artifacts"


def test_a_name_may_come_as_a_field_or_as_a_tag():
    assert tags(new_run(run_name="a"))["mlflow.runName"] == "a"
    assert run(new_run(tags=[{"key": "mlflow.runName", "value": "b"}]))["info"]["run_name"] == "b"


def test_two_names_are_refused():
    name = {"key": "mlflow.runName", "value": "b"}
    assert refused("runs/create", experiment_id="0", run_name="a", tags=[name]) == INVALID


def test_tags_that_are_fields_of_a_run_fill_these_and_come_back():
    given = {
        "mlflow.note.content": "note", "mlflow.source.name": "train.py", "mlflow.source.type": "LOCAL",
        "mlflow.source.git.commit": "abc", "mlflow.parentRunId": "p", "mlflow.project.entryPoint": "main",
        "mlflow.runName": "n", "mlflow.user": "ada", "plain": "tag",
    }  # fmt: skip
    run_id = new_run(tags=[{"key": key, "value": value} for key, value in given.items()])
    stored = Run.objects.get(run_id=run_id)
    assert (stored.note, stored.source_name, stored.git_commit) == ("note", "train.py", "abc")
    assert (stored.parent_run_id, stored.entry_point, stored.name) == ("p", "main", "n")
    assert set(stored.tags.values_list("key", flat=True)) == {"mlflow.user", "plain"}
    assert tags(run_id) == given


def test_a_name_that_a_page_gives_is_the_name_that_mlflow_reads():
    run_id = new_run(run_name="before")
    Run.objects.get(run_id=run_id).change(name="after")
    assert tags(run_id)["mlflow.runName"] == run(run_id)["info"]["run_name"] == "after"


def test_a_status_is_known_by_name_and_by_number():
    run_id = new_run()
    assert post("runs/update", run_id=run_id, status="FAILED", end_time=5)["run_info"]["status"] == "FAILED"
    assert post("runs/update", run_id=run_id, status=3)["run_info"]["status"] == "FINISHED"
    assert run(run_id)["info"]["end_time"] == 5


def test_a_run_that_goes_on_is_not_over_for_our_pages():
    run_id = new_run(start_time=1)
    post("runs/update", run_id=run_id, status="FINISHED", end_time=2)
    post("runs/update", run_id=run_id, status="RUNNING")
    assert Run.objects.get(run_id=run_id).duration_ms > 1


def test_a_run_in_the_trash_is_read_but_not_written():
    run_id = new_run()
    post("runs/delete", run_id=run_id)
    assert run(run_id)["info"]["lifecycle_stage"] == "deleted"
    assert refused("runs/update", run_id=run_id, status="FINISHED") == INVALID
    assert refused("runs/log-metric", run_id=run_id, key="a", value=1, timestamp=1) == INVALID
    post("runs/restore", run_id=run_id)
    post("runs/log-metric", run_id=run_id, key="a", value=1, timestamp=1)


def test_deleting_a_parent_takes_its_children_along():
    parent = new_run()
    child = new_run(tags=[{"key": "mlflow.parentRunId", "value": parent}])
    post("runs/delete", run_id=parent)
    assert run(child)["info"]["lifecycle_stage"] == "deleted"


def test_what_is_not_there_is_not_found():
    assert not_got("runs/get", run_id="nobody") == MISSING
    assert refused("runs/delete", run_id="nobody") == MISSING
    assert refused("runs/create", experiment_id="999") == MISSING


def test_clients_before_1_0_say_run_uuid():
    run_id = new_run()
    assert get("runs/get", run_uuid=run_id)["run"]["info"]["run_id"] == run_id
    post("runs/log-metric", run_uuid=run_id, key="a", value=1, timestamp=1)


def test_all_of_a_search_is_reached_page_by_page():
    experiment = str(make_experiment().pk)
    made = [new_run(experiment_id=experiment, start_time=time) for time in range(1, 8)]
    seen, token = [], ""
    for _ in range(4):
        page = post("runs/search", experiment_ids=[experiment], max_results=2, page_token=token)
        seen += [found["info"]["run_id"] for found in page["runs"]]
        token = page.get("next_page_token", "")
    assert seen == made[::-1]
    assert not token


def test_a_search_of_no_experiment_finds_nothing():
    new_run()
    assert post("runs/search", experiment_ids=[]) == {}


def test_a_search_looks_at_the_stage_that_is_asked_for():
    experiment = make_experiment()
    active, deleted = make_run(experiment), make_run(experiment)
    deleted.trash()

    def found(**more):
        answer = post("runs/search", experiment_ids=[str(experiment.pk)], **more)
        return {item["info"]["run_id"] for item in answer["runs"]}

    assert found() == found(run_view_type="ACTIVE_ONLY") == {active.run_id}
    assert found(run_view_type="DELETED_ONLY") == found(run_view_type=2) == {deleted.run_id}
    assert found(run_view_type="ALL") == {active.run_id, deleted.run_id}


@pytest.mark.parametrize("size", [0, -1, 50_001])
def test_a_page_has_between_1_and_50000_runs(size):
    assert refused("runs/search", experiment_ids=["0"], max_results=size) == INVALID


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("tags.mlflow.runName = 'alpha'", ["alpha"]),
        ("tags.`mlflow.runName` LIKE '%a'", ["alpha", "beta"]),
        ("tags.mlflow.source.name != 'train.py'", []),
        ("tags.mlflow.source.name IS NOT NULL", ["alpha"]),
        ("tags.mlflow.parentRunId IS NULL", ["alpha", "beta"]),
    ],
)
def test_tags_that_are_fields_are_searched_as_tags(condition, found):
    experiment = str(make_experiment().pk)
    source = {"key": "mlflow.source.name", "value": "train.py"}
    new_run(experiment_id=experiment, run_name="alpha", tags=[source])
    new_run(experiment_id=experiment, run_name="beta")
    answer = post("runs/search", experiment_ids=[experiment], filter=condition, order_by=["tags.mlflow.runName"])
    assert [item["info"]["run_name"] for item in answer.get("runs", [])] == found


@pytest.mark.parametrize("number", [2**63, 10**18, 10**400])
def test_no_experiment_has_an_id_that_long(number):
    assert refused("runs/search", experiment_ids=[str(number)])[0] == 404
