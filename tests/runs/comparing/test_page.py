"""`/compare/?run=…` without a browser. What is compared how is in test_comparison.py and its neighbours."""

import pytest
from django.test import Client

from tests.factories import make_experiment, make_run
from trackerweb.clock import now_ms

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    return Client(raise_request_exception=False)


def address(runs, **options):
    parts = [f"run={run.run_id}" for run in runs] + [f"{name}={value}" for name, value in options.items()]
    return f"/compare/?{'&'.join(parts)}"


def page_of(client, runs, **options):
    response = client.get(address(runs, **options))
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def two_runs():
    experiment = make_experiment("digits")
    return [
        make_run(experiment, name="slow", params={"lr": "0.01", "opt": "sgd"}, metrics={"val/loss": [3, 2]}),
        make_run(experiment, name="fast", params={"lr": "0.1", "opt": "sgd"}, metrics={"val/loss": [3, 1]}),
    ]


def test_charts_come_first_with_the_runs_beside_them(client, two_runs):
    page = page_of(client, two_runs)
    assert 'data-key="val/loss"' in page
    assert "slow" in page
    assert "fast" in page
    assert "digits" in page


def test_params_show_differences_and_the_equal_ones_on_demand(client, two_runs):
    assert 'title="opt"' not in page_of(client, two_runs, tab="params")
    assert 'title="opt"' in page_of(client, two_runs, tab="params", equal=1)


def test_the_best_of_a_metric_is_said_in_words_too(client, two_runs):
    page = page_of(client, two_runs, tab="metrics")
    assert page.count('<span class="for-screen-readers"> best</span>') == 1


def test_metrics_show_their_highest_value_on_demand(client, two_runs):
    assert 'title="3"' in page_of(client, two_runs, tab="metrics", value="max")


def test_no_run_says_how_to_choose_some(client):
    assert "No runs to compare yet" in page_of(client, [])


def test_one_run_offers_the_one_before(client):
    experiment = make_experiment()
    earlier, later = make_run(experiment, start_time=1), make_run(experiment, start_time=2)
    page = page_of(client, [later])
    assert f"/compare/?run={later.run_id}&amp;run={earlier.run_id}" in page


def test_runs_that_are_not_there_are_named_and_the_rest_is_shown(client, two_runs):
    gone = make_run(name="gone-one")
    gone.trash()
    page = client.get(address([*two_runs, gone]) + "&run=nobody").content.decode()
    assert "Compare 2 runs" in page
    assert "gone-one</a> is in the trash." in page
    assert "There is no run <code>nobody</code>." in page


def test_more_than_a_hundred_runs_in_an_address_are_refused_in_words(client):
    response = client.get("/compare/?" + "&".join(f"run={number}" for number in range(101)))
    assert response.status_code == 400
    assert "an address holds 100. Select them in the run table" in response.content.decode()


@pytest.mark.parametrize("option", ["tab=nothing", "value=median"])
def test_an_unknown_choice_is_refused(client, option):
    assert client.get(f"/compare/?{option}").status_code == 400


@pytest.mark.parametrize("tab", ["charts", "params", "metrics"])
def test_what_runs_hold_is_escaped(client, tab):
    evil = "<script>alert(1)</script>"
    runs = [make_run(name=evil, params={evil: f"{evil}{number}"}, metrics={evil: [1, 2]}) for number in range(2)]
    assert "<script>alert" not in page_of(client, runs, tab=tab)


@pytest.mark.parametrize("tab", ["charts", "params", "metrics"])
@pytest.mark.parametrize("count", [2, 40])
def test_the_number_of_queries_does_not_grow_with_the_selection(client, tab, count, django_assert_max_num_queries):
    runs = [
        make_run(params={f"p{n}": str(number) for n in range(count)}, metrics={f"m{n}": [1, 2] for n in range(count)})
        for number in range(count)
    ]
    # runs and experiments, params, metrics, which are reruns, directions, experiments in the bar
    with django_assert_max_num_queries(6):
        page_of(client, runs, tab=tab)


def test_the_live_answer_counts_points_and_running_runs(client, two_runs):
    running = make_run(status="RUNNING", end_time=None, heartbeat_time=now_ms(), metrics={"val/loss": [1]})
    answer = client.get(address([*two_runs, running]).replace("/compare/", "/compare/live/"))
    assert answer.json()["points"] == {run.run_id: {"val/loss": 2} for run in two_runs} | {
        running.run_id: {"val/loss": 1}
    }
    assert answer.json()["running"] == 1


def test_a_later_live_answer_tells_of_runs_that_logged_since(client, two_runs):
    running = make_run(status="RUNNING", end_time=None, heartbeat_time=now_ms(), metrics={"val/loss": [1]})
    live = address([*two_runs, running]).replace("/compare/", "/compare/live/")
    time = client.get(live).json()["time"]
    assert list(client.get(f"{live}&since={time}").json()["points"]) == [running.run_id]


def test_many_runs_come_fifty_columns_at_a_time_with_the_base_beside_them(client):
    experiment = make_experiment()
    runs = [make_run(experiment, name=f"run-{number}", params={"p": str(number)}) for number in range(60)]
    page = page_of(client, runs, tab="params")
    assert 'title="run-49"' in page
    assert 'title="run-50"' not in page
    page = page_of(client, runs, tab="params", first=50)
    assert 'title="run-0"' in page
    assert 'title="run-49"' not in page
    assert 'title="run-59"' in page


def test_the_value_at_a_step_is_that_of_the_nearest_point_before_it(client):
    runs = [make_run(metrics={"loss": [5, 4, 3]}), make_run(metrics={"loss": [9]})]
    page = page_of(client, runs, tab="metrics", value="step", step=1)
    assert '<span title="4">' in page
    assert '<span title="9">' in page
    assert "the value at step 1, or at the nearest step before" in page


def test_a_live_comparison_leads_back_to_the_table_with_its_filter(client, two_runs):
    experiment = two_runs[0].experiment
    page = client.get(f"/compare/?q=lr<1&experiment={experiment.pk}&sort=metrics.val/loss").content.decode()
    assert "all that match" in page
    assert f"/experiments/{experiment.pk}/?q=lr%3C1&amp;sort=metrics.val%2Floss" in page
