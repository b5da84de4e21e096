"""What is deleted for good: only what is in the trash, all of it, and its room comes back."""

import time

import pytest
from django.db import connection

from experiments.models import AuditEntry, Experiment, ExperimentTag
from runs import purging
from runs.artifacts import store
from runs.artifacts.storage import blob_storage
from runs.models import (
    Artifact,
    Blob,
    ConsoleChunk,
    Environment,
    Metric,
    MetricBucket,
    MetricPoint,
    Param,
    Run,
    SourceText,
    Tag,
    WriterMark,
)
from runs.purging import Purge
from tests.api import Api, assert_error
from tests.factories import log, make_experiment, make_run
from trackerweb.clock import now_ms
from trackerweb.errors import NotFound

pytestmark = pytest.mark.django_db
api = Api()


@pytest.fixture(autouse=True)
def no_rest(monkeypatch):
    """Steps follow each other at once; the rest between them is timed in test_purge_load.py."""
    monkeypatch.setattr(purging.time, "sleep", lambda seconds: None)


def full_run(**fields):
    """A run with a row in every table."""
    run = make_run(params={"lr": "1"}, tags={"a": "b"}, metrics={"loss": [1.0] * 10, "acc": [0.5]}, **fields)
    run.environment = Environment.of({"python": run.run_id, "source": {"a.py": "x = 1"}})
    run.save(update_fields=["environment"])
    ConsoleChunk.objects.create(run=run, stream="stdout", offset=0, text="hello")
    WriterMark.objects.create(run=run, writer="ab", seq=1)
    store.put(run, "own.txt", [run.run_id.encode()])
    return run


def rows():
    tables = [Run, Param, Tag, Metric, MetricPoint, ConsoleChunk, WriterMark, Artifact, Blob, Environment, SourceText]
    return {table.__name__: table.objects.count() for table in tables}


def purge(chosen: Purge) -> int:
    chosen.mark()
    return purging.sweep()


def test_a_purged_run_leaves_no_row_behind():
    run = full_run()
    run.trash()
    purge(Purge.of([run.run_id]))
    assert rows() == dict.fromkeys(rows(), 0)


def test_the_neighbours_keep_everything():
    kept = full_run()
    before = rows()
    gone = full_run()
    gone.trash()
    purge(Purge.of([gone.run_id]))
    assert rows() == before
    assert kept.metrics.get(key="loss").points.count() == 10


def test_an_active_run_is_never_purged():
    run = full_run()
    assert not Purge.of([run.run_id]).preview()
    assert Purge.of([run.run_id]).mark() == 0
    assert Run.objects.active().count() == 1


def test_a_run_that_was_restored_meanwhile_stays():
    run = full_run()
    run.trash()
    chosen = Purge.of([run.run_id])
    Run.objects.by_id(run.run_id).restore()
    purge(chosen)
    assert Run.objects.active().count() == 1


def test_descendants_that_went_along_go_along():
    parent = make_run()
    child = make_run(parent_run_id=parent.run_id)
    make_run(parent_run_id=child.run_id)
    parent.trash()
    purge(Purge.of([parent.run_id]))
    assert not Run.objects.exists()


def test_an_experiment_goes_with_its_runs_and_tags():
    experiment = make_experiment()
    experiment.set_tags({"a": "b"})
    full_run(experiment=experiment)
    earlier = full_run(experiment=experiment)
    earlier.trash()
    experiment.trash()
    purge(Purge.of(experiment_ids=[experiment.pk]))
    assert not Experiment.objects.filter(pk=experiment.pk).exists()
    assert not ExperimentTag.objects.exists()
    assert not Run.objects.exists()


def test_default_comes_back_empty():
    default = Experiment.objects.get(pk=0)
    make_run()
    default.trash()
    purge(Purge.of(experiment_ids=[0]))
    assert Experiment.objects.get(pk=0).is_active
    assert not Run.objects.exists()


def test_only_what_was_trashed_before_the_moment_goes():
    old, new = make_run(), make_run()
    old.trash()
    Run.objects.filter(pk=old.pk).update(deleted_time=now_ms() - 40 * purging.DAY_MS)
    new.trash()
    purge(Purge.trashed_before(purging.days_ago(30)))
    assert list(Run.objects.all()) == [new]


