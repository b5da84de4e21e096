"""`GET /api/v1/metrics/`."""

import pytest

from tests.api import Api, assert_error
from tests.factories import NOON, log, make_run

pytestmark = pytest.mark.django_db
api = Api()


def test_many_runs_of_one_key_come_in_one_answer():
    one, two = make_run(metrics={"loss": [2, 1]}), make_run(metrics={"loss": [3]}, start_time=NOON + 1)
    make_run(metrics={"other": [1]})
    series = api.get(f"/api/v1/metrics/?run={one.run_id}&run={two.run_id}&key=loss").body["series"]
    assert [(item["run_id"], item["values"]) for item in series] == [(one.run_id, [2, 1]), (two.run_id, [3])]


def test_a_window_is_cut_out_of_a_series():
    run = make_run(metrics={"loss": list(range(100))})
    (series,) = api.get(f"/api/v1/metrics/?run={run.run_id}&key=loss&from=10&to=12").body["series"]
    assert (series["steps"], series["exact"]) == ([10, 11, 12], True)


def test_a_thinned_series_says_so_and_keeps_its_spike():
    values = [0.0] * 3000
    values[1234] = 9.0
    run = make_run(metrics={"loss": values})
    (series,) = api.get(f"/api/v1/metrics/?run={run.run_id}&key=loss&points=40").body["series"]
    assert (series["exact"], series["count"]) == (False, 3000)
    assert len(series["steps"]) <= 40
    assert (series["steps"][0], series["steps"][-1], max(series["values"])) == (0, 2999, 9.0)


def test_a_series_without_steps_is_ranged_by_time():
    run = make_run()
    for _ in range(3):
        log(run, metrics={"loss": [1.0]})
    api.post(f"/api/v1/runs/{run.run_id}/log/", {"metrics": {"m": {"timestamps": [5, 6, 7], "values": [1, 2, 3]}}})
    (series,) = api.get(f"/api/v1/metrics/?run={run.run_id}&key=m&from=6&to=6").body["series"]
    assert (series["by_time"], series["values"]) == (True, [2])


def test_a_run_without_the_key_has_no_series():
    run = make_run()
    assert api.get(f"/api/v1/metrics/?run={run.run_id}&key=loss").body == {"series": []}


def test_each_run_may_have_a_window_of_its_own():
    one, two = make_run(metrics={"loss": [0, 1, 2]}), make_run(metrics={"loss": [5, 6]}, start_time=NOON + 1)
    address = f"/api/v1/metrics/?run={one.run_id}&run={two.run_id}&key=loss"
    series = api.get(f"{address}&from=2&from=1").body["series"]
    assert [(item["steps"], item["inside"], item["count"]) for item in series] == [([2], 1, 3), ([1], 1, 2)]


def test_windows_for_some_of_the_runs_are_refused():
    query = "run=a&run=b&run=c&key=loss&from=1&from=2"
    assert_error(api.get(f"/api/v1/metrics/?{query}"), 400, field="from")


def test_another_metric_can_be_the_axis():
    run = make_run()
    steps = {"loss": ([0, 5, 10], [3, 2, 1]), "epoch": ([2, 5, 9], [0, 1, 2])}
    metrics = {key: {"steps": at, "values": values} for key, (at, values) in steps.items()}
    api.post(f"/api/v1/runs/{run.run_id}/log/", {"metrics": metrics})
    (series,) = api.get(f"/api/v1/metrics/?run={run.run_id}&key=loss&x=epoch").body["series"]
    assert series["x"] == [None, 1, 2]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "run=a",
        "key=a",
        "run=a&key=b&points=3",
        "run=a&key=b&points=x",
        "run=a&key=b&from=1.5",
        "run=a&key=b&to=99999999999999999999",
    ],
)
def test_a_wrong_query_is_400(query):
    assert_error(api.get(f"/api/v1/metrics/?{query}"), 400)
