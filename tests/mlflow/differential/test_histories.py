"""The points of series, asked of MLflow and of us."""

import pytest

from tests.mlflow.compare import alike, differs
from tests.mlflow.speaker import API, Speaker


def series(server: Speaker, count: int = 5, key: str = "m", run: str | None = None) -> str:
    """A run with a series whose times and steps run against each other."""
    run = run or server.run()
    points = [
        {"key": key, "value": number / 4, "timestamp": 100 - number // 2, "step": number} for number in range(count)
    ]
    server.post("runs/log-batch", run_id=run, metrics=points)
    return run


@alike
def test_a_series(server: Speaker):
    server.get("metrics/get-history", run_id=series(server), metric_key="m")


@alike
def test_a_series_by_run_uuid(server: Speaker):
    server.get("metrics/get-history", run_uuid=series(server), metric_key="m")


@alike
def test_a_series_that_is_not_there(server: Speaker):
    server.get("metrics/get-history", run_id=server.run(), metric_key="nothing")
    server.get("metrics/get-history", run_id="nobody", metric_key="m")


@alike
def test_a_series_without_a_key_or_a_run(server: Speaker):
    server.get("metrics/get-history", run_id=server.run())
    server.get("metrics/get-history", metric_key="m")


@alike
def test_a_series_in_pages(server: Speaker):
    run, token = series(server), ""
    for _ in range(3):
        more = {"page_token": token} if token else {}
        body = server.get("metrics/get-history", run_id=run, metric_key="m", max_results=2, **more)
        token = body.get("next_page_token", "")


@alike
def test_a_page_that_holds_all(server: Speaker):
    server.get("metrics/get-history", run_id=series(server), metric_key="m", max_results=5)
    server.get("metrics/get-history", run_id=series(server), metric_key="m", max_results=50)


@pytest.mark.parametrize("size", ["0", "-1"])
@alike
def test_a_page_of_an_odd_size(server: Speaker, size):
    server.get("metrics/get-history", run_id=series(server), metric_key="m", max_results=size)


@differs("whole numbers that are none", theirs=200, ours=400)
def test_a_page_of_no_size(server: Speaker):
    address = f"{API}metrics/get-history?run_id={series(server)}&metric_key=m&max_results=a"
    return server.ask("GET", address).status


@alike
def test_a_page_token_that_is_none(server: Speaker):
    server.get("metrics/get-history", run_id=series(server), metric_key="m", max_results=2, page_token="nonsense")


@alike
def test_a_series_of_numbers_that_are_none(server: Speaker):
    run = server.run()
    points = [{"key": "m", "value": value, "timestamp": 1, "step": step} for step, value in enumerate([1, "NaN", 2])]
    server.post("runs/log-batch", run_id=run, metrics=points)
    server.get("metrics/get-history", run_id=run, metric_key="m")


@alike
def test_a_series_of_a_trashed_run(server: Speaker):
    run = series(server)
    server.post("runs/delete", run_id=run)
    server.get("metrics/get-history", run_id=run, metric_key="m")


BULK = "/ajax-api/2.0/mlflow/metrics/get-history-bulk"


@alike
def test_many_series(server: Speaker):
    first = series(server)
    server.ask("GET", f"{BULK}?run_id={first}&metric_key=m")


@alike
def test_many_series_up_to_a_number(server: Speaker):
    server.ask("GET", f"{BULK}?run_id={series(server)}&metric_key=m&max_results=3")


@alike
def test_many_series_of_runs_that_are_not_there(server: Speaker):
    server.ask("GET", f"{BULK}?run_id=nobody&run_id={series(server)}&metric_key=m")


@alike
def test_many_series_without_runs_or_a_key(server: Speaker):
    server.ask("GET", f"{BULK}?metric_key=m")
    server.ask("GET", f"{BULK}?run_id={server.run()}")


@alike
def test_many_series_of_too_many_runs(server: Speaker):
    runs = "&".join(f"run_id={number}" for number in range(101))
    server.ask("GET", f"{BULK}?{runs}&metric_key=m")


INTERVAL = "/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval"


@alike
def test_samples_of_a_short_series(server: Speaker):
    server.ask("GET", f"{INTERVAL}?run_ids={series(server)}&metric_key=m&max_results=10")


@alike
def test_samples_of_a_long_series(server: Speaker):
    run = series(server, 500)
    server.ask("GET", f"{INTERVAL}?run_ids={run}&metric_key=m&max_results=20")


@alike
def test_samples_between_two_steps(server: Speaker):
    run = series(server, 100)
    server.ask("GET", f"{INTERVAL}?run_ids={run}&metric_key=m&start_step=10&end_step=40&max_results=10")


@alike
def test_samples_between_steps_that_can_not_be(server: Speaker):
    run = series(server)
    server.ask("GET", f"{INTERVAL}?run_ids={run}&metric_key=m&start_step=4&end_step=1")
    server.ask("GET", f"{INTERVAL}?run_ids={run}&metric_key=m&start_step=4")


@pytest.mark.parametrize("size", ["0", "-1", "2501", "a"])
@alike
def test_samples_of_an_odd_number(server: Speaker, size):
    server.ask("GET", f"{INTERVAL}?run_ids={series(server)}&metric_key=m&max_results={size}")


@alike
def test_samples_without_runs_or_a_key(server: Speaker):
    server.ask("GET", f"{INTERVAL}?metric_key=m")
    server.ask("GET", f"{INTERVAL}?run_ids={server.run()}")


@alike
def test_samples_of_a_run_that_is_not_there(server: Speaker):
    server.ask("GET", f"{INTERVAL}?run_ids=nobody&metric_key=m")


@alike
def test_samples_at_the_other_address(server: Speaker):
    server.ask("GET", f"{API}metrics/get-history-bulk-interval?run_ids={series(server)}&metric_key=m&max_results=3")