def test_content_that_another_run_has_stays():
    one, other = make_run(), make_run()
    for run in (one, other):
        store.put(run, "same.bin", [b"same"])
    one.trash()
    assert Purge.of([one.run_id]).preview().artifact_bytes == 0
    assert purge(Purge.of([one.run_id])) == 0
    with store.open_blob(other.artifacts.get().blob) as content:
        assert content.read() == b"same"


def test_content_that_nothing_names_any_more_leaves_the_disk():
    run = make_run()
    store.put(run, "a.bin", [b"only here, 20 bytes!"])
    name = store.name_of(Blob.objects.get().sha256)
    run.trash()
    assert Purge.of([run.run_id]).preview().artifact_bytes == 20
    assert purge(Purge.of([run.run_id])) == 20
    assert not blob_storage().exists(name)


def test_the_preview_counts_what_goes():
    experiment = make_experiment()
    for _ in range(3):
        full_run(experiment=experiment)
    experiment.trash()
    preview = Purge.everything().preview()
    assert (preview.experiments, preview.runs, preview.points, preview.artifacts) == (1, 3, 33, 3)
    assert preview.artifact_bytes == 3 * 32
    assert preview.row_bytes > 33 * 30


def test_what_is_marked_is_gone_to_everyone_at_once():
    run = full_run()
    run.trash()
    Purge.of([run.run_id]).mark()
    with pytest.raises(NotFound):
        Run.objects.by_id(run.run_id)
    for method, path, body in [
        ("GET", "", None),
        ("DELETE", "", None),
        ("POST", "restore/", {}),
        ("POST", "log/", {"tags": {"a": "c"}}),
        ("PUT", "artifacts/a", b"x"),
        ("GET", "artifacts/own.txt", None),
    ]:
        assert_error(api.send(method, f"/api/v1/runs/{run.run_id}/{path}", body), 404)
    assert_error(api.put(f"/api/v1/runs/{run.run_id}/", {}), 409)


def test_the_id_of_a_purged_run_can_be_used_again():
    run = full_run()
    run.trash()
    purge(Purge.of([run.run_id]))
    assert api.put(f"/api/v1/runs/{run.run_id}/", {}).status == 201


def test_an_interrupted_purge_goes_on(monkeypatch):
    runs = [full_run() for _ in range(3)]
    for run in runs:
        run.trash()
    chosen = Purge.everything()
    chosen.mark()
    monkeypatch.setattr(purging, "_delete_rows", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        purging.sweep()
    assert purging.remaining() == 3
    monkeypatch.undo()
    purging.sweep()
    assert rows() == dict.fromkeys(rows(), 0)


def test_a_long_series_goes_with_its_tree():
    run = make_run(metrics={"loss": [float(step) for step in range(30_000)]})
    assert MetricBucket.objects.exists()
    run.trash()
    purge(Purge.of([run.run_id]))
    assert not MetricPoint.objects.exists()
    assert not MetricBucket.objects.exists()


def test_each_run_leaves_an_audit_entry():
    run = make_run(name="old one")
    run.trash()
    purge(Purge.of([run.run_id]))
    entry = AuditEntry.objects.get(action="purge")
    assert (entry.kind, entry.object_id, entry.name) == ("run", run.run_id, "old one")


@pytest.mark.django_db(transaction=True)
def test_the_database_gives_its_pages_back():
    Experiment.objects.ensure_default()
    run = make_run()
    for part in range(3):
        log(run, metrics={f"loss{part}": [float(step) for step in range(30_000)]})
    run.trash()
    purge(Purge.of([run.run_id]))
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA freelist_count")
        assert cursor.fetchone() == (0,)


@pytest.mark.slow
def test_200_000_points_go_in_seconds():
    run = make_run()
    for part in range(4):
        log(run, metrics={f"loss{part}": [float(step) for step in range(50_000)]})
    run.trash()
    began = time.process_time()
    purge(Purge.of([run.run_id]))
    assert time.process_time() - began < 10
    assert not MetricPoint.objects.exists()
