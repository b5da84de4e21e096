"""Corrections over the API: runs, params, tags and metrics."""

import pytest

from experiments.models import AuditEntry, Experiment
from runs.models import Run
from runs.moving import move_runs
from tests.api import Api, assert_error
from tests.factories import make_experiment, make_run

pytestmark = pytest.mark.django_db
api = Api()


def stage_of(run):
    return Run.objects.get(pk=run.pk).lifecycle_stage


def trashed(run):
    Run.objects.get(pk=run.pk).trash()
    return run


# One run


def test_a_run_moves_to_an_experiment_by_name_or_id():
    run, target = make_run(), make_experiment()
    body = api.post(f"/api/v1/runs/{run.run_id}/move/", {"experiment": "made for it"}).body
    assert Experiment.objects.get(pk=body["experiment_id"]).name == "made for it"
    body = api.post(f"/api/v1/runs/{run.run_id}/move/", {"experiment_id": target.pk}).body
    assert body["experiment_id"] == target.pk
    assert AuditEntry.objects.filter(action="move").count() == 2


def test_a_refused_move_makes_no_experiment():
    run = trashed(make_run())
    assert_error(api.post(f"/api/v1/runs/{run.run_id}/move/", {"experiment": "new"}), 409)
    assert_error(api.post("/api/v1/runs/nobody/move/", {"experiment": "new"}), 404, field="run_id")
    assert Experiment.objects.named("new") is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "experiment"),
        ({"experiment": "a", "experiment_id": 1}, "experiment"),
        ({"experiment": ""}, "name"),
        ({"experiment_id": 77}, "experiment_id"),
        ({"experiment": "a", "force": True}, "force"),
    ],
)
def test_a_move_to_nowhere_names_the_field(body, field):
    assert_error(api.post(f"/api/v1/runs/{make_run().run_id}/move/", body), field=field)


def test_a_copy_is_answered_with_201_and_names_its_origin():
    run = make_run(params={"lr": "0.1"}, metrics={"loss": [2, 1]})
    status, body = api.post(f"/api/v1/runs/{run.run_id}/copy/", {"experiment": "copies", "name": "second"})
    assert status == 201
    assert body["run_id"] != run.run_id
    assert (body["name"], body["params"], body["metrics"]["loss"]["count"]) == ("second", {"lr": "0.1"}, 2)
    assert body["tags"] == {"copied_from": run.run_id}


def test_a_copy_of_nothing_in_particular_stays_beside_its_origin():
    run = make_run(make_experiment(), name="first")
    body = api.post(f"/api/v1/runs/{run.run_id}/copy/").body
    assert (body["experiment_id"], body["name"]) == (run.experiment_id, "first")


def test_children_are_copied_on_request():
    run = make_run()
    make_run(parent_run_id=run.run_id)
    copy = api.post(f"/api/v1/runs/{run.run_id}/copy/", {"with_children": True}).body
    assert Run.objects.filter(parent_run_id=copy["run_id"]).count() == 1


# Params


def test_a_param_is_corrected():
    run = make_run(params={"a/b": "0.1"})
    status, body = api.put(f"/api/v1/runs/{run.run_id}/params/a/b/", {"value": "0.2"})
    assert (status, body["params"]) == (200, {"a/b": "0.2"})
    assert AuditEntry.objects.get().before == {"a/b": "0.1"}


def test_a_param_is_deleted():
    run = make_run(params={"lr": "0.1"})
    assert api.delete(f"/api/v1/runs/{run.run_id}/params/lr/").body["params"] == {}
    assert_error(api.delete(f"/api/v1/runs/{run.run_id}/params/lr/"), 404, field="key")


def test_a_param_that_is_not_there_is_not_made_by_correcting_it():
    run = make_run()
    assert_error(api.put(f"/api/v1/runs/{run.run_id}/params/lr/", {"value": "0.2"}), 404, field="key")


@pytest.mark.parametrize(
    ("body", "field"), [({}, "value"), ({"value": 1}, "value"), ({"value": None}, "value"), ({"v": "1"}, "v")]
)
def test_a_value_is_text(body, field):
    run = make_run(params={"lr": "0.1"})
    assert_error(api.put(f"/api/v1/runs/{run.run_id}/params/lr/", body), 400, field=field)


