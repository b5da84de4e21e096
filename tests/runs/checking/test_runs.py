"""Rows that do not fit each other are found and put right."""

import math

import pytest

from experiments.models import AuditEntry
from runs.models import Param, Run
from tests.factories import NOON, make_experiment, make_run
from tests.runs.checking.damaging import execute, findings, found, put, repair

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("field", "check", "said"),
    [
        ("point_count", "point counts", "point_count is 99, and its metrics hold 2"),
        ("artifact_bytes", "artifact sizes", "artifact_bytes is 99, and its files have 7"),
    ],
)
def test_a_wrong_size_of_a_run_is_found_and_added_up(field, check, said):
    run = make_run(metrics={"loss": [1.0, 2.0]})
    put(run)
    Run.objects.update(**{field: 99})
    assert found() == (check, f"run {run.run_id}: {said}", True)
    repair()
    run.refresh_from_db()
    assert (run.point_count, run.artifact_bytes) == (2, 7)
    assert findings() == []


@pytest.mark.parametrize(
    ("text", "wrong", "right"), [("0.1", 0.2, 0.1), ("0.1", None, 0.1), ("adam", 1.0, None), ("inf", 1.0, math.inf)]
)
def test_a_wrong_number_of_a_param_is_found_and_read_again(text, wrong, right):
    run = make_run(params={"p": text})
    Param.objects.update(number=wrong)
    assert found() == (
        "params", f"run {run.run_id}, param 'p': its number is {wrong}, and its text comes to {right}", True
    )  # fmt: skip
    repair()
    assert Param.objects.get().number == right
    assert findings() == []


def test_a_number_that_does_not_stand_for_the_params():
    run = make_run(params={"lr": "0.1"})
    right = Run.objects.get(pk=run.pk).configuration
    Run.objects.filter(pk=run.pk).update(configuration=7)
    said = f"run {run.run_id}: configuration is 7, and its params come to {right}"
    assert found() == ("configurations", said, True)
    repair()
    assert Run.objects.get(pk=run.pk).configuration == right
    assert findings() == []


def test_a_circle_of_parents_is_told_once_and_opened_at_the_run_that_began_first():
    late, early = make_run(run_id="late"), make_run(run_id="early", start_time=NOON - 5)
    below = make_run(run_id="below", parent_run_id="late")
    Run.objects.filter(pk=late.pk).update(parent_run_id="early")
    Run.objects.filter(pk=early.pk).update(parent_run_id="late")
    assert found() == ("parents", "run late: its parents lead back to it: late → early → late", True)
    repair()
    parents = dict(Run.objects.values_list("run_id", "parent_run_id"))
    assert parents == {"late": "early", "early": None, below.run_id: "late"}
    assert findings() == []


def test_a_run_that_is_its_own_parent_is_found():
    make_run(run_id="r1", parent_run_id="r1")
    assert found()[1] == "run r1: its parents lead back to it: r1 → r1"
    repair()
    assert findings() == []


@pytest.mark.django_db(transaction=True)
def test_a_run_of_no_experiment_is_found_and_moved_to_default(unchecked_keys):
    run = make_run(make_experiment())
    with unchecked_keys():
        execute("UPDATE runs_run SET experiment_id = 4711")
    assert found() == ("experiments of runs", f"run {run.run_id}: its experiment 4711 is not there", True)
    repair()
    assert Run.objects.get().experiment_id == 0
    assert findings() == []


@pytest.mark.django_db(transaction=True)
def test_rows_of_runs_that_are_not_there_are_found_and_deleted(unchecked_keys):
    run = make_run(params={"lr": "0.1", "depth": "3"}, tags={"a": "b"}, metrics={"loss": [1.0]})
    with unchecked_keys():
        execute("DELETE FROM runs_run")
    said = {finding.where: finding.what for _, finding in findings()}
    assert said == {
        "table runs_param": "2 rows name a row of runs_run that is not there, by run_id",
        "table runs_tag": "1 rows name a row of runs_run that is not there, by run_id",
        "table runs_metric": "1 rows name a row of runs_run that is not there, by run_id",
    }
    repair()
    assert findings() == []
    kept = AuditEntry.objects.get(object_id="runs_param").before["first rows"]
    assert {row["key"]: row["run_id"] for row in kept} == {"lr": str(run.pk), "depth": str(run.pk)}


@pytest.mark.django_db(transaction=True)
def test_an_environment_that_is_not_there_is_taken_from_its_run(unchecked_keys):
    make_run()
    with unchecked_keys():
        execute("UPDATE runs_run SET environment_id = 4711")
    check, words, is_repairable = found()
    assert (check, is_repairable) == ("foreign keys", True)
    assert words == "table runs_run: 1 rows name a row of runs_environment that is not there, by environment_id"
    repair()
    assert Run.objects.get().environment_id is None
    assert findings() == []


@pytest.mark.django_db(transaction=True)
def test_an_index_that_lost_a_row_is_found_and_built_again(transactional_db):
    make_run(params={"lr": "0.1"})
    execute("PRAGMA writable_schema = ON")
    execute("UPDATE sqlite_master SET sql = sql || ' WHERE 0' WHERE name = 'param_search'")
    execute("PRAGMA writable_schema = RESET")
    make_run(params={"lr": "0.2"})
    execute("PRAGMA writable_schema = ON")
    execute("UPDATE sqlite_master SET sql = replace(sql, ' WHERE 0', '') WHERE name = 'param_search'")
    execute("PRAGMA writable_schema = RESET")
    check, words, is_repairable = found()
    assert (check, is_repairable) == ("database", True)
    assert words.startswith("index param_search: ")
    repair()
    assert findings() == []
