"""What becomes of entries on their way into a batch."""

import json
import math

import msgspec
import pytest

from runs import batches as server_batches
from runs.api.logging import SpelledBatch
from tracker.delivery import batches
from tracker.delivery.lanes import without
from tracker.journal.reading import Place, Read


def batch_of(*entries, most=1000):
    reads = [Read(entry, Place(number, number * 10)) for number, entry in enumerate(entries, 1)]
    return batches.next_batch(Place(0, 0), iter(reads), most)


def sent(*entries):
    return json.loads(batch_of(*entries).body("ab", 0, heartbeat=False))


def test_points_of_a_key_become_columns():
    body = sent({"t": 10, "s": 0, "m": {"loss": 1.0, "acc": 0.5}}, {"t": 11, "s": 1, "m": {"loss": 0.9}})
    assert body["metrics"] == {
        "loss": {"steps": [0, 1], "timestamps": [10, 11], "values": [1.0, 0.9]},
        "acc": {"steps": [0], "timestamps": [10], "values": [0.5]},
    }
    assert (body["writer"], body["after"], body["seq"]) == ("ab", 0, 2)


def test_what_json_has_no_number_for_is_spelled():
    body = sent(*({"t": 0, "s": 0, "m": {"x": value}} for value in (math.nan, math.inf, -math.inf, 1.0)))
    assert body["metrics"]["x"]["values"] == ["NaN", "Infinity", "-Infinity", 1.0]


def test_a_sum_that_overflows_is_no_infinity():
    body = sent({"t": 0, "s": 0, "m": {"x": 1e308}}, {"t": 0, "s": 1, "m": {"x": 1e308}})
    assert body["metrics"]["x"]["values"] == [1e308, 1e308]


def test_the_last_tag_wins_and_params_add_up():
    body = sent({"tags": {"a": "1"}, "params": {"p": "1"}}, {"tags": {"a": "2"}, "params": {"q": "2"}})
    assert (body["tags"], body["params"]) == ({"a": "2"}, {"p": "1", "q": "2"})


def test_a_tag_removed_and_set_again_is_set():
    body = sent({"tags": {"a": "1", "b": "1"}}, {"removed_tags": ["a", "b"]}, {"tags": {"a": "2"}})
    assert (body["tags"], body["removed_tags"]) == ({"a": "2"}, ["a", "b"])


def test_nothing_is_left_of_an_earlier_status():
    body = sent({"status": "FAILED", "failure": "x", "end_time": 5}, {"status": "RUNNING"})
    assert body["status"] == "RUNNING"
    assert not body.keys() & {"failure", "end_time"}


def test_a_damaged_line_counts_and_carries_nothing():
    batch = batch_of({"tags": {"a": "1"}}, None, {"tags": {"b": "1"}})
    assert (batch.entries, batch.damaged) == (3, 1)
    assert batch.parts["tags"] == {"a": "1", "b": "1"}


def test_a_batch_ends_where_it_holds_enough():
    points = [{"t": 0, "s": step, "m": {f"k{key}": 0.0 for key in range(100)}} for step in range(300)]
    assert batch_of(*points).entries == batches.MAX_POINTS // 100
    assert batch_of(*points, most=7).entries == 7


def test_the_server_knows_every_part_that_is_sent():
    entries = [
        {"t": 1, "s": 0, "m": {"x": math.nan}}, {"params": {"a": "1"}}, {"tags": {"b": "1"}}, {"removed_tags": ["c"]},
        {"console": [{"stream": "stdout", "offset": 0, "text": "hi\n"}]}, {"environment": {"python": "3.11"}},
        {"inputs": [{"name": "d", "digest": "1", "source_type": "local", "source": "{}", "tags": {}}]},
        {"status": "FAILED", "end_time": 1, "failure": "x"}, {"file": {"path": "a", "content": "1", "size": 1}},
    ]  # fmt: skip
    body = batch_of(*entries).body("ab", 0, heartbeat=True)
    read = msgspec.json.decode(body, type=SpelledBatch)
    assert read.heartbeat
    said = {field for field in SpelledBatch.__struct_fields__ if getattr(read, field) != getattr(SpelledBatch(), field)}
    assert said == set(SpelledBatch.__struct_fields__)
    assert batches.MAX_POINTS * 2 < server_batches.MAX_POINTS
    assert batches.MAX_KEYS * 2 < server_batches.MAX_KEYS


@pytest.mark.parametrize(
    ("field", "left"),
    [
        ("params.a", {"params": {"b": "2"}, "tags": {"a": "1"}}),
        ("tags.a", {"params": {"a": "1", "b": "2"}, "tags": {}}),
        ("params.zz", {}),
        ("params", {}),
        ("", {}),
    ],
)
def test_what_a_refusal_leaves_of_an_entry(field, left):
    assert without({"params": {"a": "1", "b": "2"}, "tags": {"a": "1"}}, field) == left


def test_a_refusal_of_points_names_a_column():
    assert without({"t": 0, "s": 0, "m": {"a": 1.0, "b.steps": 2.0}}, "metrics.a.steps")["m"] == {"b.steps": 2.0}
