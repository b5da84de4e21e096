"""Rows for pages that refresh themselves."""

import re

import pytest

from runs.models import Run
from tests.factories import make_experiment, make_run
from trackerweb.clock import now_ms

pytestmark = pytest.mark.django_db


@pytest.fixture
def experiment():
    found = make_experiment()
    make_run(found, run_id="r1", name="first", metrics={"loss": 1.0})
    return found


def ask(client, experiment, etag="", **query):
    headers = {"If-None-Match": etag} if etag else {}
    return client.get(f"/experiments/{experiment.pk}/rows/", query, headers=headers)


def test_nothing_comes_while_nothing_changed(client, experiment):
    first = ask(client, experiment)
    assert 'data-run-id="r1"' in first.text
    assert "<html" not in first.text
    again = ask(client, experiment, first["ETag"])
    assert (again.status_code, again.content) == (304, b"")


def test_it_is_cheap_to_hear_that_nothing_changed(client, experiment, django_assert_num_queries):
    etag = ask(client, experiment)["ETag"]
    with django_assert_num_queries(5):  # experiment; counts; newest edit; nested runs, if any; page of runs
        ask(client, experiment, etag)


@pytest.mark.parametrize(
    "change",
    [
        lambda experiment: make_run(experiment),
        lambda experiment: Run.objects.filter(run_id="r1").update(heartbeat_time=now_ms()),
        lambda experiment: Run.objects.get(run_id="r1").change(name="renamed"),
        lambda experiment: Run.objects.get(run_id="r1").set_tag("paper", "yes"),
        lambda experiment: Run.objects.get(run_id="r1").trash(),
    ],
)
def test_a_change_is_seen(client, experiment, change):
    etag = ask(client, experiment)["ETag"]
    change(experiment)
    assert ask(client, experiment, etag).status_code == 200


def test_a_row_has_another_version_once_it_shows_something_else(client, experiment):
    def version():
        return re.search(r'data-version="(\w+)"', ask(client, experiment).text)[1]

    make_run(experiment, tags={"paper": "no"}, start_time=0)
    before = version()
    assert version() == before
    Run.objects.get(run_id="r1").set_tag("paper", "yes")
    assert version() != before


def test_the_state_of_the_page_is_that_of_its_rows(client, experiment):
    make_run(experiment, run_id="r2", metrics={"loss": 5.0})
    assert 'data-run-id="r2"' not in ask(client, experiment, q="metrics.loss < 2").text
    assert 'data-hits="1"' in ask(client, experiment, q="metrics.loss < 2").text


def test_rows_within_groups_have_their_columns_alone(client, experiment):
    query = {"in": "groups", "column": ["params.lr", "metrics.loss"]}
    html = ask(client, experiment, **query).text
    assert "started" not in html
    assert html.count("<td") == 4  # check box, param, digest for phones, metric


def test_rows_across_experiments_refresh_too(client, experiment):
    assert 'data-run-id="r1"' in client.get("/search/rows/").text


def test_an_experiment_that_is_not_there_has_no_rows(client):
    assert client.get("/experiments/999/rows/").status_code == 404
