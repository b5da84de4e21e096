"""Corrections of params and series: what is left is what would be there had only that been logged."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from experiments.models import AuditEntry
from runs import ingest, points
from runs.correcting import correct_param, cut_metric, delete_metric, delete_param
from runs.models import Metric, MetricBucket, MetricPoint, Run
from runs.thinning import Tree
from tests.factories import make_run
from tests.runs.test_ingest import check_against_model, check_peaks, check_tree, distinct, series, small_trees, store
from trackerweb.errors import Conflict, InvalidValue, NotFound

pytestmark = pytest.mark.django_db


def points_of(run, key="m"):
    rows = MetricPoint.objects.filter(series__run=run, series__key=key)
    return list(rows.order_by("step", "timestamp", "value", "is_nan").values_list("step", "value"))


def last_entry():
    entry = AuditEntry.objects.latest("pk")
    return entry.action, entry.kind, entry.object_id, entry.before


# Params


def test_a_corrected_param_has_the_new_value_as_text_and_number():
    run = make_run(params={"lr": "0.1"})
    correct_param(run, "lr", "1e-3")
    assert list(run.params.values_list("value", "number")) == [("1e-3", 0.001)]
    correct_param(run, "lr", "auto")
    assert list(run.params.values_list("value", "number")) == [("auto", None)]


def test_the_audit_trail_keeps_the_old_value_of_a_param():
    run = make_run(params={"lr": "0.1"})
    assert correct_param(run, "lr", "0.2") == AuditEntry.objects.get()
    assert last_entry() == ("correct param", "run", run.run_id, {"lr": "0.1"})


def test_the_same_value_again_is_no_correction():
    assert correct_param(make_run(params={"lr": "0.1"}), "lr", "0.1") is None
    assert not AuditEntry.objects.exists()


def test_a_deleted_param_is_gone_and_can_be_logged_anew():
    run = make_run(params={"lr": "0.1", "seed": "1"})
    delete_param(run, "lr")
    assert list(run.params.values_list("key", flat=True)) == ["seed"]
    assert last_entry() == ("delete param", "run", run.run_id, {"lr": "0.1"})
    store(run, params={"lr": "0.5"})
    assert run.params.get(key="lr").value == "0.5"


def test_a_correction_holds_against_the_script_that_sends_the_old_value_again():
    run = make_run(params={"lr": "0.1"})
    correct_param(run, "lr", "0.2")
    correct_param(run, "lr", "0.3")
    store(run, params={"lr": "0.1", "seed": "1"})
    assert dict(run.params.values_list("key", "value")) == {"lr": "0.3", "seed": "1"}
    with pytest.raises(ingest.ParamConflict, match=r"'0.3'.*'0.4'"):
        store(run, params={"lr": "0.4"})


# Metrics


def test_a_deleted_metric_leaves_no_point_no_bucket_and_no_count():
    run = make_run(metrics={"m": range(5000), "other": [1, 2]})
    delete_metric(run, "m")
    run.refresh_from_db()
    assert (run.point_count, MetricPoint.objects.count(), MetricBucket.objects.count()) == (2, 2, 0)
    assert list(run.metrics.values_list("key", flat=True)) == ["other"]


def test_a_series_without_points_can_be_deleted():
    run = make_run()
    store(run, metrics={"m": ingest.Series(values=[])})
    delete_metric(run, "m")
    assert not run.metrics.exists()
    assert last_entry()[3]["m"]["points"] == 0


def test_a_long_series_is_deleted_in_pieces(monkeypatch):
    monkeypatch.setattr(points, "DELETE_PIECE", 7)
    run = make_run(metrics={"m": range(30)})
    delete_metric(run, "m")
    assert not MetricPoint.objects.exists()


def test_a_cut_takes_the_step_itself_and_all_after_it():
    run = make_run(metrics={"m": [5, 4, 3, 2, 1]})
    cut_metric(run, "m", 3)
    assert points_of(run) == [(0, 5.0), (1, 4.0), (2, 3.0)]
    run.refresh_from_db()
    assert run.point_count == 3


def test_the_audit_trail_keeps_what_the_cut_points_came_to():
    run = make_run(metrics={"m": [5, 4, 1, math.nan, math.inf, 2]})
    cut_metric(run, "m", 2)
    told = {
        "points": 4, "nan_count": 1, "first_step": 2, "last_step": 5, "last": 2.0, "min": 1.0, "max": "Infinity",
    }  # fmt: skip
    assert last_entry() == ("cut metric", "run", run.run_id, {"m": told})


def test_a_cut_that_leaves_nothing_deletes_the_series():
    run = make_run(metrics={"m": [5, 4]})
    cut_metric(run, "m", -10)
    assert not run.metrics.exists()
    assert not MetricPoint.objects.exists()


def test_a_cut_beyond_the_last_step_changes_nothing():
    run = make_run(metrics={"m": [5, 4]})
    assert cut_metric(run, "m", 2) is None
    assert not AuditEntry.objects.exists()


def test_a_cut_metric_can_be_logged_on():
    run = make_run(metrics={"m": range(10)})
    cut_metric(run, "m", 4)
    store(run, metrics={"m": series((4, 0, 40.0), (5, 0, 50.0))})
    assert points_of(run)[-3:] == [(3, 3.0), (4, 40.0), (5, 50.0)]
    assert run.metrics.get().last == 50.0


def test_a_cut_that_leaves_one_step_turns_its_tree_to_time():
    run = make_run()
    store(run, metrics={"m": series(*((0, time, 1.0) for time in range(5000)), (1, 0, 2.0))})
    cut_metric(run, "m", 1)
    assert Tree.of(run.metrics.get().pk).by_time


def test_a_short_rest_of_a_long_series_has_no_tree():
    run = make_run(metrics={"m": range(5000)})
    cut_metric(run, "m", 100)
    assert not MetricBucket.objects.exists()


def test_cutting_off_a_far_step_makes_the_tree_low_again():
    run = make_run(metrics={"m": range(5000)})
    top = Tree.of(run.metrics.get().pk).top
    store(run, metrics={"m": series((2**60, 0, 1.0))})
    cut_metric(run, "m", 2**60)
    assert Tree.of(run.metrics.get().pk).top == top


@pytest.mark.parametrize(
    "correction",
    [
        lambda run: correct_param(run, "lr", "1"),
        lambda run: delete_param(run, "lr"),
        lambda run: cut_metric(run, "m", 0),
        lambda run: delete_metric(run, "m"),
    ],
)
def test_a_run_in_the_trash_is_not_corrected_and_what_is_not_there_is_named(correction):
    with pytest.raises(NotFound, match=r"'lr'|'m'"):
        correction(make_run())
    run = make_run(params={"lr": "0.1"}, metrics={"m": [1]})
    Run.objects.get(pk=run.pk).trash()
    with pytest.raises(Conflict, match="trash"):
        correction(run)


def test_a_step_beyond_64_bits_is_refused():
    with pytest.raises(InvalidValue) as refused:
        cut_metric(make_run(metrics={"m": [1]}), "m", 2**63)
    assert refused.value.field == "from_step"


# Properties

COLUMNS = [
    "last", "last_step", "last_time", "min", "min_step", "max", "max_step", "mean", "count", "nan_count", "exact_sum",
]  # fmt: skip
numbers = st.one_of(
    st.floats(-1e6, 1e6), st.sampled_from([0.0, 1.0, -1.0, 1e16, -1e16, 5e-324, math.nan, math.inf, -math.inf])
)
steps = st.one_of(st.integers(0, 60), st.sampled_from([0, 7]), st.integers(-(2**63), 2**63 - 1))
pieces = st.lists(st.tuples(steps, st.integers(0, 40), numbers), min_size=1, max_size=60)


def columns_of(run):
    found = Metric.objects.filter(run=run).values_list(*COLUMNS).first()
    # A sum that is no number has many spellings in bits.
    return found and (*found[:-1], None if found[7] is None or not math.isfinite(found[7]) else found[-1])


class AnyCut(TestCase):
    @pytest.mark.slow
    @settings(max_examples=150, deadline=None)
    @given(st.lists(st.tuples(pieces, st.one_of(st.none(), steps)), min_size=1, max_size=5), st.data())
    def test_what_is_left_is_what_a_fresh_run_of_the_rest_would_hold(self, history, data):
        with small_trees():
            run, kept = make_run(), set()
            for logged, cut in history:
                store(run, metrics={"m": series(*logged)})
                kept |= set(distinct(logged))
                if cut is not None:
                    cut_metric(run, "m", cut)
                    kept = {row for row in kept if row[0] < cut}
                check_equal_to_fresh(run, sorted(kept), data)


def check_equal_to_fresh(run, rows, data):
    fresh = make_run()
    logged = [(step, time, math.nan if is_nan else value) for step, time, value, is_nan in rows]
    store(fresh, metrics={"m": series(*logged)} if logged else {})
    run.refresh_from_db()
    assert run.point_count == len(rows) == MetricPoint.objects.filter(series__run=run).count()
    assert columns_of(run) == columns_of(fresh)
    if rows:
        metric = Metric.objects.get(run=run)
        check_against_model(metric, rows)
        check_tree(metric, rows)
        check_peaks(metric, rows, data)
    else:
        assert not Metric.objects.filter(run=run).exists()
