"""`/api/v1/runs/`: make, read, change, trash."""

import pytest

from experiments.models import AuditEntry
from runs.models import Environment, Run
from tests.api import Api, assert_error
from tests.factories import NOON, make_experiment, make_run

pytestmark = pytest.mark.django_db
api = Api()


def test_put_makes_a_run_once():
    body = {"experiment": "digits", "name": "first", "params": {"lr": "0.1"}, "tags": {"a": "b"}, "start_time": NOON}
    first = api.put("/api/v1/runs/r1/", body)
    again = api.put("/api/v1/runs/r1/", body)
    assert (first.status, again.status) == (201, 200)
    assert Run.objects.count() == 1
    assert (first.body["params"], first.body["tags"], first.body["start_time"]) == ({"lr": "0.1"}, {"a": "b"}, NOON)


def test_put_without_a_name_gives_a_friendly_one():
    assert "-" in api.put("/api/v1/runs/r1/", {}).body["name"]


def test_put_again_keeps_what_was_changed_meanwhile():
    api.put("/api/v1/runs/r1/", {"name": "first"})
    api.patch("/api/v1/runs/r1/", {"name": "renamed"})
    assert api.put("/api/v1/runs/r1/", {"name": "first"}).body["name"] == "renamed"


def test_equal_environments_are_stored_once():
    for run_id in ("r1", "r2"):
        body = {"environment": {"python": "3.11.7", "packages": ["numpy==2.4"]}}
        assert api.put(f"/api/v1/runs/{run_id}/", body).body["environment"] == body["environment"]
    assert Environment.objects.count() == 1


def test_put_into_another_experiment_is_409():
    api.put("/api/v1/runs/r1/", {"experiment": "a"})
    assert_error(api.put("/api/v1/runs/r1/", {"experiment": "b"}), 409, field="run_id")


def test_put_into_a_trashed_experiment_is_409():
    experiment = make_experiment()
    experiment.trash()
    assert_error(api.put("/api/v1/runs/r1/", {"experiment_id": experiment.pk}), 409, field="experiment")


def test_a_refused_put_makes_no_experiment_either():
    assert_error(api.put("/api/v1/runs/r1/", {"experiment": "new", "params": {"": "1"}}), 400)
    assert api.get("/api/v1/experiments/by-name/new/").status == 404


