"""Logging over MLflow's protocol: points, params, tags and batches of them."""

import pytest

from runs.models import MetricPoint, Param
from tests.mlflow_api.face import get, new_run, post, refused, run, tags

pytestmark = pytest.mark.django_db

INVALID = (400, "INVALID_PARAMETER_VALUE")


def points(run_id: str, key: str = "loss", **more) -> list[tuple]:
    answer = get("metrics/get-history", run_id=run_id, metric_key=key, **more)
    return [(point["step"], point["value"]) for point in answer.get("metrics", [])]


def test_a_point_without_a_step_is_at_step_0():
    run_id = new_run()
    post("runs/log-metric", run_id=run_id, key="loss", value=0.5, timestamp=1)
    assert points(run_id) == [(0, 0.5)]


def test_numbers_may_come_as_text():
    run_id = new_run()
    post("runs/log-metric", run_id=run_id, key="loss", value="0.5", timestamp="1", step="7")
    assert points(run_id) == [(7, 0.5)]


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_are_none_come_back_as_themselves(value):
    run_id = new_run()
    post("runs/log-metric", run_id=run_id, key="loss", value=value, timestamp=1)
    assert points(run_id) == [(0, value)]
    assert run(run_id)["data"]["metrics"][0]["value"] == value


@pytest.mark.parametrize("missing", ["run_id", "key", "value", "timestamp"])
def test_a_point_needs_all_but_its_step(missing):
    body = {"run_id": new_run(), "key": "loss", "value": 1, "timestamp": 1}
    assert refused("runs/log-metric", **{**body, missing: None}) == INVALID


def test_a_param_is_written_once():
    run_id = new_run()
    for _ in range(2):
        post("runs/log-parameter", run_id=run_id, key="lr", value="0.1")
    assert refused("runs/log-parameter", run_id=run_id, key="lr", value="0.2") == INVALID
    assert run(run_id)["data"]["params"] == [{"key": "lr", "value": "0.1"}]


def test_a_param_without_a_value_is_empty():
    run_id = new_run()
    post("runs/log-parameter", run_id=run_id, key="lr")
    assert Param.objects.get().value == ""


def test_a_tag_is_set_again_and_removed():
    run_id = new_run()
    for value in ("a", "b"):
        post("runs/set-tag", run_id=run_id, key="t", value=value)
    assert tags(run_id)["t"] == "b"
    post("runs/delete-tag", run_id=run_id, key="t")
    assert "t" not in tags(run_id)
    assert refused("runs/delete-tag", run_id=run_id, key="t") == (404, "RESOURCE_DOES_NOT_EXIST")


def test_a_note_is_removed_as_a_tag():
    run_id = new_run(tags=[{"key": "mlflow.note.content", "value": "note"}])
    post("runs/delete-tag", run_id=run_id, key="mlflow.note.content")
    assert "mlflow.note.content" not in tags(run_id)


def test_a_batch_is_stored_whole():
    run_id = new_run()
    metrics = [{"key": f"m{step % 2}", "value": step, "timestamp": step, "step": step} for step in range(6)]
    post("runs/log-batch", run_id=run_id, metrics=metrics, params=[{"key": "p", "value": "1"}], tags=[{"key": "t"}])
    assert points(run_id, "m0") == [(0, 0), (2, 2), (4, 4)]
    assert points(run_id, "m1") == [(1, 1), (3, 3), (5, 5)]
    assert tags(run_id)["t"] == ""


def test_a_batch_with_a_changed_param_stores_nothing():
    run_id = new_run()
    post("runs/log-parameter", run_id=run_id, key="p", value="1")
    batch = {
        "metrics": [{"key": "m", "value": 1, "timestamp": 1}],
        "params": [{"key": "q", "value": "1"}, {"key": "p", "value": "2"}],
    }
    assert refused("runs/log-batch", run_id=run_id, **batch) == INVALID
    assert not MetricPoint.objects.exists()
    assert Param.objects.count() == 1


