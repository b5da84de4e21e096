"""The admin: the owner of this machine is signed in without a password, and nobody else gets near."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client

from tests.factories import make_run

pytestmark = pytest.mark.django_db
LISTS = [
    "experiments/experiment", "experiments/experimenttag", "experiments/auditentry", "runs/run", "runs/param",
    "runs/tag", "runs/metric", "runs/artifact", "runs/blob", "runs/environment", "runs/consolechunk", "runs/writermark",
    "runs/dataset", "runs/datasetuse", "runs/selection", "runs/sourcefile", "runs/sourcetext", "experiments/savedview",
    "experiments/metricdirection", "registry/registeredmodel", "registry/modelversion", "registry/loggedmodel",
    "runs/silence", "webhooks/webhook", "webhooks/subscription", "webhooks/webhookdelivery",
    "projects/launch",
]  # fmt: skip


def test_the_owner_is_signed_in_without_a_password():
    page = Client().get("/admin/")
    assert page.status_code == 200
    assert "Trackerweb: clean up" in page.content.decode()
    owner = User.objects.get()
    assert (owner.username, owner.is_superuser, owner.has_usable_password()) == ("owner", True, False)


def test_no_session_is_begun_and_no_page_asks_for_a_password():
    client = Client()
    client.get("/admin/runs/run/")
    assert set(client.cookies) <= {"trackerweb_csrf"}
    for path in ("login", "logout", "password_change"):
        assert client.get(f"/admin/{path}/").status_code == 404


def test_every_model_has_a_list_but_those_with_keys_of_many_columns():
    rooms = ("experiments", "runs", "registry", "projects", "webhooks")
    models = {model._meta.label for room in rooms for model in apps.get_app_config(room).get_models()}
    listed = {model._meta.label for model in admin.site._registry}
    parts = {"AliasMove", "ModelAlias", "ModelFile", "ModelMetric", "ModelParam", "ModelTag", "RegisteredModelTag"}
    shown_with_their_models = {f"registry.{name}" for name in (*parts, "RunModel", "VersionTag")}
    assert models - listed == {"runs.MetricPoint", "runs.MetricBucket"} | shown_with_their_models
    assert listed <= models
    assert {label.replace(".", "/").lower() for label in listed} == set(LISTS)


@pytest.mark.parametrize("name", LISTS)
def test_nothing_is_added_or_deleted_past_our_verbs(name):
    make_run(params={"a": "1"}, tags={"a": "1"}, metrics={"a": [1.0]})
    page = Client().get(f"/admin/{name}/")
    assert page.status_code == 200
    assert "delete_selected" not in page.content.decode()
    assert Client().get(f"/admin/{name}/add/").status_code == 403
    assert Client().post(f"/admin/{name}/1/delete/").status_code in (302, 403)


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Origin": "http://evil.example"},
        {"X-Forwarded-For": "10.0.0.1"},
        {"Via": "1.1 proxy"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
    ],
    ids=str,
)
def test_strangers_are_refused_before_the_owner_is_signed_in(headers):
    assert Client().get("/admin/", headers=headers).status_code in (400, 403)
    assert not User.objects.exists()


def test_another_machine_is_refused():
    assert Client(REMOTE_ADDR="10.0.0.7").get("/admin/").status_code == 403


def test_a_form_without_its_token_is_refused():
    client = Client(enforce_csrf_checks=True)
    run = make_run()
    form = {"action": "trash", "_selected_action": [run.pk], "confirm": "1"}
    assert client.post("/admin/runs/run/", form).status_code == 403
    run.refresh_from_db()
    assert run.is_active


def test_users_are_known_below_admin_alone():
    make_run(run_id="r1")
    for path in ("/", "/runs/r1/", "/api/v1/runs/r1/"):
        assert Client().get(path).status_code == 200
    assert not User.objects.exists()
