"""The write path against a plain-Python model of what it should hold."""

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from runs import batches, ingest, thinning
from runs.history import read_series
from runs.models import ConsoleChunk, Metric, MetricBucket, MetricPoint, Param, Run
from runs.thinning import Tree
from tests.factories import NOON, make_run
from trackerweb.errors import Conflict, InvalidValue, NotFound, TooLarge

pytestmark = pytest.mark.django_db


def store(run, writer=None, seq=None, **batch):
    return ingest.store(run.run_id, ingest.Batch(writer=writer, seq=seq, **batch))


def series(*points):
    """Columns of (step, timestamp, value) triples."""
    steps, times, values = (list(column) for column in zip(*points, strict=True)) if points else ([], [], [])
    return ingest.Series(steps=steps, timestamps=times, values=values)


def test_params_tags_and_points_of_a_batch_are_stored():
    run = make_run()
    receipt = store(
        run, params={"lr": "0.1"}, tags={"kind": "base"}, metrics={"loss": series((0, 1, 2.0), (1, 2, 1.5))}
    )
    assert (receipt.applied, receipt.points) == (True, 2)
    assert list(run.params.values_list("key", "value", "number")) == [("lr", "0.1", 0.1)]
    assert list(run.tags.values_list("key", "value")) == [("kind", "base")]
    assert list(MetricPoint.objects.values_list("step", "timestamp", "value")) == [(0, 1, 2.0), (1, 2, 1.5)]


def test_a_param_may_be_sent_again_with_the_same_value():
    run = make_run(params={"lr": "0.1"})
    store(run, params={"lr": "0.1"})
    assert run.params.count() == 1


def test_another_value_of_a_param_is_refused_and_names_both():
    run = make_run(params={"lr": "0.1"})
    with pytest.raises(ingest.ParamConflict, match=r"'0.1'.*'0.2'"):
        store(run, params={"lr": "0.2"})


def test_a_refused_batch_stores_nothing():
    run = make_run(params={"lr": "0.1"})
    with pytest.raises(ingest.ParamConflict):
        store(
            run,
            writer="a",
            seq=1,
            params={"new": "1", "lr": "0.2"},
            tags={"t": "1"},
            metrics={"m": series((0, 0, 1.0))},
        )
    assert (run.params.count(), run.tags.count(), run.metrics.count(), run.writer_marks.count()) == (1, 0, 0, 0)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1e-3", 0.001),
        ("-2", -2.0),
        ("inf", math.inf),
        ("nan", None),
        ("1_0", None),
        (" 1", None),
        ("adam", None),
        ("", None),
    ],
)
def test_a_param_that_is_a_number_is_kept_as_one_too(text, number):
    run = make_run(params={"p": text})
    assert Param.objects.get(run=run).number == number


def test_the_last_value_of_a_tag_wins():
    run = make_run(tags={"state": "draft"})
    store(run, tags={"state": "done"})
    assert list(run.tags.values_list("value", flat=True)) == ["done"]


def test_points_without_steps_and_timestamps_have_step_0_and_the_present():
    run = make_run()
    store(run, metrics={"loss": ingest.Series(values=[1.0])})
    point = MetricPoint.objects.get()
    assert point.step == 0
    assert point.timestamp > NOON - 10**12


def test_a_batch_seen_before_is_acknowledged_and_changes_nothing():
    run = make_run()
    batch = {"writer": "ab", "seq": 1, "tags": {"state": "draft"}, "metrics": {"loss": series((0, 0, 1.0))}}
    store(run, **batch)
    run.set_tag("state", "edited on a page")
    receipt = store(run, **batch)
    assert not receipt.applied
    assert list(run.tags.values_list("value", flat=True)) == ["edited on a page"]


def test_a_batch_that_goes_on_where_its_writer_stands_is_stored():
    run = make_run()
    assert store(run, writer="ab", after=0, seq=3, tags={"t": "1"}) == ingest.Receipt(True, 0, 3)
    assert store(run, writer="ab", after=3, seq=4, tags={"t": "2"}) == ingest.Receipt(True, 0, 4)


