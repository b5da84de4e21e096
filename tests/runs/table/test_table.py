"""The page of an experiment's runs."""

import math
import re
from html import unescape

import pytest
from django.http import QueryDict

from experiments.models import Experiment
from runs.table.contents import curves
from runs.table.state import State
from tests.factories import NOON, make_experiment, make_run
from tests.runs.table.pages import keys, names, table_of
from trackerweb.clock import now_ms

pytestmark = pytest.mark.django_db


@pytest.fixture
def experiment():
    return make_experiment("digits", primary_metric="f1", primary_direction="max")


def make_sweep(experiment, count):
    for number in range(count):
        make_run(
            experiment,
            name=f"run-{number:03}",
            start_time=NOON + number,
            params={"lr": str(number), "batch": "128"},
            tags={"sweep": "03", "fold": str(number % 2)},
            metrics={"f1": [0.1, number / 100], "loss": [1.0, 1 / (number + 1)]},
        )


def test_the_newest_run_is_first(experiment):
    make_sweep(experiment, 3)
    assert names(table_of(experiment)) == ["run-002", "run-001", "run-000"]


def test_runs_of_others_and_of_the_trash_are_left_out(experiment):
    make_run(make_experiment())
    make_run(experiment, name="gone").trash()
    make_run(experiment, name="here")
    assert names(table_of(experiment)) == ["here"]


def test_a_filter_keeps_what_it_matches_and_counts_it(experiment):
    make_sweep(experiment, 3)
    table = table_of(experiment, q="params.lr = '1'")
    assert (names(table), table.hits, table.counts["all"]) == (["run-001"], 1, 3)


def test_a_mistake_keeps_the_runs_and_shows_its_place(experiment):
    make_sweep(experiment, 2)
    table = table_of(experiment, q="metrics.f1 => 0.5")
    assert len(table.rows) == 2
    assert table.filter.mistake == ("metrics.f1 ", "=>", " 0.5")


def test_a_mistake_in_the_order_is_not_one_of_the_filter(experiment):
    make_sweep(experiment, 2)
    table = table_of(experiment, q="params.lr = '1'", sort="nonsense.x")
    assert (names(table), table.filter.error) == (["run-001"], None)


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ({"sort": "run_name"}, "run-000"),
        ({"sort": "metrics.f1", "desc": "1"}, "run-002"),
        ({"sort": "params.lr"}, "run-000"),
        ({"sort": "start_time"}, "run-000"),
        ({"sort": "duration", "desc": "1"}, "run-000"),
    ],
)
def test_any_column_sorts(experiment, query, first):
    make_sweep(experiment, 3)
    assert names(table_of(experiment, **query))[0] == first


def test_a_heading_that_is_sorted_by_turns_round(experiment):
    make_sweep(experiment, 2)
    heading = next(item for item in table_of(experiment, sort="run_name").headings if item.label == "Name")
    assert (heading.direction, heading.address) == ("ascending", "?sort=run_name&desc=1")


def test_a_metric_with_odd_signs_in_its_key_sorts_too(experiment):
    make_run(experiment, name="low", metrics={"val/f1 (macro)": 0.1})
    make_run(experiment, name="high", metrics={"val/f1 (macro)": 0.9})
    address = next(item.address for item in table_of(experiment).headings if "macro" in item.label)
    sort = dict(pair.split("=") for pair in address.lstrip("?").split("&"))["sort"]
    assert sort == "metrics.%60val%2Ff1+%28macro%29%60"


def test_pages_follow_each_other_without_gap_or_repeat(experiment, client):
    make_sweep(experiment, 60)
    address, seen = f"/experiments/{experiment.pk}/?rows=25", []
    while address:
        html = client.get(address).text
        seen += re.findall(r'aria-label="Select (run-\d+)"', html)
        following = re.search(r'href="(\?[^"]*)" rel="next"', html)
        address = following and f"/experiments/{experiment.pk}/{unescape(following[1])}"
    assert seen == [f"run-{number:03}" for number in reversed(range(60))]


def test_the_page_before_is_the_one_that_was_left(experiment):
    make_sweep(experiment, 30)
    second = table_of(experiment, rows="25", cursor=table_of(experiment, rows="25").page.next_cursor)
    back = table_of(experiment, rows="25", cursor=second.page.previous_cursor)
    assert names(back) == names(table_of(experiment, rows="25"))


@pytest.mark.parametrize(
    ("first", "name"), [("1", "run-029"), ("6", "run-024"), ("30", "run-000"), ("0", "run-029"), ("x", "run-029")]
)
def test_the_table_can_begin_with_any_row(experiment, first, name):
    make_sweep(experiment, 30)
    assert names(table_of(experiment, first=first, rows="25"))[0] == name