# Tags


def test_a_tag_is_set_and_removed_and_both_leave_the_old_value():
    run = make_run(tags={"state": "draft"})
    path = f"/api/v1/runs/{run.run_id}/tags/state/"
    assert api.put(path, {"value": "done"}).body["tags"] == {"state": "done"}
    assert api.delete(path).body["tags"] == {}
    assert api.delete(path).status == 200
    told = list(AuditEntry.objects.order_by("pk").values_list("action", "before"))
    assert told == [("set tag", {"state": "draft"}), ("delete tag", {"state": "done"})]


def test_a_tag_that_is_as_it_should_be_leaves_no_entry():
    run = make_run(tags={"state": "done"})
    api.put(f"/api/v1/runs/{run.run_id}/tags/state/", {"value": "done"})
    assert not AuditEntry.objects.exists()


# Metrics


def test_a_metric_is_cut_and_deleted():
    run = make_run(metrics={"val/loss": [4, 3, 2, 1], "acc": [1]})
    path = f"/api/v1/runs/{run.run_id}/metrics/val/loss/"
    assert api.delete(f"{path}?from_step=2").body["metrics"]["val/loss"]["count"] == 2
    assert list(api.delete(path).body["metrics"]) == ["acc"]
    assert_error(api.delete(path), 404, field="key")


@pytest.mark.parametrize("query", ["from_step=", "from_step=x", "from_step=1.5", "from_step=" + "9" * 30, "from=3"])
def test_no_slip_of_the_pen_deletes_a_whole_metric(query):
    run = make_run(metrics={"loss": [2, 1]})
    assert_error(api.delete(f"/api/v1/runs/{run.run_id}/metrics/loss/?{query}"), 400)
    assert run.metrics.get().count == 2


def test_nothing_of_a_run_in_the_trash_is_corrected():
    run = trashed(make_run(params={"lr": "1"}, tags={"a": "b"}, metrics={"loss": [1]}))
    path = f"/api/v1/runs/{run.run_id}"
    for method, part, body in [
        ("POST", "move/", {"experiment": "x"}), ("POST", "copy/", {}), ("PUT", "params/lr/", {"value": "2"}),
        ("DELETE", "params/lr/", None), ("PUT", "tags/a/", {"value": "c"}), ("DELETE", "tags/a/", None),
        ("DELETE", "metrics/loss/", None), ("DELETE", "metrics/loss/?from_step=0", None),
    ]:  # fmt: skip
        assert_error(api.send(method, f"{path}/{part}", body), 409, "RESOURCE_CONFLICT")


# Many runs


def test_many_runs_move_at_once():
    runs = [make_run(), make_run()]
    child = make_run(parent_run_id=runs[0].run_id)
    body = api.post("/api/v1/bulk/runs/move/", {"run_ids": [run.run_id for run in runs], "experiment": "new"}).body
    assert set(body["run_ids"]) == {run.run_id for run in (*runs, child)}
    assert Run.objects.filter(experiment__name="new").count() == 3


def test_many_runs_go_to_the_trash_and_come_back():
    runs, already = [make_run(), make_run()], trashed(make_run())
    ids = [run.run_id for run in (*runs, already)]
    assert api.post("/api/v1/bulk/runs/trash/", {"run_ids": ids}).body["run_ids"] == ids[:2]
    assert Run.objects.active().count() == 0
    assert api.post("/api/v1/bulk/runs/restore/", {"run_ids": ids[:1]}).body["run_ids"] == ids[:1]
    assert (stage_of(runs[0]), stage_of(runs[1])) == ("active", "deleted")


def test_a_parent_and_its_child_can_be_chosen_together():
    parent = make_run()
    child = make_run(parent_run_id=parent.run_id)
    ids = [parent.run_id, child.run_id]
    assert api.post("/api/v1/bulk/runs/trash/", {"run_ids": ids}).body["run_ids"] == ids
    assert api.post("/api/v1/bulk/runs/restore/", {"run_ids": ids}).body["run_ids"] == ids
    assert (stage_of(parent), stage_of(child)) == ("active", "active")


