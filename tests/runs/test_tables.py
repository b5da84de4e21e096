"""How points and buckets lie on disk after all migrations."""

import pytest
from django.db import connection

from runs import ingest
from tests.factories import make_run

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("table", ["runs_metricpoint", "runs_metricbucket"])
def test_a_table_read_in_order_is_clustered_by_its_key(table):
    """A later AlterField would rebuild it with a rowid, three times as large and slow, and tell nobody."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM sqlite_master WHERE name = %s", [table])
        (sql,) = cursor.fetchone()
    assert sql.rstrip().endswith("WITHOUT ROWID")


def test_a_point_of_a_long_series_takes_at_most_33_bytes():
    run = make_run()
    before = _bytes_used()
    for start in range(0, 100_000, 10_000):
        steps = list(range(start, start + 10_000))
        times = [1_795_521_600_000 + 137 * step for step in steps]
        series = ingest.Series(steps=steps, timestamps=times, values=[1 / (step + 1.5) for step in steps])
        ingest.store(run.run_id, ingest.Batch(metrics={"loss": series}))
    assert (_bytes_used() - before) / 100_000 <= 33


def _bytes_used() -> int:
    figures = []
    with connection.cursor() as cursor:
        for name in ("page_count", "freelist_count", "page_size"):
            cursor.execute(f"PRAGMA {name}")
            figures.append(cursor.fetchone()[0])
    pages, free, size = figures
    return (pages - free) * size


def test_the_database_checks_itself_as_sound():
    """SQLite 3.40's check calls values NULL that are not, in a clustered table whose key is not its first columns."""
    ingest.store(
        make_run().run_id, ingest.Batch(metrics={"loss": ingest.Series(values=[1.0] * 5000, steps=list(range(5000)))})
    )
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA integrity_check")
        assert cursor.fetchall() == [("ok",)]