@pytest.mark.parametrize(("after", "seq"), [(0, 3), (0, 5), (2, 5), (4, 6)])
def test_a_batch_that_does_not_go_on_there_is_told_where_its_writer_stands(after, seq):
    run = make_run()
    store(run, writer="ab", after=0, seq=3, tags={"t": "1"})
    assert store(run, writer="ab", after=after, seq=seq, tags={"t": "2"}) == ingest.Receipt(False, 0, 3)
    assert run.tags.get().value == "1"


def test_a_writer_that_has_said_nothing_stands_at_0():
    assert store(make_run(), writer="ab", after=4, seq=6) == ingest.Receipt(False, 0, 0)


def test_removed_tags_go_before_tags_come():
    run = make_run(tags={"a": "1", "b": "1"}, note="old")
    store(run, removed_tags=["a", "b", "mlflow.note.content"], tags={"b": "2"})
    assert dict(run.tags.values_list("key", "value")) == {"b": "2"}
    assert Run.objects.get(pk=run.pk).note == ""


def test_a_failure_is_kept_until_the_run_says_that_it_runs_again():
    run = make_run()
    store(run, status="FAILED", failure="ValueError: no data")
    assert Run.objects.get(pk=run.pk).failure == "ValueError: no data"
    store(run, status="RUNNING")
    assert Run.objects.get(pk=run.pk).failure == ""


def test_a_batch_brings_the_environment_and_the_data():
    run = make_run()
    used = batches.DatasetInput(name="digits", digest="1f", source_type="sklearn", source="{}", tags={"k": "v"})
    store(run, environment={"python": "3.11"}, inputs=[used])
    assert Run.objects.get(pk=run.pk).environment.content == {"python": "3.11"}
    assert run.dataset_uses.get().dataset.name == "digits"


def test_only_a_heartbeat_says_that_silence_will_mean_something():
    run = make_run(status="RUNNING", end_time=None)
    store(run, tags={"a": "1"})
    assert not Run.objects.get(pk=run.pk).has_heartbeat
    store(run, heartbeat=True)
    assert Run.objects.get(pk=run.pk).has_heartbeat


def test_writers_count_their_batches_apart():
    run = make_run()
    assert store(run, writer="a", seq=1, tags={"t": "1"}).applied
    assert store(run, writer="b", seq=1, tags={"t": "2"}).applied


def test_a_status_that_ends_a_run_ends_it_now_unless_told_when():
    run = make_run(status="RUNNING", end_time=None)
    store(run, status="FINISHED", end_time=NOON + 5)
    run.refresh_from_db()
    assert (run.status, run.end_time) == ("FINISHED", NOON + 5)
    store(run, status="RUNNING")
    run.refresh_from_db()
    assert run.end_time is None
    store(run, status="FAILED")
    run.refresh_from_db()
    assert run.end_time is not None


def test_console_text_at_one_offset_is_stored_once():
    run = make_run()
    piece = [ingest.ConsoleText(stream="stdout", offset=0, text="epoch 1\n")]
    store(run, console=piece)
    store(run, console=piece)
    assert list(ConsoleChunk.objects.values_list("stream", "offset", "text")) == [("stdout", 0, "epoch 1\n")]


def test_unknown_and_trashed_runs_are_refused():
    with pytest.raises(NotFound, match="PUT /api/v1/runs/nobody/"):
        ingest.store("nobody", ingest.Batch())
    run = make_run()
    run.trash()
    with pytest.raises(Conflict, match="trash"):
        store(run, tags={"a": "b"})


