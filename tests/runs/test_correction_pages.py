"""Pages that correct, cut, move and copy, without a browser."""

import pytest
from django.test import Client

from experiments.models import AuditEntry, Experiment
from runs.models import Run
from tests.factories import make_experiment, make_run

pytestmark = pytest.mark.django_db

PAGES = [
    "params/correct/?key=lr",
    "params/delete/?key=lr",
    "metrics/cut/?key=loss",
    "metrics/cut/?key=loss&from_step=3",
    "metrics/delete/?key=loss",
    "move/",
    "copy/",
]


@pytest.fixture
def client():
    return Client(raise_request_exception=False)


@pytest.fixture
def run():
    return make_run(make_experiment("digits"), name="first", params={"lr": "0.1"}, metrics={"loss": range(6205)})


def page_of(client, run, path=""):
    response = client.get(f"/runs/{run.run_id}/{path}")
    assert response.status_code == 200, response.content
    return response.text


def post(client, run, path, **form):
    """Send a form, and go where it leads: what the page there says."""
    response = client.post(f"/runs/{run.run_id}/{path}", form, follow=True)
    assert response.status_code == 200, response.content
    return response.text


def test_a_param_is_corrected_and_the_page_says_what_it_was(client, run):
    assert 'value="0.1"' in page_of(client, run, "params/correct/?key=lr")
    page = post(client, run, "params/correct/", key="lr", value=" 0.2 ")
    assert "lr is “0.2” now. It was “0.1”." in page
    assert run.params.get().value == "0.2"


def test_a_long_param_is_corrected_line_by_line(client):
    run = make_run(params={"layers": "one\ntwo"})
    assert "<textarea" in page_of(client, run, "params/correct/?key=layers")
    post(client, run, "params/correct/", key="layers", value="one\r\ntwo\r\nthree")
    assert run.params.get().value == "one\ntwo\nthree"


def test_a_param_left_as_it_was_is_no_correction(client, run):
    assert "It was" not in post(client, run, "params/correct/", key="lr", value="0.1")


def test_deleting_a_param_asks_first(client, run):
    assert "This deletes the param lr, which is “0.1”." in page_of(client, run, "params/delete/?key=lr")
    assert run.params.exists()
    assert "Deleted the param lr. It was “0.1”." in post(client, run, "params/delete/", key="lr")
    assert not run.params.exists()


def test_cutting_a_metric_asks_from_where_and_then_once_more(client, run):
    assert "</code> has 6,205 points from step 0 to 6,204." in page_of(client, run, "metrics/cut/?key=loss")
    asked = page_of(client, run, "metrics/cut/?key=loss&from_step=5,000")
    assert "This deletes 1,205 points of loss from step 5,000 to 6,204. 5,000 points before it will stay." in asked
    assert run.metrics.get().count == 6205
    page = post(client, run, "metrics/cut/", key="loss", from_step="5000")
    assert "Deleted 1,205 points of loss from step 5,000 to 6,204." in page
    assert run.metrics.get().count == 5000


def test_a_cut_where_nothing_is_asks_again(client, run):
    page = page_of(client, run, "metrics/cut/?key=loss&from_step=9000")
    assert "No point is at step 9000 or later." in page
    assert 'method="get"' in page
    assert "Nothing was deleted." in post(client, run, "metrics/cut/", key="loss", from_step="9000")


def test_a_cut_of_everything_says_so(client, run):
    page = page_of(client, run, "metrics/cut/?key=loss&from_step=0")
    assert "This deletes the metric loss with all its 6,205 points from step 0 to 6,204." in page


def test_deleting_a_metric_asks_first(client, run):
    assert "This deletes the metric loss with all its 6,205 points" in page_of(client, run, "metrics/delete/?key=loss")
    assert "Deleted the metric loss with 6,205 points" in post(client, run, "metrics/delete/", key="loss")
    assert not run.metrics.exists()


@pytest.mark.parametrize("step", ["", "x", "1.5", "1_0", "9" * 30, "٣"])
def test_a_step_that_is_none_is_refused(client, run, step):
    response = client.post(f"/runs/{run.run_id}/metrics/cut/", {"key": "loss", "from_step": step})
    assert response.status_code == 400
    assert run.metrics.get().count == 6205