@pytest.mark.parametrize(
    "batch",
    [
        {"metrics": [{"key": "m", "value": 1, "timestamp": 1, "step": step} for step in range(1001)]},
        {"params": [{"key": f"p{number}", "value": "1"} for number in range(101)]},
        {"tags": [{"key": f"t{number}", "value": "1"} for number in range(101)]},
        {
            "metrics": [{"key": "m", "value": 1, "timestamp": 1, "step": step} for step in range(950)],
            "params": [{"key": f"p{number}", "value": "1"} for number in range(51)],
        },
        {"params": [{"key": "p", "value": "1"}, {"key": "p", "value": "1"}]},
    ],
)
def test_a_batch_has_limits(batch):
    assert refused("runs/log-batch", run_id=new_run(), **batch) == INVALID


@pytest.mark.parametrize("name", ["a*b", "../a", "/a", "a//b", "a/./b", ".", "a/", "", "é" * 251])
def test_names_that_would_be_other_files_are_refused(name):
    run_id = new_run()
    assert refused("runs/log-parameter", run_id=run_id, key=name, value="1") == INVALID
    assert refused("runs/log-metric", run_id=run_id, key=name, value=1, timestamp=1) == INVALID
    assert refused("runs/set-tag", run_id=run_id, key=name, value="1") == INVALID


@pytest.mark.parametrize("name", ["a b", "a/b.c-d_e:f", "größe", "数"])
def test_names_of_the_protocol_are_taken(name):
    run_id = new_run()
    post("runs/log-metric", run_id=run_id, key=name, value=1, timestamp=1)
    assert points(run_id, name) == [(0, 1)]


def test_long_values_are_kept_whole():
    run_id = new_run()
    post("runs/log-parameter", run_id=run_id, key="p", value="x" * 20_000)
    assert run(run_id)["data"]["params"][0]["value"] == "x" * 20_000


def test_a_history_comes_in_the_order_of_time_and_in_pages():
    run_id = new_run()
    metrics = [{"key": "loss", "value": 0, "timestamp": 100 - step, "step": step} for step in range(5)]
    post("runs/log-batch", run_id=run_id, metrics=metrics)
    assert [step for step, _ in points(run_id)] == [4, 3, 2, 1, 0]
    seen, token = [], ""
    for _ in range(3):
        page = get("metrics/get-history", run_id=run_id, metric_key="loss", max_results=2, page_token=token)
        seen += [point["step"] for point in page["metrics"]]
        token = page.get("next_page_token", "")
    assert seen == [4, 3, 2, 1, 0]
    assert not token


def test_a_sample_of_a_history_keeps_its_ends():
    run_id = new_run()
    metrics = [{"key": "loss", "value": step, "timestamp": step, "step": step} for step in range(100)]
    post("runs/log-batch", run_id=run_id, metrics=metrics)
    answer = get("metrics/get-history-bulk-interval", run_ids=[run_id], metric_key="loss", max_results=10)
    steps = [point["step"] for point in answer["metrics"]]
    assert (len(steps), steps[0], steps[-1]) == (10, 0, 99)
    inside = get("metrics/get-history-bulk-interval", run_ids=[run_id], metric_key="loss", start_step=5, end_step=7)
    assert [point["step"] for point in inside["metrics"]] == [5, 6, 7]


def test_histories_of_many_runs_come_by_run():
    ids = sorted(new_run() for _ in range(3))
    for run_id in ids:
        post("runs/log-metric", run_id=run_id, key="loss", value=1, timestamp=1)
    answer = get("metrics/get-history-bulk", run_id=ids[::-1], metric_key="loss")
    assert [point["run_id"] for point in answer["metrics"]] == ids
    assert len(get("metrics/get-history-bulk", run_id=ids, metric_key="loss", max_results=2)["metrics"]) == 2
