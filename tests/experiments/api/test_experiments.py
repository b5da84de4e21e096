"""`/api/v1/experiments/`."""

import pytest

from experiments.models import AuditEntry, Experiment
from tests.api import Api, assert_error
from tests.factories import make_experiment, make_run

pytestmark = pytest.mark.django_db
api = Api()


def test_default_is_there_with_id_0():
    status, body = api.get("/api/v1/experiments/0/")
    assert (status, body["name"]) == (200, "Default")


def test_a_new_experiment_is_answered_with_201_and_its_tags():
    status, body = api.post("/api/v1/experiments/", {"name": "digits", "note": "**hi**", "tags": {"team": "a"}})
    assert status == 201
    assert (body["name"], body["note"], body["tags"]) == ("digits", "**hi**", {"team": "a"})


def test_a_taken_name_is_409():
    make_experiment("digits")
    assert_error(api.post("/api/v1/experiments/", {"name": "digits"}), 409, "RESOURCE_ALREADY_EXISTS", "name")


def test_by_name_gets_or_makes_one_in_one_idempotent_call():
    first = api.put("/api/v1/experiments/by-name/vision/digits/")
    again = api.put("/api/v1/experiments/by-name/vision/digits/")
    assert (first.status, again.status) == (201, 200)
    assert first.body["experiment_id"] == again.body["experiment_id"]


def test_get_by_name_makes_nothing():
    assert_error(api.get("/api/v1/experiments/by-name/nobody/"), 404, field="name")
    assert Experiment.objects.count() == 1


def test_a_trashed_name_is_free_and_a_taken_one_blocks_the_way_back():
    old = make_experiment("digits")
    run = make_run(old)
    assert api.delete(f"/api/v1/experiments/{old.pk}/").body["lifecycle_stage"] == "deleted"
    assert api.get(f"/api/v1/runs/{run.run_id}/").body["lifecycle_stage"] == "deleted"
    make_experiment("digits")
    assert_error(api.post(f"/api/v1/experiments/{old.pk}/restore/"), 409)
    api.patch(f"/api/v1/experiments/{old.pk}/", {"name": "digits-2024"})
    assert api.post(f"/api/v1/experiments/{old.pk}/restore/").body["lifecycle_stage"] == "active"
    assert api.get(f"/api/v1/runs/{run.run_id}/").body["lifecycle_stage"] == "active"


def test_restoring_leaves_runs_in_the_trash_that_went_there_by_themselves():
    experiment = make_experiment()
    run = make_run(experiment)
    run.trash()
    experiment.trash()
    experiment.restore()
    run.refresh_from_db()
    assert not run.is_active


def test_a_change_leaves_an_audit_entry_with_the_old_value():
    experiment = make_experiment("digits")
    api.patch(f"/api/v1/experiments/{experiment.pk}/", {"name": "figures", "tags": {"a": "b"}})
    entry = AuditEntry.objects.get(action="change")
    assert (entry.kind, entry.before) == ("experiment", {"name": "digits"})


def test_the_list_is_paged_newest_first():
    names = [make_experiment().name for _ in range(5)]
    first = api.get("/api/v1/experiments/?limit=4").body
    rest = api.get(f"/api/v1/experiments/?limit=4&cursor={first['next_cursor']}").body
    listed = [item["name"] for item in first["experiments"] + rest["experiments"]]
    assert listed == [*reversed(names), "Default"]
    assert rest["next_cursor"] is None


def test_the_list_shows_the_trash_on_request():
    experiment = make_experiment()
    experiment.trash()
    assert [item["name"] for item in api.get("/api/v1/experiments/").body["experiments"]] == ["Default"]
    deleted = api.get("/api/v1/experiments/?stage=deleted").body["experiments"]
    assert [item["name"] for item in deleted] == [experiment.name]


def test_listing_costs_two_queries(django_assert_num_queries):
    for _ in range(5):
        make_experiment().set_tags({"a": "b"})
    with django_assert_num_queries(2):  # experiments; their tags
        api.get("/api/v1/experiments/")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "   "}, "name"),
        ({"name": "a" * 501}, "name"),
        ({"name": 7}, "name"),
        ({"name": None}, "name"),
        ({"name": "a", "colour": "red"}, "colour"),
        ({"name": "a", "tags": {"k": 1}}, "tags.k"),
        ({"name": "a", "tags": ["k"]}, "tags"),
        ({"name": "a", "primary_direction": "up"}, "primary_direction"),
    ],
)
def test_a_wrong_body_names_the_field(body, field):
    assert_error(api.post("/api/v1/experiments/", body), 400, field=field)
    assert Experiment.objects.count() == 1


def test_tags_leave_their_old_values_in_the_audit_trail():
    experiment = make_experiment()
    path = f"/api/v1/experiments/{experiment.pk}/"
    api.patch(path, {"tags": {"team": "a", "kept": "1"}})
    api.patch(path, {"tags": {"team": "b", "kept": "1"}})
    assert api.delete(f"{path}tags/team/").body["tags"] == {"kept": "1"}
    assert api.delete(f"{path}tags/team/").status == 200
    told = list(AuditEntry.objects.order_by("pk").values_list("action", "before"))
    assert told == [
        ("set tag", {"team": None, "kept": None}),
        ("set tag", {"team": "a"}),
        ("delete tag", {"team": "b"}),
    ]


def test_what_an_experiment_is_made_with_is_no_change():
    api.post("/api/v1/experiments/", {"name": "digits", "tags": {"team": "a"}})
    assert not AuditEntry.objects.exists()


def test_in_the_trash_only_the_name_can_be_changed():
    experiment = make_experiment("digits")
    experiment.trash()
    path = f"/api/v1/experiments/{experiment.pk}/"
    assert_error(api.patch(path, {"note": "x"}), 409, field="experiment_id")
    assert_error(api.patch(path, {"tags": {"a": "b"}}), 409, field="experiment_id")
    assert_error(api.delete(f"{path}tags/a/"), 409, field="experiment_id")
    assert api.patch(path, {"name": "other"}).body["name"] == "other"


def test_it_comes_back_under_a_new_name_where_its_own_is_taken():
    old = make_experiment("digits")
    old.trash()
    make_experiment("digits")
    path = f"/api/v1/experiments/{old.pk}/restore/"
    assert_error(api.post(path, {"name": "digits"}), 409, "RESOURCE_ALREADY_EXISTS", "name")
    assert_error(api.post(path, {"name": " "}), 400, field="name")
    body = api.post(path, {"name": "digits-2024"}).body
    assert (body["name"], body["lifecycle_stage"]) == ("digits-2024", "active")
    assert AuditEntry.objects.get(action="restore").before == {"name": "digits"}