def test_beyond_the_last_row_the_table_begins_anew(experiment):
    make_sweep(experiment, 3)
    assert names(table_of(experiment, first="500"))[0] == "run-002"


def test_from_a_row_in_the_middle_pages_go_both_ways(experiment):
    make_sweep(experiment, 60)
    table = table_of(experiment, first="31", rows="25")
    assert names(table)[0] == "run-029"
    before = table_of(experiment, rows="25", cursor=table.page.previous_cursor)
    assert (names(before)[0], names(before)[-1]) == ("run-054", "run-030")


@pytest.mark.parametrize("rows", ["", "7", "-1", "10000", "x"])
def test_a_page_has_fifty_rows_unless_another_choice_is_offered(rows):
    assert State.of(QueryDict(f"rows={rows}")).size == 50


def test_only_params_that_vary_are_columns(experiment):
    make_sweep(experiment, 2)
    assert keys(table_of(experiment).columns.params) == ["lr"]
    assert keys(table_of(experiment, params="all").columns.params) == ["batch", "lr"]


def test_at_most_eight_params_are_columns_until_all_are_asked_for(experiment):
    for number in range(2):
        make_run(experiment, params={f"p{place}": str(number) for place in range(12)})
    assert len(table_of(experiment).columns.params) == 8
    assert len(table_of(experiment, params="all").columns.params) == 12


def test_a_param_that_one_run_lacks_varies(experiment):
    make_run(experiment, params={"lr": "1"})
    make_run(experiment)
    assert keys(table_of(experiment).columns.params) == ["lr"]


def test_the_primary_metric_stands_first(experiment):
    make_run(experiment, metrics={"accuracy": 1, "f1": 1, "loss": 1})
    assert keys(table_of(experiment).columns.metrics) == ["f1", "accuracy", "loss"]


def test_the_best_of_a_column_is_marked_by_its_good_end(experiment):
    make_sweep(experiment, 3)
    best = {
        column.key: row.run.name
        for row in table_of(experiment).rows
        for column, cell in row.metrics
        if cell is not None and cell.is_best
    }
    assert best == {"f1": "run-002", "loss": "run-002"}


def test_a_metric_whose_name_tells_nothing_has_no_best(experiment):
    for value in (1, 2):
        make_run(experiment, metrics={"temperature": value})
    cells = [cell for row in table_of(experiment).rows for _, cell in row.metrics]
    assert not any(cell.is_best for cell in cells)


def test_nan_is_shown_as_itself_and_a_missing_metric_as_none(experiment):
    make_run(experiment, name="nan", metrics={"f1": [0.5, math.nan]})
    make_run(experiment, name="none")
    cells = {row.run.name: row.metrics[0][1] for row in table_of(experiment).rows}
    assert math.isnan(cells["nan"].value)
    assert cells["none"] is None


def test_decimals_are_those_of_the_column(experiment):
    for value in (0.0544, 12.345):
        make_run(experiment, metrics={"f1": value})
    assert table_of(experiment).columns.metrics[0].decimals == 2


def test_a_curve_is_thinned(experiment):
    make_run(experiment, metrics={"f1": [step / 500 for step in range(500)]})
    curve = table_of(experiment).rows[0].metrics[0][1].curve
    assert len(curve) <= 24
    assert (curve[0], curve[-1]) == (0.0, 499 / 500)


def test_tags_of_clients_and_tags_that_all_share_are_hidden(experiment):
    make_run(experiment, name="one", tags={"sweep": "03", "paper": "yes", "mlflow.user": "ann"})
    make_run(experiment, name="two", tags={"sweep": "03", "mlflow.user": "bob"})
    assert {row.run.name: row.labels for row in table_of(experiment).rows} == {"one": ["paper: yes"], "two": []}


def test_each_condition_has_an_address_without_it(experiment):
    make_sweep(experiment, 2)
    chips = table_of(experiment, q="params.lr = '1' AND metrics.f1 > 0", sort="run_name").filter.chips
    assert [(chip.text, chip.without) for chip in chips] == [
        ("params.lr = '1'", "?q=metrics.f1+%3E+0&sort=run_name"),
        ("metrics.f1 > 0", "?q=params.lr+%3D+%271%27&sort=run_name"),
    ]


