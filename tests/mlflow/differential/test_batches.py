"""Batches of points, params and tags, asked of MLflow and of us."""

import pytest

from tests.mlflow.compare import alike, differs
from tests.mlflow.speaker import API, Speaker


@alike
def test_a_batch(server: Speaker):
    run = server.run()
    server.post(
        "runs/log-batch",
        run_id=run,
        metrics=[{"key": "m", "value": value, "timestamp": value, "step": value} for value in range(5)],
        params=[{"key": "p", "value": "1"}, {"key": "q", "value": "2"}],
        tags=[{"key": "t", "value": "1"}],
    )
    server.tell(run)
    server.get("metrics/get-history", run_id=run, metric_key="m")


@alike
def test_an_empty_batch(server: Speaker):
    run = server.run()
    server.post("runs/log-batch", run_id=run)
    server.post("runs/log-batch", run_id=run, metrics=[], params=[], tags=[])
    server.tell(run)


@alike
def test_a_batch_without_a_run(server: Speaker):
    server.post("runs/log-batch", params=[{"key": "p", "value": "1"}])
    server.post("runs/log-batch", run_id="nobody", params=[{"key": "p", "value": "1"}])
    server.post("runs/log-batch")


@alike
def test_a_batch_sent_twice(server: Speaker):
    run = server.run()
    for _ in range(2):
        server.post(
            "runs/log-batch",
            run_id=run,
            metrics=[{"key": "m", "value": 1, "timestamp": 1, "step": 1}],
            params=[{"key": "p", "value": "1"}],
            tags=[{"key": "t", "value": "1"}],
        )
    server.get("metrics/get-history", run_id=run, metric_key="m")
    server.tell(run)


@alike
def test_a_batch_that_changes_a_param(server: Speaker):
    run = server.run()
    server.post("runs/log-batch", run_id=run, params=[{"key": "p", "value": "1"}])
    server.post("runs/log-batch", run_id=run, params=[{"key": "p", "value": "2"}])
    server.tell(run)


@alike
def test_a_batch_with_a_param_twice(server: Speaker):
    run = server.run()
    server.post("runs/log-batch", run_id=run, params=[{"key": "p", "value": "1"}, {"key": "p", "value": "2"}])
    server.post("runs/log-batch", run_id=run, params=[{"key": "p", "value": "1"}, {"key": "p", "value": "1"}])
    server.tell(run)


@alike
def test_a_batch_with_a_tag_twice(server: Speaker):
    run = server.run()
    server.post("runs/log-batch", run_id=run, tags=[{"key": "t", "value": "1"}, {"key": "t", "value": "2"}])
    server.tell(run)


@alike
def test_a_batch_with_a_point_twice(server: Speaker):
    run = server.run()
    point = {"key": "m", "value": 1, "timestamp": 1, "step": 1}
    server.post("runs/log-batch", run_id=run, metrics=[point, point])
    server.get("metrics/get-history", run_id=run, metric_key="m")


@pytest.mark.parametrize(("metrics", "params", "tags"), [(1001, 0, 0), (0, 101, 0), (0, 0, 101), (900, 51, 50)])
@alike
def test_a_batch_that_is_too_large(server: Speaker, metrics, params, tags):
    run = server.run()
    server.post(
        "runs/log-batch",
        run_id=run,
        metrics=[{"key": "m", "value": 1, "timestamp": number} for number in range(metrics)],
        params=[{"key": f"p{number}", "value": "1"} for number in range(params)],
        tags=[{"key": f"t{number}", "value": "1"} for number in range(tags)],
    )
    server.tell(run)


@alike
def test_a_batch_as_large_as_may_be(server: Speaker):
    run = server.run()
    server.post(
        "runs/log-batch",
        run_id=run,
        metrics=[{"key": f"m{number % 9}", "value": number, "timestamp": number} for number in range(800)],
        params=[{"key": f"p{number}", "value": "1"} for number in range(100)],
        tags=[{"key": f"t{number}", "value": "1"} for number in range(100)],
    )
    server.tell(run)


@pytest.mark.parametrize("missing", ["key", "value", "timestamp"])
@alike
def test_a_batch_with_a_point_that_says_too_little(server: Speaker, missing):
    run = server.run()
    point = {"key": "m", "value": 1, "timestamp": 1}
    del point[missing]
    server.post("runs/log-batch", run_id=run, metrics=[point])
    server.tell(run)


@alike
def test_a_batch_with_a_param_without_a_key(server: Speaker):
    server.post("runs/log-batch", run_id=server.run(), params=[{"value": "1"}])


@alike
def test_a_batch_with_a_tag_without_a_key(server: Speaker):
    server.post("runs/log-batch", run_id=server.run(), tags=[{"value": "1"}])


@pytest.mark.parametrize("key", ["a*b", "../a", "k" * 251])
@pytest.mark.parametrize("kind", ["metrics", "params", "tags"])
@alike
def test_a_batch_with_a_name_that_can_not_be(server: Speaker, key, kind):
    run = server.run()
    entry = {"key": key, "value": 1, "timestamp": 1} if kind == "metrics" else {"key": key, "value": "1"}
    server.post("runs/log-batch", run_id=run, **{kind: [entry]})
    server.tell(run)


@pytest.mark.parametrize("value", [[1], [None]])
@pytest.mark.parametrize("kind", ["metrics", "params", "tags"])
@differs("what breaks MLflow", theirs=500, ours=400)
def test_a_batch_of_what_are_no_objects(server: Speaker, kind, value):
    return server.ask("POST", API + "runs/log-batch", {"run_id": server.run(), kind: value}).status


@pytest.mark.parametrize("value", ["a", {"a": 1}, 5])
@pytest.mark.parametrize("kind", ["metrics", "params", "tags"])
@alike
def test_a_batch_with_something_else_for_a_list(server: Speaker, kind, value):
    server.post("runs/log-batch", run_id=server.run(), **{kind: value})


@alike
def test_a_batch_of_numbers_that_are_none(server: Speaker):
    run = server.run()
    server.post("runs/log-batch", run_id=run, metrics=[{"key": "m", "value": "NaN", "timestamp": 1}])
    server.tell(run)


@alike
def test_a_batch_with_numbers_as_texts(server: Speaker):
    run = server.run()
    server.post("runs/log-batch", run_id=run, metrics=[{"key": "m", "value": "1", "timestamp": "5", "step": "7"}])
    server.tell(run)
