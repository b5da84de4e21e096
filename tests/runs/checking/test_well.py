"""A tracker that is well is told to be, whatever was logged."""

import math
from io import StringIO

import pytest
from django.core.management import call_command
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from runs import correcting, ingest, thinning
from runs.models import Blob, MetricPoint, Run
from tests.factories import NOON, make_run
from tests.runs.checking.damaging import execute, findings, found, long_run, one_step_run, put, repair

pytestmark = pytest.mark.django_db


def test_an_empty_database_is_well():
    said = StringIO()
    call_command("check_data", stdout=said)
    assert said.getvalue() == "All is well.\n"


def test_a_tracker_in_use_is_well():
    child = make_run(parent_run_id=make_run(params={"lr": "1e-3", "note": "nan"}).run_id)
    put(child)
    put(child, content=b"other weights")
    long_run()
    one_step_run()
    make_run(metrics={"loss": [math.nan, math.inf, 1.0], "empty": []}).trash()
    assert findings() == []


@pytest.mark.parametrize("from_step", [1, 300, 4097, 4999])
def test_a_long_series_that_was_cut_is_well(from_step):
    correcting.cut_metric(long_run(), "loss", from_step)
    assert findings() == []


def test_a_sum_that_overflows_on_the_way_is_no_damage():
    """Where adding overflows, the mean depends on the order in which points came."""
    run = make_run(metrics={"a": [1e308, 1e308, -1e308]})
    for step, value in enumerate([1e308, 1e308, -1e308, -1e308]):
        columns = ingest.Series(values=[value], steps=[step], timestamps=[NOON])
        ingest.store(run.run_id, ingest.Batch(metrics={"b": columns}))
    assert findings() == []


def test_a_run_that_is_being_deleted_for_good_is_left_alone():
    make_run(metrics={"loss": [1.0, 2.0]})
    execute("DELETE FROM runs_metricpoint")
    Run.objects.update(lifecycle_stage="purging", point_count=99, artifact_bytes=99)
    assert [check for check, _ in findings()] == ["deleted for good"]


def test_what_is_marked_to_be_deleted_for_good_is_told_as_harmless_and_goes_on():
    put(make_run(metrics={"loss": [1.0, 2.0]}))
    Run.objects.update(lifecycle_stage="purging")
    words = "what is deleted for good: 1 runs and 0 experiments are marked, and still take room"
    assert found() == ("deleted for good", words, True)
    assert repair().endswith("All is well.\n")
    assert [model.objects.count() for model in (Run, MetricPoint, Blob)] == [0, 0, 0]
    assert findings() == []


numbers = st.one_of(st.floats(), st.sampled_from([0.0, -0.0, 1e16, -1e16, 1e308, 5e-324, math.nan, math.inf]))
steps = st.one_of(st.integers(0, 40), st.integers(-(2**63), 2**63 - 1))
batches = st.lists(st.lists(st.tuples(steps, st.integers(0, 30), numbers), max_size=60), min_size=1, max_size=4)


class AnyData(TestCase):
    @settings(max_examples=60, deadline=None)
    @given(batches, st.booleans(), st.dictionaries(st.text("ab1.e-_", min_size=1, max_size=5), st.text(max_size=9)))
    def test_whatever_was_logged_is_well(self, logged, one_step, params):
        params = {key: value.replace("\0", "") for key, value in params.items()}
        before = (thinning.TREE_POINTS, thinning.LEAF_POINTS)
        thinning.TREE_POINTS, thinning.LEAF_POINTS = 16, 4
        try:
            run = make_run(params=params)
            for rows in logged:
                given_steps, times, values = (list(column) for column in zip(*rows, strict=True)) if rows else ([],) * 3
                given_steps = [7] * len(rows) if one_step else given_steps
                columns = ingest.Series(values=values, steps=given_steps, timestamps=times)
                ingest.store(run.run_id, ingest.Batch(metrics={"m": columns}))
            assert findings() == []
        finally:
            thinning.TREE_POINTS, thinning.LEAF_POINTS = before
