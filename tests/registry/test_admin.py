"""Models on the clean-up desk."""

import pytest

from registry.models import LoggedModel, ModelVersion, RegisteredModel
from tests.factories import make_model, register

pytestmark = pytest.mark.django_db


def act(client, name, action, *rows):
    """Choose an action, and confirm it."""
    chosen = {"action": action, "_selected_action": [str(row.pk) for row in rows], "select_across": "0"}
    asked = client.post(f"/admin/registry/{name}/", chosen)
    assert asked.status_code == 200
    client.post(f"/admin/registry/{name}/", chosen | {"confirm": "1"})
    return asked.content.decode()


def test_registered_models_are_thrown_away_and_deleted_for_good(client):
    version = register(make_model(), "iris")
    home = version.registered_model
    assert "iris" in act(client, "registeredmodel", "trash", home)
    assert RegisteredModel.objects.trashed().get() == home
    act(client, "registeredmodel", "purge", home)
    assert not RegisteredModel.objects.exists()


def test_versions_come_back(client):
    version = register(make_model(), "iris")
    act(client, "modelversion", "trash", version)
    assert not ModelVersion.objects.active().exists()
    act(client, "modelversion", "restore", version)
    assert ModelVersion.objects.active().exists()


def test_logged_models_are_deleted_for_good_unless_a_version_is_made_of_them(client):
    free, used = make_model(files={"a": "1"}), make_model()
    register(used, "iris")
    for model in (free, used):
        act(client, "loggedmodel", "trash", model)
    assert "1\xa0byte" in act(client, "loggedmodel", "purge", free)
    act(client, "loggedmodel", "purge", used)
    assert list(LoggedModel.objects.all()) == [used]


def test_what_is_not_in_the_trash_is_left_alone(client):
    model = make_model()
    assert "1 not in the trash" in act(client, "loggedmodel", "purge", model)
    assert LoggedModel.objects.exists()
