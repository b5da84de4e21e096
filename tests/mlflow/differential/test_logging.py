"""Points, params and tags, asked of MLflow and of us."""

import pytest

from tests.mlflow.compare import alike, differs
from tests.mlflow.speaker import API, Speaker

ODD_KEYS = ["a b", "a/b", "a.b", "a-b_c", "ünïcode", "a:b", "0", "A" * 250]
IMPOSSIBLE_KEYS = ["", "a*b", "../a", "/a", "a//b", "a/../b", ".", "..", "a\\b", "a#b", "💥", "k" * 251, "a\nb"]


@alike
def test_a_point(server: Speaker):
    run = server.run()
    server.post("runs/log-metric", run_id=run, key="m", value=0.5, timestamp=1234, step=7)
    server.tell(run)


@alike
def test_a_point_without_a_step(server: Speaker):
    run = server.run()
    server.post("runs/log-metric", run_id=run, key="m", value=0.5, timestamp=1234)
    server.tell(run)


@pytest.mark.parametrize("missing", ["run_id", "key", "value", "timestamp"])
@alike
def test_a_point_that_says_too_little(server: Speaker, missing):
    point = {"run_id": server.run(), "key": "m", "value": 1, "timestamp": 1}
    del point[missing]
    server.post("runs/log-metric", **point)


@pytest.mark.parametrize("value", [0, -1, 1e300, 5e-324, 123456789.123456789, "0.5", "1e3", 2**60])
@alike
def test_a_point_of_any_number(server: Speaker, value):
    run = server.run()
    server.post("runs/log-metric", run_id=run, key="m", value=value, timestamp=1)
    server.tell(run)


@alike
def test_a_point_that_is_no_number(server: Speaker):
    run = server.run()
    server.post("runs/log-metric", run_id=run, key="m", value="NaN", timestamp=1)
    server.tell(run)
    server.get("metrics/get-history", run_id=run, metric_key="m")


@pytest.mark.parametrize("value", [[1], {"a": 1}])
@differs("what breaks MLflow", theirs=500, ours=400)
def test_a_point_whose_value_is_an_object(server: Speaker, value):
    point = {"run_id": server.run(), "key": "m", "value": value, "timestamp": 1}
    return server.ask("POST", API + "runs/log-metric", point).status


@pytest.mark.parametrize("value", ["abc", "", None, "1,5"])
@alike
def test_a_point_whose_value_can_not_be(server: Speaker, value):
    run = server.run()
    server.ask("POST", API + "runs/log-metric", {"run_id": run, "key": "m", "value": value, "timestamp": 1})
    server.tell(run)


@pytest.mark.parametrize("step", [-5, 0, 2**62, "12", 2**63 - 1])
@alike
def test_a_point_at_any_step(server: Speaker, step):
    run = server.run()
    server.post("runs/log-metric", run_id=run, key="m", value=1, timestamp=1, step=step)
    server.tell(run)


@pytest.mark.parametrize("step", ["a", ""])
@alike
def test_a_point_at_a_step_that_can_not_be(server: Speaker, step):
    server.ask(
        "POST", API + "runs/log-metric", {"run_id": server.run(), "key": "m", "value": 1, "timestamp": 1, "step": step}
    )


@pytest.mark.parametrize("number", [1.5, 2**63])
@pytest.mark.parametrize("field", ["step", "timestamp"])
@differs("whole numbers that are none", theirs=(200, ""), ours=(400, "INVALID_PARAMETER_VALUE"))
def test_a_point_at_no_whole_number(server: Speaker, field, number):
    point = {"run_id": server.run(), "key": "m", "value": 1, "timestamp": 1} | {field: number}
    return server.ask("POST", API + "runs/log-metric", point).outcome


@pytest.mark.parametrize("time", ["a", ""])
@alike
def test_a_point_at_a_time_that_can_not_be(server: Speaker, time):
    server.ask("POST", API + "runs/log-metric", {"run_id": server.run(), "key": "m", "value": 1, "timestamp": time})


@alike
def test_a_point_at_time_zero_or_before(server: Speaker):
    run = server.run()
    server.post("runs/log-metric", run_id=run, key="zero", value=1, timestamp=0)
    server.post("runs/log-metric", run_id=run, key="before", value=1, timestamp=-5)
    server.tell(run)


@pytest.mark.parametrize("key", ODD_KEYS)
@alike
def test_a_metric_of_an_odd_name(server: Speaker, key):
    run = server.run()
    server.post("runs/log-metric", run_id=run, key=key, value=1, timestamp=1)
    server.get("metrics/get-history", run_id=run, metric_key=key)


@pytest.mark.parametrize("key", IMPOSSIBLE_KEYS)
@alike
def test_a_metric_of_a_name_that_can_not_be(server: Speaker, key):
    run = server.run()
    server.post("runs/log-metric", run_id=run, key=key, value=1, timestamp=1)
    server.tell(run)


@alike
def test_the_same_point_twice(server: Speaker):
    run = server.run()
    for _ in range(2):
        server.post("runs/log-metric", run_id=run, key="m", value=1, timestamp=1, step=1)
    server.get("metrics/get-history", run_id=run, metric_key="m")


@alike
def test_two_points_at_one_step_and_time(server: Speaker):
    run = server.run()
    for value in (2, 1):
        server.post("runs/log-metric", run_id=run, key="m", value=value, timestamp=1, step=1)
    server.get("metrics/get-history", run_id=run, metric_key="m")
    server.tell(run)


@alike
def test_a_point_by_run_uuid(server: Speaker):
    run = server.run()
    server.post("runs/log-metric", run_uuid=run, key="m", value=1, timestamp=1)
    server.tell(run)


