"""A tree of buckets that does not fit its series is found and made again."""

from io import StringIO

import pytest
from django.core.management import call_command

from runs import moving, points, thinning
from runs.checking import series
from runs.models import MetricBucket, MetricPoint, Run
from tests.runs.checking.damaging import execute, findings, found, long_run, one_step_run, repair

pytestmark = pytest.mark.django_db


def damage_bucket(**fields):
    """Change one leaf in the middle of the only tree."""
    leaf = MetricBucket.objects.filter(is_split=False).order_by("level", "bucket")[5]
    chosen = MetricBucket.objects.filter(by_time=leaf.by_time, level=leaf.level, bucket=leaf.bucket)
    if fields:
        chosen.update(**fields)
    else:
        chosen.delete()


@pytest.mark.parametrize("make", [long_run, one_step_run])
@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "points, and"),
        ({"count": 3}, "counts 3 points, and"),
        ({"is_split": True}, "is split, and nothing lies below it"),
        ({"count": 300}, "holds too many points for a leaf"),
        ({"points": b""}, "keeps other points than first, last, lowest and highest"),
        ({"points": b"short"}, "a bucket of its tree can't be read"),
    ],
)
def test_a_wrong_bucket_is_found_and_made_again(make, fields, said):
    run = make()
    right = list(MetricBucket.objects.values_list())
    damage_bucket(**fields)
    check, words, is_repairable = found()
    assert (check, is_repairable) == ("trees", True)
    assert words.startswith(f"run {run.run_id}, metric 'loss'")
    assert said in words
    repair()
    assert sorted(MetricBucket.objects.values_list(), key=repr) == sorted(right, key=repr)
    assert findings() == []


@pytest.mark.parametrize(("make", "by_time"), [(long_run, False), (one_step_run, True)])
def test_a_tree_over_the_wrong_axis_is_found_and_made_again(make, by_time):
    make()
    MetricBucket.objects.update(by_time=not by_time)
    check, _, is_repairable = found()
    assert (check, is_repairable) == ("trees", True)
    repair()
    assert set(MetricBucket.objects.values_list("by_time", flat=True)) == {by_time}
    assert findings() == []


def test_a_tree_over_steps_of_a_series_of_one_step_is_found():
    """It holds what its points come to, and yet no drawing could tell them apart."""
    run = one_step_run()
    metric = run.metrics.get()
    thinning.forget(metric.pk)
    rows = [row for piece in points.pieces(metric.pk) for row in piece]
    tree = thinning.Tree(metric.pk, by_time=False, top=0, step=0)
    tree.write([thinning.Bucket(0, 0, len(rows), is_split=False, kept=thinning.keep(rows))])
    assert found()[1].endswith("its tree ranges over steps, and all points have one")
    repair()
    assert findings() == []


def test_a_missing_tree_is_found_and_made():
    long_run()
    MetricBucket.objects.all().delete()
    assert found()[1].endswith("it has 5000 points and no tree")
    repair()
    assert MetricBucket.objects.exists()
    assert findings() == []


def test_a_tree_of_a_short_series_is_found_and_dropped():
    long_run()
    MetricPoint.objects.filter(step__gte=10).delete()
    assert [check for check, _ in findings()] == ["summaries", "trees"]
    repair()
    assert not MetricBucket.objects.exists()
    assert findings() == []


def test_a_bucket_outside_of_its_tree_is_found():
    metric = long_run().metrics.get()
    metric.buckets.create(by_time=False, level=0, bucket=10**9, count=1, is_split=False, points=b"")
    assert found()[1].endswith("buckets lie outside of its tree")
    repair()
    assert findings() == []


def test_points_and_buckets_of_no_metric_are_found_and_deleted():
    long_run()
    execute("DELETE FROM runs_metric")
    Run.objects.update(point_count=0)
    checks = [(check, finding.what) for check, finding in findings()]
    assert checks == [
        ("points without a metric", "5000 points belong to no metric"),
        ("trees without a metric", "a tree belongs to no metric"),
    ]
    repair()
    assert not MetricPoint.objects.exists()
    assert not MetricBucket.objects.exists()
    assert findings() == []


def test_a_copy_is_right_even_if_a_repair_deletes_what_was_copied_so_far(monkeypatch):
    """Its points come before its metric, so for a moment they belong to none."""
    run = long_run()
    copy_points = moving._ReservedSeries.copy_points

    def interrupted(self):
        copy_points(self)
        said = StringIO()
        call_command("check_data", "--repair", stdout=said)
        assert "5000 points belong to no metric. Repaired." in said.getvalue()

    monkeypatch.setattr(moving._ReservedSeries, "copy_points", interrupted)
    copied = moving.copy_run(run)
    assert copied.metrics.get().points.count() == 5000
    assert findings() == []


def test_a_deletion_that_goes_on_is_no_damage(monkeypatch):
    long_run()
    execute("DELETE FROM runs_metric")
    Run.objects.update(point_count=0)
    MetricBucket.objects.all().delete()
    monkeypatch.setattr(series.time, "sleep", lambda _: execute("DELETE FROM runs_metricpoint WHERE step < 100"))
    assert findings() == []