@pytest.mark.parametrize(
    ("batch", "field"),
    [
        ({"params": {"": "1"}}, "params"),
        ({"tags": {"a" * 251: "1"}}, "tags"),
        ({"metrics": {"a\nb": series((0, 0, 1.0))}}, "metrics"),
        ({"metrics": {"m": ingest.Series(values=[1.0], steps=[1, 2])}}, "metrics.m.steps"),
        ({"metrics": {"m": ingest.Series(values=[1.0, 2.0], timestamps=[1])}}, "metrics.m.timestamps"),
        ({"metrics": {"m": ingest.Series(values=[1.0], steps=[2**63])}}, "metrics.m.steps"),
        ({"metrics": {"m": ingest.Series(values=[1.0], timestamps=[-(2**63) - 1])}}, "metrics.m.timestamps"),
        ({"writer": "ab"}, "writer"),
        ({"after": 0}, "after"),
        ({"writer": "ab", "seq": 2, "after": 2}, "after"),
        ({"writer": "ab", "seq": 2, "after": -1}, "after"),
        ({"writer": "XYZ", "seq": 1}, "writer"),
        ({"writer": "ab", "seq": 0}, "seq"),
        ({"end_time": -1}, "end_time"),
        ({"console": [ingest.ConsoleText(stream="stdout", offset=-1, text="")]}, "console"),
    ],
)
def test_what_can_not_be_stored_is_refused_by_field(batch, field):
    with pytest.raises(InvalidValue) as refused:
        store(make_run(), **batch)
    assert refused.value.field == field


def test_a_batch_of_too_many_points_is_refused():
    with pytest.raises(TooLarge, match="100000 are allowed"):
        store(make_run(), metrics={"m": ingest.Series(values=[0.0] * 100_001)})


def test_a_failure_too_long_for_a_page_is_refused():
    with pytest.raises(TooLarge, match="100000 are allowed"):
        store(make_run(), failure="x" * 100_001)


# --- Properties: any points, any split, any order -------------------------------------------------------------------

numbers = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True),
    st.floats(-1e6, 1e6),
    st.sampled_from([0.0, -0.0, 1.0, 1e16, -1e16, 1e308, 5e-324, math.nan, math.inf, -math.inf]),
)
steps = st.one_of(st.integers(0, 30), st.integers(-(2**63), 2**63 - 1), st.just(0))
point_lists = st.lists(st.tuples(steps, st.integers(0, 20), numbers), min_size=1, max_size=60)


def order(point):
    """MLflow's order of points: NaN counts as 0 and comes after it."""
    step, time, value = point
    return (step, time, 0.0 if math.isnan(value) else value, math.isnan(value))


def distinct(given_points):
    return sorted({order(point) for point in given_points})


def same(one, other):
    return one == other or (one is None and other is None)


def check_against_model(metric, rows):
    """`rows` are the distinct points in order, as `order` makes them."""
    values = [row[2] for row in rows if not row[3]]
    last = rows[-1]
    assert (metric.count, metric.nan_count) == (len(rows), len(rows) - len(values))
    assert (metric.last_step, metric.last_time) == last[:2]
    assert same(metric.last, None if last[3] else last[2])
    assert same(metric.min, min(values, default=None))
    assert same(metric.max, max(values, default=None))
    if values:
        assert metric.min_step == min(row[0] for row in rows if not row[3] and row[2] == metric.min)
        assert metric.max_step == min(row[0] for row in rows if not row[3] and row[2] == metric.max)
    check_mean(metric.mean, values)


def check_mean(mean, values):
    try:
        # Where some of them add up to more than a float holds, the order of the sum decides: nothing is promised.
        math.fsum(abs(value) for value in values if math.isfinite(value))
        expected = math.fsum(values) / len(values)
    except (OverflowError, ValueError, ZeroDivisionError):
        return
    if math.isnan(expected):
        return
    assert mean == expected or math.isclose(mean, expected, rel_tol=1e-9, abs_tol=1e-9)