def test_a_run_is_moved_to_an_experiment_that_is_made_for_it(client, run):
    make_experiment("speech")
    assert '<option value="speech">' in page_of(client, run, "move/")
    assert "Moved to fresh." in post(client, run, "move/", experiment=" fresh ")
    assert Run.objects.get(pk=run.pk).experiment == Experiment.objects.named("fresh")
    assert "It is in fresh already." in post(client, run, "move/", experiment="fresh")


def test_a_move_tells_of_the_children_that_go_along(client, run):
    make_run(parent_run_id=run.run_id)
    assert "The 1 run that it started moves along." in page_of(client, run, "move/")
    assert "Moved to fresh, with 1 run that it started." in post(client, run, "move/", experiment="fresh")


def test_a_copy_is_shown_and_says_what_it_is(client, run):
    make_run(parent_run_id=run.run_id)
    assert "with the 1 run that it started" in page_of(client, run, "copy/")
    page = post(client, run, "copy/", experiment="digits", name="second", with_children="1")
    assert "This is the copy of first." in page
    copy = Run.objects.get(name="second")
    assert Run.objects.filter(parent_run_id=copy.run_id).count() == 1


@pytest.mark.parametrize("form", [{"experiment": ""}, {"experiment": "a\0b"}, {"experiment": "x" * 501}])
@pytest.mark.parametrize("verb", ["move", "copy"])
def test_an_experiment_that_can_not_be_is_refused(client, run, verb, form):
    assert client.post(f"/runs/{run.run_id}/{verb}/", {"name": "n"} | form).status_code == 400
    assert Run.objects.count() == 1


def test_the_run_page_offers_its_corrections_and_shows_what_was_corrected(client, run):
    client.post(f"/runs/{run.run_id}/params/correct/", {"key": "lr", "value": "0.2"})
    page = page_of(client, run)
    for address in (
        "move/", "copy/", "params/correct/?key=lr", "params/delete/?key=lr", "metrics/cut/?key=loss",
        "metrics/delete/?key=loss",
    ):  # fmt: skip
        assert f'href="/runs/{run.run_id}/{address}"' in page
    assert "Corrected the param lr" in page


def test_keys_of_any_kind_can_be_corrected(client):
    key = "a/b & c?d=<e>%"
    run = make_run(params={key: "1"})
    assert "params/correct/?key=a%2Fb%20%26%20c%3Fd%3D%3Ce%3E%25" in page_of(client, run)
    assert "<code>a/b &amp; c?d=&lt;e&gt;%</code>" in page_of(
        client, run, "params/correct/?key=a%2Fb%20%26%20c%3Fd%3D%3Ce%3E%25"
    )
    post(client, run, "params/correct/", key=key, value="2")
    assert run.params.get().value == "2"


def test_a_run_in_the_trash_offers_and_takes_no_correction(client, run):
    run.trash()
    page = page_of(client, run)
    assert "params/correct" not in page
    assert "metrics/cut" not in page
    assert f"/runs/{run.run_id}/move/" not in page
    for path in PAGES:
        assert client.get(f"/runs/{run.run_id}/{path}").status_code == 409
        form = {"key": "lr" if "params" in path else "loss", "value": "1", "from_step": "1", "experiment": "x"}
        assert client.post(f"/runs/{run.run_id}/{path.partition('?')[0]}", form | {"name": "n"}).status_code == 409
    assert AuditEntry.objects.count() == 1


@pytest.mark.parametrize("path", PAGES)
def test_what_is_not_there_is_not_found(client, path):
    assert client.get(f"/runs/nobody/{path}").status_code == 404
    if "key" in path:
        assert client.get(f"/runs/{make_run().run_id}/{path}").status_code == 404


@pytest.mark.parametrize("path", PAGES)
def test_changes_need_a_token_of_our_form(run, path):
    response = Client(enforce_csrf_checks=True).post(
        f"/runs/{run.run_id}/{path.partition('?')[0]}", {"key": "lr", "value": "7", "from_step": "0", "experiment": "x"}
    )
    assert response.status_code == 403
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("path", PAGES)
def test_looking_changes_nothing(client, run, path):
    page_of(client, run, path)
    assert not AuditEntry.objects.exists()
