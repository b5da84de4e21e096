"""`manage.py seed_runs`: a full table to look at."""

from io import StringIO

import pytest
from django.core.management import call_command

from runs.checking import CHECKS, Scope, look
from runs.models import MetricPoint, Run

pytestmark = pytest.mark.django_db


def test_seeded_runs_are_like_logged_ones():
    said = StringIO()
    call_command("seed_runs", "sweep", runs=1003, params=8, metrics=2, tags=2, points=3, stdout=said)
    run = Run.objects.search("", ["start_time DESC"]).first()
    assert (Run.objects.count(), MetricPoint.objects.count()) == (1003, 1003 * 6)
    assert (run.params.count(), run.metrics.count(), run.tags.count(), run.point_count) == (8, 2, 2, 6)
    assert f"1,003 runs are in /experiments/{run.experiment_id}/." in said.getvalue()
    about_rows = [check for check in CHECKS if "file" not in check.name and "content" not in check.name]
    assert [finding for check in about_rows for finding in look(check, Scope())] == []


def test_seeded_runs_come_in_repetitions_with_other_seeds():
    call_command("seed_runs", "sweep", runs=200, params=3, metrics=1, tags=0, stdout=StringIO())
    assert 1 < Run.objects.values("configuration").distinct().count() < 200