@alike
def test_a_point_of_a_run_that_is_not_there(server: Speaker):
    server.post("runs/log-metric", run_id="nobody", key="m", value=1, timestamp=1)


@alike
def test_a_param(server: Speaker):
    run = server.run()
    server.post("runs/log-parameter", run_id=run, key="p", value="0.1")
    server.tell(run)


@alike
def test_a_param_again(server: Speaker):
    run = server.run()
    for value in ("0.1", "0.1", "0.2"):
        server.post("runs/log-parameter", run_id=run, key="p", value=value)
    server.tell(run)


@pytest.mark.parametrize("value", ["", " ", "ünïcode 💥", "a\nb", "x" * 6000, "None", '{"a": 1}'])
@alike
def test_a_param_of_any_text(server: Speaker, value):
    run = server.run()
    server.post("runs/log-parameter", run_id=run, key="p", value=value)
    server.tell(run)


@alike
def test_a_param_without_a_value(server: Speaker):
    run = server.run()
    server.post("runs/log-parameter", run_id=run, key="p")
    server.tell(run)


@pytest.mark.parametrize("value", [5, True, 0.5, [1], {"a": 1}])
@alike
def test_a_param_that_is_no_text(server: Speaker, value):
    server.ask("POST", API + "runs/log-parameter", {"run_id": server.run(), "key": "p", "value": value})


@alike
def test_a_param_without_a_key_or_a_run(server: Speaker):
    server.post("runs/log-parameter", run_id=server.run(), value="1")
    server.post("runs/log-parameter", key="p", value="1")
    server.post("runs/log-parameter", run_id="nobody", key="p", value="1")


@pytest.mark.parametrize("key", ODD_KEYS)
@alike
def test_a_param_of_an_odd_name(server: Speaker, key):
    run = server.run()
    server.post("runs/log-parameter", run_id=run, key=key, value="1")
    server.tell(run)


@pytest.mark.parametrize("key", IMPOSSIBLE_KEYS)
@alike
def test_a_param_of_a_name_that_can_not_be(server: Speaker, key):
    server.post("runs/log-parameter", run_id=server.run(), key=key, value="1")


@alike
def test_a_tag_set_overwritten_and_removed(server: Speaker):
    run = server.run()
    for value in ("1", "2", ""):
        server.post("runs/set-tag", run_id=run, key="t", value=value)
        server.tell(run)
    for _ in range(2):
        server.post("runs/delete-tag", run_id=run, key="t")
    server.tell(run)


@alike
def test_a_tag_without_a_value(server: Speaker):
    run = server.run()
    server.post("runs/set-tag", run_id=run, key="t")
    server.tell(run)


@alike
def test_a_tag_without_a_key_or_a_run(server: Speaker):
    server.post("runs/set-tag", run_id=server.run(), value="1")
    server.post("runs/set-tag", key="t", value="1")
    server.post("runs/set-tag", run_id="nobody", key="t", value="1")
    server.post("runs/delete-tag", run_id="nobody", key="t")
    server.post("runs/delete-tag", run_id=server.run())


@pytest.mark.parametrize("key", ODD_KEYS)
@alike
def test_a_tag_of_an_odd_name(server: Speaker, key):
    run = server.run()
    server.post("runs/set-tag", run_id=run, key=key, value="1")
    server.tell(run)


@pytest.mark.parametrize("key", IMPOSSIBLE_KEYS)
@alike
def test_a_tag_of_a_name_that_can_not_be(server: Speaker, key):
    server.post("runs/set-tag", run_id=server.run(), key=key, value="1")


@alike
def test_a_tag_as_long_as_may_be(server: Speaker):
    run = server.run()
    server.post("runs/set-tag", run_id=run, key="t", value="x" * 8000)
    server.tell(run)


@alike
def test_the_tag_of_the_name_is_the_name(server: Speaker):
    run = server.run(run_name="before")
    server.post("runs/set-tag", run_id=run, key="mlflow.runName", value="after")
    server.tell(run)
    server.post("runs/update", run_id=run, run_name="later")
    server.tell(run)


@alike
def test_the_note_is_a_tag(server: Speaker):
    run = server.run()
    server.post("runs/set-tag", run_id=run, key="mlflow.note.content", value="# Note")
    server.tell(run)
    server.post("runs/delete-tag", run_id=run, key="mlflow.note.content")
    server.tell(run)


@differs("infinities", theirs=1.7976931348623157e308, ours="Infinity")
def test_infinity(server: Speaker):
    run = server.run()
    server.post("runs/log-metric", run_id=run, key="m", value="Infinity", timestamp=1)
    return server.tell(run)["run"]["data"]["metrics"][0]["value"]


@differs("infinities", theirs=-1.7976931348623157e308, ours="-Infinity")
def test_infinity_below(server: Speaker):
    run = server.run()
    server.post("runs/log-batch", run_id=run, metrics=[{"key": "m", "value": "-Infinity", "timestamp": 1}])
    return server.get("metrics/get-history", run_id=run, metric_key="m")["metrics"][0]["value"]


@differs("long values", theirs=6000, ours=6001)
def test_a_param_longer_than_mlflow_keeps(server: Speaker):
    run = server.run()
    server.ask("POST", API + "runs/log-parameter", {"run_id": run, "key": "p", "value": "x" * 6001})
    params = server.tell(run)["run"]["data"].get("params", [{"value": ""}])
    return len(params[0]["value"])


@differs("long values", theirs=8000, ours=8001)
def test_a_tag_longer_than_mlflow_keeps(server: Speaker):
    run = server.run()
    server.ask("POST", API + "runs/set-tag", {"run_id": run, "key": "t", "value": "x" * 8001})
    tags = {tag["key"]: tag["value"] for tag in server.tell(run)["run"]["data"]["tags"]}
    return len(tags.get("t", ""))