@pytest.mark.parametrize("verb", ["move", "trash", "restore"])
def test_all_of_many_change_or_none_and_the_first_wrong_one_is_named(verb):
    run = make_run() if verb != "restore" else trashed(make_run())
    before = stage_of(run)
    target = {"experiment": "new"} if verb == "move" else {}
    answer = api.post(f"/api/v1/bulk/runs/{verb}/", {"run_ids": [run.run_id, "nobody", "nothing"]} | target)
    assert_error(answer, 404, "RESOURCE_DOES_NOT_EXIST", "run_ids")
    assert answer.body["index"] == 1
    assert stage_of(run) == before
    assert Experiment.objects.named("new") is None


def test_a_move_of_many_names_the_one_in_the_trash():
    ids = [make_run().run_id, trashed(make_run()).run_id]
    answer = api.post("/api/v1/bulk/runs/move/", {"run_ids": ids, "experiment": "new"})
    assert_error(answer, 409, field="run_ids")
    assert answer.body["index"] == 1


@pytest.mark.parametrize("run_ids", [[], "r1", [1], None, ["r1", "r1"], [f"r{number}" for number in range(1001)]])
def test_a_list_of_runs_has_1_to_1000_ids(run_ids):
    make_run(run_id="r1")
    assert_error(api.post("/api/v1/bulk/runs/trash/", {"run_ids": run_ids}), 400)
    assert Run.objects.active().count() == 1


@pytest.mark.parametrize("run_id", ["move", "copy", "bulk", "trash"])
def test_a_run_may_be_called_like_a_verb(run_id):
    assert api.put(f"/api/v1/runs/{run_id}/", {}).status == 201
    assert api.get(f"/api/v1/runs/{run_id}/").body["run_id"] == run_id


# The audit trail


def test_the_audit_trail_is_listed_newest_first_a_page_at_a_time():
    run = make_run(params={"lr": "1"}, name="first")
    for value in ("2", "3", "4"):
        api.put(f"/api/v1/runs/{run.run_id}/params/lr/", {"value": value})
    first = api.get("/api/v1/audit/?limit=2").body
    rest = api.get(f"/api/v1/audit/?limit=2&cursor={first['next_cursor']}").body
    assert [entry["before"]["lr"] for entry in first["entries"] + rest["entries"]] == ["3", "2", "1"]
    assert rest["next_cursor"] is None
    entry = first["entries"][0]
    assert (entry["who"], entry["action"], entry["kind"]) == ("owner", "correct param", "run")
    assert (entry["object_id"], entry["name"]) == (run.run_id, "first")
    assert set(entry) == {"time", "who", "action", "kind", "object_id", "name", "before"}


def test_the_audit_trail_of_one_thing():
    runs, experiment = [make_run(), make_run()], make_experiment()
    for run in runs:
        run.change(note="new")
    experiment.change(note="new")
    assert len(api.get(f"/api/v1/audit/?kind=run&object={runs[0].run_id}").body["entries"]) == 1
    assert len(api.get("/api/v1/audit/?kind=run").body["entries"]) == 2
    assert api.get(f"/api/v1/audit/?kind=run&object={experiment.pk}").body["entries"] == []


def test_the_old_value_of_a_cut_is_json_even_where_it_is_no_number():
    run = make_run(metrics={"m": [float("nan"), float("inf")]})
    api.delete(f"/api/v1/runs/{run.run_id}/metrics/m/")
    (entry,) = api.get("/api/v1/audit/").body["entries"]
    assert entry["before"]["m"]["last"] == "Infinity"


def test_a_script_resumes_in_an_experiment_that_was_renamed_meanwhile():
    api.put("/api/v1/runs/resumed/", {"experiment": "first name"})
    run = Run.objects.by_id("resumed")
    run.experiment.change(name="second name")
    assert api.put("/api/v1/runs/resumed/", {"experiment": "first name"}).status == 200
    assert Experiment.objects.named("first name") is None
    move_runs([Run.objects.by_id("resumed")], Experiment.objects.add("third"))
    assert api.put("/api/v1/runs/resumed/", {"experiment": "first name"}).status == 200
    assert_error(api.put("/api/v1/runs/resumed/", {"experiment": "elsewhere"}), 409)
