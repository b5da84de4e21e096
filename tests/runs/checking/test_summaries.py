"""A metric's summary that does not fit its points is found and counted again."""

import math
import struct

import pytest

from experiments.models import AuditEntry
from runs.models import Metric, Run
from tests.factories import NOON, make_run
from tests.runs.checking.damaging import execute, findings, found, repair

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("nan_count", 1, "nan_count is 1 and its points come to 0"),
        ("last", 9.0, "last is 9.0 and its points come to 2.0"),
        ("last", None, "last is None and its points come to 2.0"),
        ("last_step", 7, "last_step is 7 and its points come to 2"),
        ("last_time", 0, f"last_time is 0 and its points come to {NOON + 2000}"),
        ("min", -1.0, "min is -1.0 and its points come to 1.0"),
        ("min_step", 2, "min_step is 2 and its points come to 0"),
        ("max", 5.0, "max is 5.0 and its points come to 3.0"),
        ("max_step", 0, "max_step is 0 and its points come to 1"),
        ("mean", 2.5, "mean is 2.5 and its points come to 2.0"),
        ("mean", math.inf, "mean is inf and its points come to 2.0"),
        ("mean", None, "mean is None and its points come to 2.0"),
        ("exact_sum", struct.pack("<d", 7.0), "the sum that its mean is made of is not that of its points"),
        ("exact_sum", b"abc", "the sum that its mean is made of is not that of its points"),
    ],
)
def test_a_wrong_summary_is_found_and_counted_again(field, value, said):
    run = make_run(metrics={"loss": [1.0, 3.0, 2.0]})
    right = Metric.objects.values().get()
    Metric.objects.update(**{field: value})
    assert found() == ("summaries", f"run {run.run_id}, metric 'loss': {said}", True)
    assert repair().endswith("1 findings, 1 repaired.\nAll is well.\n")
    assert Metric.objects.values().get() == right
    assert findings() == []


def test_a_wrong_count_is_found_and_counted_again():
    run = make_run(metrics={"loss": [1.0, 3.0, 2.0]})
    Metric.objects.update(count=5)
    assert [check for check, _ in findings()] == ["summaries", "point counts"]
    assert "count is 5 and its points come to 3" in repair()
    assert Metric.objects.get().count == Run.objects.get(pk=run.pk).point_count == 3
    assert findings() == []


def test_a_lost_point_is_found_by_its_summary():
    make_run(metrics={"loss": [1.0, 3.0, 2.0]})
    execute("DELETE FROM runs_metricpoint WHERE step = 2")
    repair()
    metric = Metric.objects.get()
    assert (metric.count, metric.last, Run.objects.get().point_count) == (2, 3.0, 2)
    assert findings() == []


def test_a_repair_leaves_what_was_there_in_the_audit_trail():
    run = make_run(metrics={"loss": [1.0, 3.0]})
    Metric.objects.update(last=9.0)
    repair()
    entry = AuditEntry.objects.get(action="repair")
    assert (entry.who, entry.kind, entry.object_id) == ("check_data", "run", run.run_id)
    assert entry.before == {"metric loss": {"last": "9.0"}}