@pytest.mark.parametrize("run_id", ["-a", "a.b", "a b", "ä", "a" * 257, "%00"])
def test_a_run_id_that_no_address_holds_is_refused(run_id):
    assert_error(api.put(f"/api/v1/runs/{run_id}/", {}), 400)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"status": "DONE"}, "status"),
        ({"start_time": "now"}, "start_time"),
        ({"start_time": 1.5}, "start_time"),
        ({"start_time": True}, "start_time"),
        ({"start_time": -1}, "start_time"),
        ({"start_time": 2**63}, "start_time"),
        ({"experiment_id": 10**30}, "experiment_id"),
        ({"experiment_id": 77}, "experiment_id"),
        ({"experiment": "a", "experiment_id": 1}, "experiment"),
        ({"params": {"lr": 0.1}}, "params.lr"),
        ({"params": "lr"}, "params"),
        ({"name": ["a"]}, "name"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_a_wrong_body_names_the_field(body, field):
    assert_error(api.put("/api/v1/runs/r1/", body), field=field)
    assert Run.objects.count() == 0


def test_get_answers_everything_of_a_run():
    run = make_run(params={"lr": "0.1"}, tags={"a": "b"}, metrics={"loss": [2, float("nan"), 1]}, note="hi")
    body = api.get(f"/api/v1/runs/{run.run_id}/").body
    assert (body["params"], body["tags"], body["note"]) == ({"lr": "0.1"}, {"a": "b"}, "hi")
    assert body["metrics"]["loss"] == {
        "last": 1.0, "last_step": 2, "last_time": NOON + 2000, "min": 1.0, "min_step": 2, "max": 2.0, "max_step": 0,
        "mean": 1.5, "count": 3, "nan_count": 1,
    }  # fmt: skip


def test_a_last_value_of_nan_is_spelled_out():
    run = make_run(metrics={"loss": [1.0, float("nan")], "up": [float("inf")]})
    metrics = api.get(f"/api/v1/runs/{run.run_id}/").body["metrics"]
    assert (metrics["loss"]["last"], metrics["up"]["last"]) == ("NaN", "Infinity")


def test_an_unknown_run_is_404():
    assert_error(api.get("/api/v1/runs/nobody/"), 404, "RESOURCE_DOES_NOT_EXIST", "run_id")


def test_patch_ends_a_run_now_and_leaves_an_audit_entry():
    run = make_run(status="RUNNING", end_time=None)
    body = api.patch(f"/api/v1/runs/{run.run_id}/", {"status": "FINISHED", "note": "good"}).body
    assert body["status"] == "FINISHED"
    assert body["end_time"] > NOON - 10**12
    assert AuditEntry.objects.get().before["status"] == "RUNNING"


def test_a_run_in_the_trash_is_not_written_to():
    run = make_run()
    run.trash()
    assert_error(api.patch(f"/api/v1/runs/{run.run_id}/", {"note": "x"}), 409)
    assert_error(api.post(f"/api/v1/runs/{run.run_id}/log/", {"tags": {"a": "b"}}), 409)


def test_a_parent_takes_its_descendants_to_the_trash_and_back():
    parent = make_run()
    child = make_run(parent_run_id=parent.run_id)
    grandchild = make_run(parent_run_id=child.run_id)
    alone = make_run(parent_run_id=parent.run_id)
    alone.trash()
    assert api.delete(f"/api/v1/runs/{parent.run_id}/").status == 200
    assert Run.objects.active().count() == 0
    api.post(f"/api/v1/runs/{parent.run_id}/restore/")
    assert set(Run.objects.active()) == {parent, child, grandchild}


def test_runs_that_are_each_others_parents_can_be_trashed():
    one = make_run(run_id="one", parent_run_id="two")
    make_run(run_id="two", parent_run_id="one")
    one.trash()
    assert Run.objects.active().count() == 0


def test_the_list_filters_orders_and_limits_columns():
    digits = make_experiment()
    low = make_run(digits, params={"lr": "0.1", "seed": "1"}, metrics={"loss": [0.1], "acc": [0.9]})
    make_run(digits, metrics={"loss": [0.9]})
    make_run(metrics={"loss": [0.01]})
    body = api.get(
        f"/api/v1/runs/?experiment={digits.pk}&filter=metrics.loss<0.5&columns=params.lr&columns=metrics.acc"
    ).body
    assert [run["run_id"] for run in body["runs"]] == [low.run_id]
    assert body["runs"][0]["params"] == {"lr": "0.1"}
    assert list(body["runs"][0]["metrics"]) == ["acc"]


def test_the_list_is_paged_by_cursor_in_order():
    runs = [make_run(metrics={"loss": [value]}) for value in (3, 1, 2)]
    first = api.get("/api/v1/runs/?order_by=metrics.loss&limit=2").body
    rest = api.get(f"/api/v1/runs/?order_by=metrics.loss&limit=2&cursor={first['next_cursor']}").body
    ids = [run["run_id"] for run in first["runs"] + rest["runs"]]
    assert ids == [runs[1].run_id, runs[2].run_id, runs[0].run_id]


def test_listing_costs_four_queries_however_many_runs(django_assert_num_queries):
    for _ in range(4):
        make_run(params={"lr": "1"}, tags={"a": "b"}, metrics={"loss": [1]})
    with django_assert_num_queries(4):  # runs; params; tags; metrics
        assert len(api.get("/api/v1/runs/").body["runs"]) == 4


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=x", "limit=1001", "experiment=a", "cursor=nonsense", "filter=metrics.", "order_by=up"]
)
def test_a_wrong_query_is_400(query):
    assert_error(api.get(f"/api/v1/runs/?{query}"), 400)


def test_put_again_adds_what_was_missing_and_keeps_edits():
    api.put("/api/v1/runs/r1/", {"tags": {"state": "draft"}})
    api.post("/api/v1/runs/r1/log/", {"tags": {"state": "edited"}})
    body = api.put("/api/v1/runs/r1/", {"params": {"lr": "0.1"}, "tags": {"state": "draft", "new": "1"}}).body
    assert (body["params"], body["tags"]) == ({"lr": "0.1"}, {"state": "edited", "new": "1"})
    assert_error(api.put("/api/v1/runs/r1/", {"params": {"lr": "0.2"}}), 409, "PARAM_ALREADY_SET")


def test_a_run_is_not_its_own_ancestor():
    assert_error(api.put("/api/v1/runs/p3/", {"parent_run_id": "p3"}), 400, field="parent_run_id")
    assert api.put("/api/v1/runs/p1/", {"parent_run_id": "p2"}).status == 201
    assert_error(api.put("/api/v1/runs/p2/", {"parent_run_id": "p1"}), 400, field="parent_run_id")
    assert api.put("/api/v1/runs/p2/", {"parent_run_id": "p0"}).status == 201


def test_a_run_that_was_made_beforehand_is_told_where_it_comes_from():
    make_run(run_id="r1", user="ada", status="SCHEDULED", end_time=None)
    api.put("/api/v1/runs/r1/", {"source_name": "/code/a", "source_type": "PROJECT", "user": "eve"})
    run = Run.objects.by_id("r1")
    assert (run.source_name, run.source_type, run.user) == ("/code/a", "PROJECT", "ada")
