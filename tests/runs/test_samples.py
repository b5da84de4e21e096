import math

import pytest

from runs import ingest
from runs.samples import spread
from tests.factories import make_run

pytestmark = pytest.mark.django_db


def samples_of(run, size=5):
    return [spread([metric], size)[metric.pk] for metric in run.metrics.order_by("key")]


def test_samples_run_evenly_from_the_first_point_to_the_last():
    run = make_run(metrics={"loss": range(101)})
    assert [sample.step for sample in samples_of(run)[0]] == [0, 25, 50, 75, 100]


def test_a_short_series_is_told_whole():
    run = make_run(metrics={"loss": [3, 2, 1]})
    assert [sample.value for sample in samples_of(run)[0]] == [3, 2, 1]


def test_a_series_without_steps_is_sampled_over_time():
    run = make_run()
    series = ingest.Series(
        steps=[0] * 9, timestamps=[1000 + 10 * i for i in range(9)], values=[float(i) for i in range(9)]
    )
    ingest.store(run.run_id, ingest.Batch(metrics={"loss": series}))
    assert [sample.timestamp for sample in samples_of(run)[0]] == [1000, 1020, 1040, 1060, 1080]


def test_nan_is_a_value_like_another():
    run = make_run(metrics={"loss": [1, math.nan, 3]})
    assert math.isnan(samples_of(run)[0][1].value)


def test_the_number_of_queries_does_not_grow_with_the_number_of_series(django_assert_num_queries):
    metrics = list(make_run(metrics={f"m{number:03}": range(50) for number in range(120)}).metrics.all())
    with django_assert_num_queries(2):  # first points, points between
        found = spread(metrics, 8)
    assert len(found) == 120
