"""`POST /api/v1/runs/{run_id}/log/`."""

import gzip
import json

import pytest

from runs.models import MetricPoint
from tests.api import Api, assert_error
from tests.factories import NOON, make_run

pytestmark = pytest.mark.django_db
api = Api()


@pytest.fixture
def log():
    """Posts a batch to a new run."""
    run = make_run(run_id="r1", status="RUNNING", end_time=None)

    def post(body, **headers):
        return api.send("POST", f"/api/v1/runs/{run.run_id}/log/", body, **headers)

    return post


def test_a_whole_batch_is_stored(log):
    answer = log(
        {
            "writer": "ab", "seq": 1, "params": {"lr": "0.1"}, "tags": {"a": "b"},
            "status": "FINISHED", "end_time": NOON,
            "metrics": {"loss": {"steps": [0, 1], "timestamps": [5, 6], "values": [2, 1.5]}},
            "console": [{"stream": "stdout", "offset": 0, "text": "hi\n"}], "heartbeat": True,
        }
    )  # fmt: skip
    assert answer == (200, {"applied": True, "points": 2, "seq": 1})
    run = api.get("/api/v1/runs/r1/").body
    assert (run["status"], run["end_time"], run["params"], run["tags"]) == ("FINISHED", NOON, {"lr": "0.1"}, {"a": "b"})
    assert run["metrics"]["loss"]["last"] == 1.5


def test_the_same_batch_again_is_acknowledged_only(log):
    batch = {"writer": "ab", "seq": 1, "metrics": {"loss": {"values": [1]}}}
    log(batch)
    assert log(batch) == (200, {"applied": False, "points": 0, "seq": 1})
    assert MetricPoint.objects.count() == 1


def test_nan_and_infinities_come_as_text_and_go_back_as_text(log):
    log({"metrics": {"m": {"steps": [0, 1, 2, 3], "values": ["NaN", "Infinity", "-Infinity", 1]}}})
    (series,) = api.get("/api/v1/metrics/?run=r1&key=m").body["series"]
    assert series["values"] == ["NaN", "Infinity", "-Infinity", 1.0]


def test_a_gzipped_body_is_read(log):
    body = gzip.compress(json.dumps({"tags": {"a": "b"}}).encode())
    assert log(body, **{"Content-Encoding": "gzip"}).status == 200


def test_a_changed_param_is_409_and_names_both_values(log):
    log({"params": {"lr": "0.1"}})
    answer = log({"params": {"lr": "0.2"}, "tags": {"a": "b"}})
    assert_error(answer, 409, "PARAM_ALREADY_SET", "params.lr")
    assert "'0.1'" in answer.body["message"]
    assert "'0.2'" in answer.body["message"]
    assert api.get("/api/v1/runs/r1/").body["tags"] == {}


def test_a_wrong_value_in_a_column_is_named_by_field_and_index(log):
    answer = log({"metrics": {"m": {"values": [1, "up"]}}})
    assert_error(answer, 400)
    assert (answer.body["field"].endswith("values"), answer.body["index"]) == (True, 1)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", 400),
        (b"7", 400),
        (b'{"metrics": {"m": {"values": [NaN]}}}', 400),
        (b'{"metrics": {"m": {"values": [1e999]}}}', 400),
        (b'{"metrics": {"m": {"values": [null]}}}', 400),
        (b'{"metrics": {"m": {"values": [true]}}}', 400),
        (b'{"metrics": {"m": {"values": [1], "steps": [0.5]}}}', 400),
        (b'{"metrics": {"m": {"values": [1], "steps": [99999999999999999999]}}}', 400),
        (b'{"metrics": {"m": [1]}}', 400),
        (b'{"params": {"a": 1}}', 400),
        (b'{"params": {"a": "\\u0000"}}', 400),
        (b'{"params": {"a\\u0000": "1"}}', 400),
        (b'{"params": {"a": "\\ud800"}}', 400),
        (b'{"params": {"a": "\xff"}}', 400),
        (b'{"status": "DONE"}', 400),
        (b'{"console": [{"stream": "stdlog", "offset": 0, "text": ""}]}', 400),
        (b"[" * 100_000, 400),
        (b'{"params": ' * 100_000, 400),
        (b" " * (16 * 1024 * 1024 + 1), 413),
    ],
)
def test_a_body_that_is_wrong_is_refused(log, body, status):
    assert_error(log(body), status)
    assert MetricPoint.objects.count() == 0


def test_an_escaped_backslash_before_u0000_is_plain_text(log):
    assert log(b'{"params": {"path": "C:\\\\u0000"}}').status == 200


def test_what_is_not_json_is_415(log):
    assert_error(log(b"{}", content_type="text/plain"), 415)


@pytest.mark.parametrize(
    ("body", "encoding", "status"),
    [
        (b"not gzip", "gzip", 400),
        (gzip.compress(b"{}", mtime=0)[:-4], "gzip", 400),
        (gzip.compress(b"{}", mtime=0) + b"more", "gzip", 400),
        (gzip.compress(b" " * (16 * 1024 * 1024 + 1)), "gzip", 413),
        (b"{}", "br", 415),
    ],
)
def test_a_packed_body_that_is_wrong_is_refused(log, body, encoding, status):
    assert_error(log(body, **{"Content-Encoding": encoding}), status)


def test_a_batch_costs_the_same_queries_however_many_points(log, django_assert_num_queries):
    log({"metrics": {"loss": {"values": [1]}}})
    body = {"metrics": {"loss": {"steps": list(range(1, 1001)), "values": [0.5] * 1000}}}
    # savepoint; run; summaries; points; summaries written; heartbeat; savepoint released
    with django_assert_num_queries(7):
        log(body)


@pytest.mark.parametrize(
    ("body", "field", "remedy"),
    [
        ({"params": {"a": "1", "lr": 0.5}}, "params.lr", 'send "0.1" for 0.1'),
        ({"tags": {"paper": True}}, "tags.paper", "Values are text"),
        ({"metrics": {"x": 0.5}}, "metrics.x", "A metric is columns"),
        ({"metrics": {"x": {"values": ["up"]}}}, "metrics.x.values", '"NaN"'),
    ],
)
def test_a_refusal_names_the_key_and_the_remedy(log, body, field, remedy):
    answer = log(body)
    assert_error(answer, 400, field=field)
    assert remedy in answer.body["message"]


def test_numbers_as_python_spells_them_are_read(log):
    log({"metrics": {"m": {"steps": [0, 1, 2], "values": ["nan", "inf", "-inf"]}}})
    (series,) = api.get("/api/v1/metrics/?run=r1&key=m").body["series"]
    assert series["values"] == ["NaN", "Infinity", "-Infinity"]