def test_a_silent_run_counts_as_stale_and_not_as_running(experiment):
    make_run(experiment, status="RUNNING", end_time=None, has_heartbeat=True, heartbeat_time=now_ms() - 3_600_000)
    make_run(experiment, status="RUNNING", end_time=None, heartbeat_time=now_ms())
    counts = table_of(experiment).counts
    assert (counts["running"], counts["stale"]) == (1, 1)


@pytest.mark.parametrize("runs", [1, 40])
def test_the_page_costs_seventeen_queries_however_many_runs(experiment, runs, client, django_assert_num_queries):
    make_sweep(experiment, runs)
    # experiment; saved views; counts; nested runs, if any; page of runs; metrics in use; their series; good ends that
    # were said; params in use; params; first points of curves; points between; tags; the experiment's tags; where to
    # move runs; sweeps, if any; count in the bar
    with django_assert_num_queries(17):
        client.get(f"/experiments/{experiment.pk}/")


def test_a_filter_costs_one_query_more(experiment, client, django_assert_num_queries):
    make_sweep(experiment, 10)
    with django_assert_num_queries(18):  # and how many match
        client.get(f"/experiments/{experiment.pk}/", {"q": "params.lr != '3'"})


def test_an_experiment_without_runs_says_how_to_log_one(experiment, client):
    html = client.get(f"/experiments/{experiment.pk}/").text
    assert "Log the first run" in html
    assert 'set_tracking_uri("http://testserver")' in html
    assert 'start_run(experiment="digits"' in html
    assert "make demo" in html


def test_a_filter_that_nothing_meets_offers_to_take_a_condition_away(experiment, client):
    make_sweep(experiment, 1)
    html = client.get(f"/experiments/{experiment.pk}/", {"q": "metrics.f1 > 9"}).text
    assert "No run meets this condition" in html


def test_names_params_and_tags_with_markup_are_shown_as_text(experiment, client):
    make_run(experiment, name="<i>n", params={"<i>k": "<i>v"}, tags={"<i>t": "<i>u"}, metrics={"loss": 1})
    assert "<i>" not in client.get(f"/experiments/{experiment.pk}/").text


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"q": "'"}, 200),
        ({"q": "a" * 5000}, 200),
        ({"q": "((((((" * 500}, 200),
        ({"sort": "`", "desc": "x"}, 200),
        ({"sort": "metrics.x; DROP TABLE runs_run"}, 200),
        ({"cursor": "nonsense"}, 400),
    ],
)
def test_an_odd_address_is_no_failure(experiment, client, query, status):
    make_sweep(experiment, 1)
    assert client.get(f"/experiments/{experiment.pk}/", query).status_code == status


def test_an_experiment_that_is_not_there_is_a_404_page(client):
    response = client.get("/experiments/999/")
    assert response.status_code == 404
    assert "No experiment 999." in response.text


def test_the_default_experiment_has_a_page(client):
    assert Experiment.objects.get(pk=0).name in client.get("/experiments/0/").text


def test_runs_are_compared_by_a_plain_form(experiment, client):
    make_sweep(experiment, 1)
    html = client.get(f"/experiments/{experiment.pk}/").text
    assert re.search(r'<form [^>]*action="/selection/"', html)
    assert re.search(r'<input type="checkbox" name="run" value="[0-9a-f]{32}"', html)


def test_the_trash_of_an_experiment_can_be_looked_at(experiment, client):
    make_run(experiment, name="gone").trash()
    make_run(experiment, name="here")
    page = client.get(f"/experiments/{experiment.pk}/").content.decode()
    assert "1 in the trash" in page
    assert names(table_of(experiment, trash="1")) == ["gone"]


def test_a_filter_that_finds_nothing_names_keys_that_no_run_has(experiment, client):
    make_run(experiment, metrics={"val/loss": 1.0}, params={"lr": "0.1"})
    table = table_of(experiment, q="metrics.loss < 1 AND params.lrr = '0.1' AND metrics.`val/loss` < 0")
    assert table.filter.unknown_keys == [("metrics.loss", "val/loss"), ("params.lrr", "lr")]
    page = client.get(f"/experiments/{experiment.pk}/", {"q": table.state.text})
    assert "Did you mean" in page.content.decode()


def test_the_example_in_the_box_fits_the_runs(experiment):
    make_run(experiment, metrics={"val/loss": 1.0}, params={"lr": "0.1"})
    assert table_of(experiment).example == "lr<0.1 val/loss<0.2 status:failed -tag:old since:7d"


def test_a_sparkline_keeps_a_spike():
    values = [1.0] * 50
    values[13] = 1000.0
    metric = make_run(metrics={"loss": values}).metrics.get()
    assert max(curves([metric])[metric.pk]) == 1000
