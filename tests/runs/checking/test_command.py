"""What `manage.py check_data` says, and how it ends."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from runs.models import Metric
from tests.factories import make_run
from tests.runs.checking.damaging import repair

pytestmark = pytest.mark.django_db


def test_without_repair_nothing_is_changed_and_the_status_is_1():
    make_run(metrics={"loss": [1.0]})
    Metric.objects.update(last=9.0)
    said = StringIO()
    with pytest.raises(CommandError, match=r"1 thing is wrong\. --repair puts right what can be") as stopped:
        call_command("check_data", stdout=said)
    assert stopped.value.returncode == 1
    assert "last is 9.0 and its points come to 1.0. --repair counts it again" in said.getvalue()
    assert Metric.objects.get().last == 9.0


def test_findings_come_as_json_too():
    run = make_run(metrics={"loss": [1.0]})
    Metric.objects.update(last=9.0)
    (line,) = repair("--json").splitlines()
    assert json.loads(line) == {
        "check": "summaries",
        "where": f"run {run.run_id}, metric 'loss'",
        "what": "last is 9.0 and its points come to 1.0",
        "remedy": "--repair counts it again from its points.",
        "harmless": False,
        "repairable": True,
        "repaired": True,
    }


def test_a_check_leaves_checkpoints_to_the_server():
    """Two processes that make them in the same moment may lose pages in SQLite before 3.51.3."""
    repair()
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_autocheckpoint")
        assert cursor.fetchone() == (0,)