class AnySplit(TestCase):
    @settings(max_examples=120, deadline=None)
    @given(point_lists, st.data())
    def test_any_split_in_any_order_gives_the_same_summary_and_points(self, logged, data):
        run = make_run()
        cuts = sorted(data.draw(st.lists(st.integers(0, len(logged)), max_size=4)))
        pieces = [logged[a:b] for a, b in pairwise([0, *cuts, len(logged)])]
        for piece in data.draw(st.permutations([*pieces, *pieces[:1]])):
            store(run, metrics={"m": series(*piece)})
        rows = distinct(logged)
        check_against_model(Metric.objects.get(run=run), rows)
        stored = MetricPoint.objects.filter(series__run=run).order_by("step", "timestamp", "value", "is_nan")
        assert [tuple(row) for row in stored.values_list("step", "timestamp", "value", "is_nan")] == rows

    @settings(max_examples=150, deadline=None)
    @given(
        st.lists(
            st.tuples(st.one_of(st.integers(0, 400), st.integers(-(2**63), 2**63 - 1)), st.integers(0, 500), numbers),
            min_size=30,
            max_size=300,
        ),
        st.sampled_from(["as drawn", "one step"]),
        st.data(),
    )
    def test_the_tree_holds_what_the_points_come_to_whatever_the_order(self, logged, shape, data):
        if shape == "one step":
            logged = [(7, time, value) for _, time, value in logged[:-1]] + logged[-1:]
        with small_trees():
            run = make_run()
            cut = data.draw(st.integers(0, len(logged)))
            for piece in data.draw(st.permutations([logged[:cut], logged[cut:], logged[: cut // 2]])):
                if piece:
                    store(run, metrics={"m": series(*piece)})
            metric = Metric.objects.get(run=run)
            check_tree(metric, distinct(logged))
            check_peaks(metric, distinct(logged), data)


class small_trees:  # noqa: N801 - reads as a statement
    """Trees from 16 points on, with leaves of 4, so that small examples grow deep ones."""

    def __enter__(self):
        self.before = (thinning.TREE_POINTS, thinning.LEAF_POINTS)
        thinning.TREE_POINTS, thinning.LEAF_POINTS = 16, 4

    def __exit__(self, *error):
        thinning.TREE_POINTS, thinning.LEAF_POINTS = self.before


def check_tree(metric, rows):
    tree = Tree.of(metric.pk)
    if len(rows) <= thinning.TREE_POINTS:
        assert tree is None
        return
    for stored in MetricBucket.objects.filter(series=metric):
        (bucket,) = tree.buckets(stored.level, stored.bucket, stored.bucket)
        inside = [row for row in rows if bucket.start <= tree.axis(row) <= bucket.end]
        assert bucket.count == len(inside)
        assert [(*row[:3], bool(row[3])) for row in bucket.kept] == thinning.keep(inside)
        below = tree.buckets(bucket.level - 2, bucket.number * 4, bucket.number * 4 + 3) if bucket.level else []
        assert bool(below) == bucket.is_split
        assert not bucket.should_split
        if bucket.is_split:
            assert sum(child.count for child in below) == bucket.count


def check_peaks(metric, rows, data):
    """Whatever the window and the number of points asked for, its ends and its extremes are drawn."""
    by_time = len(rows) > 1 and rows[0][0] == rows[-1][0]
    axis = thinning.TIME if by_time else thinning.STEP
    places = sorted(axis(row) for row in rows)
    start, end = sorted(data.draw(st.lists(st.sampled_from(places), min_size=2, max_size=2)))
    (drawn,) = read_series([metric], data.draw(st.sampled_from([4, 12, 100])), start, end)
    got = {order(point) for point in zip(drawn.steps, drawn.timestamps, drawn.values, strict=True)}
    inside = [row for row in rows if start <= axis(row) <= end]
    assert set(thinning.keep(inside)) <= got <= set(inside)


def test_a_sum_of_nothing_is_remembered():
    run = make_run()
    store(run, metrics={"m": series((0, 0, 1.0), (1, 0, -1.0))})
    store(run, metrics={"m": series((2, 0, 6.0))})
    assert Metric.objects.get(run=run).mean == 2.0


def test_a_retry_on_a_long_series_leaves_it_as_it_is():
    run = make_run()
    whole = series(*((step, NOON, float(step)) for step in range(5000)))
    store(run, metrics={"m": whole})
    before = Metric.objects.values().get(run=run)
    assert store(run, metrics={"m": whole}).points == 0
    assert Metric.objects.values().get(run=run) == before


def test_a_run_in_another_batch_keeps_its_heartbeat_fresh():
    run = make_run(status="RUNNING", end_time=None, heartbeat_time=NOON)
    store(run, heartbeat=True)
    assert Run.objects.get(pk=run.pk).heartbeat_time > NOON or Run.objects.get(pk=run.pk).silence_ms < 10_000
