"""What can be done with an experiment on its pages."""

import pytest
from django.test import Client

from experiments.models import AuditEntry, Experiment
from tests.factories import make_experiment, make_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    return Client(raise_request_exception=False)


def edit(client, experiment, **form):
    response = client.post(f"/experiments/{experiment.pk}/edit/", form)
    experiment.refresh_from_db()
    return response


def test_it_is_renamed_and_shown_again(client):
    experiment = make_experiment("old")
    assert edit(client, experiment, name=" new ").url == f"/experiments/{experiment.pk}/"
    assert experiment.name == "new"
    assert AuditEntry.objects.get().before == {"name": "old"}


def test_a_taken_name_is_refused(client):
    make_experiment("taken")
    assert edit(client, make_experiment("mine"), name="taken").status_code == 409


def test_note_tags_and_primary_metric_are_kept_on_its_own_page(client):
    experiment = make_experiment()
    assert edit(client, experiment, note="Why **so**?\r\n").url == f"/experiments/{experiment.pk}/edit/"
    edit(client, experiment, tag="team", value="vision")
    edit(client, experiment, tag="gone")
    edit(client, experiment, remove_tag="gone")
    edit(client, experiment, primary_metric="f1", primary_direction="max")
    assert experiment.note == "Why **so**?"
    assert dict(experiment.tags.values_list("key", "value")) == {"team": "vision"}
    assert (experiment.primary_metric, experiment.primary_direction) == ("f1", "max")
    page = client.get(f"/experiments/{experiment.pk}/edit/").text
    for text in ("<strong>so</strong>", "vision", 'value="f1"', 'value="max" selected'):
        assert text in page


def test_without_a_metric_there_is_no_direction(client):
    experiment = make_experiment(primary_metric="f1", primary_direction="max")
    edit(client, experiment, primary_metric=" ", primary_direction="max")
    assert (experiment.primary_metric, experiment.primary_direction) == ("", "")


@pytest.mark.parametrize(
    "form",
    [{"name": ""}, {"name": "a\0b"}, {"tag": ""}, {"tag": "a\x07"}, {"primary_metric": "a", "primary_direction": "up"}],
)
def test_what_can_not_be_stored_is_refused(client, form):
    assert edit(client, make_experiment(), **form).status_code == 400
    assert not AuditEntry.objects.exists()


def test_metrics_of_its_runs_are_offered(client):
    experiment = make_experiment()
    make_run(experiment, metrics={"loss": [1]})
    make_run(metrics={"elsewhere": [1]})
    page = client.get(f"/experiments/{experiment.pk}/edit/").text
    assert '<option value="loss">' in page
    assert "elsewhere" not in page


def test_its_page_shows_note_tags_and_the_menu(client):
    experiment = make_experiment(note="Why **so**?")
    experiment.set_tags({"team": "vision"})
    page = client.get(f"/experiments/{experiment.pk}/").text
    for text in ("Why so?", "<strong>so</strong>", "team: vision", f"/experiments/{experiment.pk}/edit/", "Rename"):
        assert text in page
    assert f"/history/?kind=experiment&amp;object={experiment.pk}" in page


def test_what_it_holds_is_escaped(client):
    evil = "<script>alert(1)</script>"
    experiment = make_experiment(evil, note=evil, primary_metric=evil)
    experiment.set_tags({evil: evil})
    for path in ("", "edit/"):
        assert "<script>alert" not in client.get(f"/experiments/{experiment.pk}/{path}").text


def test_it_goes_to_the_trash_and_comes_back_with_its_runs(client):
    experiment = make_experiment()
    run = make_run(experiment)
    assert client.post(f"/experiments/{experiment.pk}/trash/").url == f"/experiments/{experiment.pk}/"
    page = client.get(f"/experiments/{experiment.pk}/").text
    assert "This experiment is in the trash" in page
    assert "Rename" not in page
    client.post(f"/experiments/{experiment.pk}/restore/")
    run.refresh_from_db()
    assert run.is_active


def test_it_comes_back_under_another_name_where_its_own_is_taken(client):
    experiment = make_experiment("digits")
    experiment.trash()
    make_experiment("digits")
    response = client.post(f"/experiments/{experiment.pk}/restore/")
    assert "Another experiment is named “digits” by now." in response.text
    assert not Experiment.objects.get(pk=experiment.pk).is_active
    assert client.post(f"/experiments/{experiment.pk}/restore/", {"name": " digits-2024 "}).status_code == 302
    assert Experiment.objects.named("digits-2024") == experiment


def test_in_the_trash_it_is_not_edited(client):
    experiment = make_experiment("old")
    experiment.trash()
    assert edit(client, experiment, name="new").status_code == 409
    assert "Save note" not in client.get(f"/experiments/{experiment.pk}/edit/").text


@pytest.mark.parametrize("part", ["edit", "trash", "restore"])
def test_changes_need_a_token_of_our_form(part):
    experiment = make_experiment("old")
    response = Client(enforce_csrf_checks=True).post(f"/experiments/{experiment.pk}/{part}/", {"name": "new"})
    assert response.status_code == 403
    assert Experiment.objects.get(pk=experiment.pk).is_active


@pytest.mark.parametrize("part", ["trash", "restore"])
def test_changes_are_not_made_by_a_link(client, part):
    assert client.get(f"/experiments/{make_experiment().pk}/{part}/").status_code == 405


@pytest.mark.parametrize("part", ["edit", "trash", "restore"])
def test_an_unknown_experiment_is_not_found(client, part):
    assert client.post(f"/experiments/77/{part}/").status_code == 404


def test_the_good_end_of_another_metric_is_said_and_forgotten(client):
    experiment = make_experiment()
    address = f"/experiments/{experiment.pk}/edit/"
    client.post(address, {"metric": "reward_gap", "direction": "min"})
    assert Experiment.objects.get(pk=experiment.pk).direction_said_of("reward_gap") == "min"
    assert "reward_gap" in client.get(address).text
    client.post(address, {"metric": "reward_gap", "direction": ""})
    assert Experiment.objects.get(pk=experiment.pk).direction_said_of("reward_gap") is None


@pytest.mark.parametrize("form", [{"metric": " ", "direction": "min"}, {"metric": "a", "direction": "up"}])
def test_a_good_end_without_metric_or_direction_is_refused(client, form):
    experiment = make_experiment()
    assert client.post(f"/experiments/{experiment.pk}/edit/", form).status_code == 400
    assert not experiment.metric_directions.exists()
